import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listAt, mapAt, mapsAt, textAt, type JsonMap } from '../../../../sandbox/cluster/json.ts'
import { parseSchedule } from '../../../../sandbox/cluster/schedule.ts'
import { addNode, closeCluster, openCluster, type Client } from '../client.ts'
import { steppedClock, type SteppedClock } from '../stepped-clock.ts'

let client: Client
let clock: SteppedClock
beforeEach(async () => {
  clock = steppedClock(Date.parse('2026-11-21T01:00:30Z'))
  client = await openCluster({ clock })
  addNode(client.cluster)
})
afterEach(() => closeCluster(client))

const timer = (spec: JsonMap = {}, name = 'tick'): JsonMap => ({
  apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name },
  spec: { schedule: '* * * * *', jobTemplate: { spec: { backoffLimit: 0, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'shop:1' }] } } } }, ...spec },
})
const put = (spec: JsonMap = {}) => client.cluster.put('cronjobs.batch', 'demo', timer(spec))
const reach = (time: string) => clock.reach(Date.parse(`2026-11-21T${time}Z`), client.cluster.settled)
const status = () => mapAt(client.cluster.get('cronjobs.batch', 'demo', 'tick'), 'status')
const minutes = () => client.cluster.list('jobs.batch', 'demo').map((job) => textAt(job, 'metadata', 'annotations', 'batch.kubernetes.io/cronjob-scheduled-timestamp').slice(11, 16))
const messages = (reason: string) => client.cluster.list('events', 'demo').filter((event) => event['reason'] === reason).map((event) => textAt(event, 'message'))
const finish = async (phase: string) => {
  for (const pod of client.cluster.list('pods', 'demo')) {
    if (textAt(pod, 'status', 'phase') === 'Pending') client.cluster.put('pods', 'demo', { ...pod, status: { ...mapAt(pod, 'status'), phase } }, { manager: 'kubelet', subresource: 'status' })
  }
  await clock.reach(clock.now() + 3_000, client.cluster.settled)
}

describe('A CronJob', () => {
  it('makes a Job when its time has come, and forgets it when it has ended', async () => {
    put()
    await reach('01:00:59')
    expect(minutes()).toEqual([])
    await reach('01:01:01')
    expect([minutes(), status()['lastScheduleTime'], listAt(status(), 'active').length]).toEqual([['01:01'], '2026-11-21T01:01:00Z', 1])
    await finish('Succeeded')
    expect([status()['active'], status()['lastSuccessfulTime']]).toEqual([undefined, '2026-11-21T01:01:01Z'])
    expect(messages('SawCompletedJob')).toEqual([expect.stringMatching(/^Saw completed job: tick-\d+, condition: Complete$/)])
  })

  it('makes none while it is suspended, and only the last of those it missed', async () => {
    put({ suspend: true })
    await reach('01:03:30')
    expect(minutes()).toEqual([])
    await client.call('PATCH', '/apis/batch/v1/namespaces/demo/cronjobs/tick', { spec: { suspend: false } })
    await client.cluster.settled()
    expect(minutes()).toEqual(['01:03'])
  })

  it.each<[string, string[], string[]]>([
    ['Allow', ['01:01', '01:02'], []],
    ['Forbid', ['01:01'], ['Not starting job because prior execution is running and concurrency policy is Forbid']],
    ['Replace', ['01:02'], []],
  ])('that finds the last Job still running goes by its policy %s', async (concurrencyPolicy, expected, said) => {
    put({ concurrencyPolicy })
    await reach('01:02:01')
    expect([minutes(), messages('JobAlreadyActive')]).toEqual([expected, said])
  })

  it('keeps as many ended Jobs as it is told to', async () => {
    put({ failedJobsHistoryLimit: 1 })
    for (const time of ['01:01:01', '01:02:01', '01:03:01']) {
      await reach(time)
      await finish('Failed')
    }
    expect(minutes()).toEqual(['01:03'])
    expect(messages('SuccessfulDelete')).toHaveLength(2)
  })

  it('takes its Jobs and their pods with it when it is deleted', async () => {
    put()
    await reach('01:01:01')
    await client.call('DELETE', '/apis/batch/v1/namespaces/demo/cronjobs/tick')
    await clock.reach(clock.now() + 3_000, client.cluster.settled)
    expect([client.cluster.list('jobs.batch', 'demo'), client.cluster.list('pods', 'demo').every((pod) => textAt(pod, 'metadata', 'deletionTimestamp') !== '')]).toEqual([[], true])
  })

  it.each<[string, JsonMap, string, string]>([
    ['a schedule of four fields', { schedule: '* * * *' }, 'tick', 'spec.schedule: Invalid value: "* * * *": expected exactly 5 fields, found 4: [* * * *]'],
    ['no schedule', { schedule: '' }, 'tick', 'spec.schedule: Required value'],
    ['an unknown time zone', { timeZone: 'Europe/Nowhere' }, 'tick', 'spec.timeZone: Invalid value: "Europe/Nowhere": unknown time zone Europe/Nowhere'],
    ['a name without room for its Jobs', {}, 'x'.repeat(53), `metadata.name: Invalid value: "${'x'.repeat(53)}": must be no more than 52 characters`],
    ['an unknown policy', { concurrencyPolicy: 'Maybe' }, 'tick', 'spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"'],
  ])('is refused with %s', async (_, spec, name, why) => {
    const answer = await client.call('POST', '/apis/batch/v1/namespaces/demo/cronjobs', timer(spec, name))
    expect([answer.status, answer.message]).toEqual([422, `CronJob.batch "${name}" is invalid: ${why}`])
  })

  it('has Jobs that carry what its template says', async () => {
    client.cluster.put('cronjobs.batch', 'demo', timer({ jobTemplate: { metadata: { labels: { app: 'shop' } }, ...mapAt(timer(), 'spec', 'jobTemplate') } }))
    await reach('01:01:01')
    const [job] = client.cluster.list('jobs.batch', 'demo')
    expect([textAt(job, 'metadata', 'labels', 'app'), mapsAt(job, 'metadata', 'ownerReferences')[0]]).toEqual(['shop', expect.objectContaining({ kind: 'CronJob', name: 'tick', controller: true })])
  })
})

describe('A schedule', () => {
  it.each<[string, string, string | undefined, string]>([
    ['*/5 * * * *', '2026-11-21T01:00:30Z', undefined, '2026-11-21T01:05:00.000Z'],
    ['0 6 * * 1', '2026-11-21T01:00:00Z', undefined, '2026-11-23T06:00:00.000Z'],
    ['30 2 * * *', '2026-11-21T00:00:00Z', 'Europe/Berlin', '2026-11-21T01:30:00.000Z'],
    ['@daily', '2026-11-21T01:00:00Z', undefined, '2026-11-22T00:00:00.000Z'],
    ['@every 90s', '2026-11-21T01:00:00Z', undefined, '2026-11-21T01:01:30.000Z'],
    ['0 0 ? * *', '2026-11-21T00:00:00Z', undefined, '2026-11-22T00:00:00.000Z'],
  ])('%s comes round after %s in %s at %s', (text, from, zone, expected) => {
    expect(new Date(parseSchedule(text, zone).next(Date.parse(from))).toISOString()).toBe(expected)
  })

  it.each(['* * * *', '61 * * * *', '@every soon', '@never', 'hello'])('cannot be %j', (text) => {
    expect(() => parseSchedule(text)).toThrow(Error)
  })
})
