import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listAt, mapAt, mapsAt, textAt, type JsonMap } from '../../../../sandbox/cluster/json.ts'
import { addNode, closeCluster, openCluster, type Client } from '../client.ts'
import { steppedClock, type SteppedClock } from '../stepped-clock.ts'

let client: Client
let clock: SteppedClock
beforeEach(async () => {
  clock = steppedClock()
  client = await openCluster({ clock })
  addNode(client.cluster)
})
afterEach(() => closeCluster(client))

const path = '/apis/batch/v1/namespaces/demo/jobs'
const job = (spec: JsonMap = {}, labels?: JsonMap): JsonMap => ({
  metadata: { name: 'migrate' },
  spec: { template: { ...(labels && { metadata: { labels } }), spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'shop:1' }] } }, ...spec },
})
const start = async (body: JsonMap = job()) => {
  client.cluster.put('jobs.batch', 'demo', body)
  await later(2)
}
const later = (seconds: number) => clock.reach(clock.now() + seconds * 1000, client.cluster.settled)
const stored = () => client.cluster.get('jobs.batch', 'demo', 'migrate')
const status = () => mapAt(stored(), 'status')
const conditions = () => mapsAt(status(), 'conditions').map((condition) => `${textAt(condition, 'type')} ${textAt(condition, 'reason')}`)
const pods = () => client.cluster.list('pods', 'demo')
const messages = (reason: string) => client.cluster.list('events', 'demo').filter((event) => event['reason'] === reason).map((event) => textAt(event, 'message'))
const finish = async (phase: string) => {
  for (const pod of pods()) {
    if (textAt(pod, 'status', 'phase') === 'Pending') client.cluster.put('pods', 'demo', { ...pod, status: { ...mapAt(pod, 'status'), phase } }, { manager: 'kubelet', subresource: 'status' })
  }
  await later(2)
}

describe('A Job', () => {
  it('runs one pod, keeps it until its end is counted, and is complete when it succeeds', async () => {
    await start()
    expect([pods().length, status()['active'], listAt(pods()[0], 'metadata', 'finalizers')]).toEqual([1, 1, ['batch.kubernetes.io/job-tracking']])
    await finish('Succeeded')
    expect(conditions()).toEqual(['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached'])
    expect([status()['succeeded'], status()['active'], listAt(pods()[0], 'metadata', 'finalizers')]).toEqual([1, undefined, []])
    expect(messages('Completed')).toEqual(['Job completed'])
  })

  it('fails with its first pod when none may fail', async () => {
    await start(job({ backoffLimit: 0 }))
    await finish('Failed')
    expect(conditions()).toEqual(['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded'])
    expect([status()['failed'], pods().length]).toEqual([1, 1])
    expect(messages('BackoffLimitExceeded')).toEqual(['Job has reached the specified backoff limit'])
  })

  it('replaces a failed pod after ten seconds', async () => {
    await start(job({ backoffLimit: 1 }))
    await finish('Failed')
    expect([pods().length, status()['failed']]).toEqual([1, 1])
    await later(9)
    expect(pods().length).toBe(2)
    await finish('Failed')
    expect(conditions().at(-1)).toBe('Failed BackoffLimitExceeded')
  })

  it('is failed by its deadline only once its pod has gone', async () => {
    await start(job({ activeDeadlineSeconds: 5 }))
    await later(5)
    expect([conditions(), status()['terminating'], status()['failed']]).toEqual([['FailureTarget DeadlineExceeded'], 1, 1])
    const [pod] = pods()
    await client.call('DELETE', `/api/v1/namespaces/demo/pods/${textAt(pod, 'metadata', 'name')}`, { gracePeriodSeconds: 0 })
    await later(2)
    expect([conditions().at(-1), pods().length]).toEqual(['Failed DeadlineExceeded', 0])
  })

  it('makes no pods while it is suspended, and counts its time anew when it goes on', async () => {
    await start(job({ suspend: true }))
    expect([pods().length, conditions(), status()['startTime']]).toEqual([0, ['Suspended JobSuspended'], undefined])
    await client.call('PATCH', `${path}/migrate`, { spec: { suspend: false } })
    await later(1)
    expect([pods().length, conditions()]).toEqual([1, ['Suspended JobResumed']])
  })

  it.each<[string | undefined, boolean]>([
    ['Background', false],
    ['Orphan', true],
    [undefined, true],
  ])('deleted with the policy %s leaves pods: %s', async (propagationPolicy, left) => {
    await start()
    await finish('Succeeded')
    const answer = await client.call('DELETE', `${path}/migrate`, propagationPolicy === undefined ? {} : { propagationPolicy })
    await later(2)
    expect([stored(), pods().length > 0]).toEqual([undefined, left])
    const warning = '299 - "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning"'
    expect(answer.headers.get('warning')).toBe(propagationPolicy === undefined ? warning : null)
  })

  it('goes by itself when its time to live is over', async () => {
    await start(job({ ttlSecondsAfterFinished: 30 }))
    await finish('Succeeded')
    await later(25)
    expect(stored()).toBeDefined()
    await later(10)
    expect([stored(), pods()]).toEqual([undefined, []])
  })

  it('may not change its template', async () => {
    await start()
    const answer = await client.call('PATCH', `${path}/migrate`, { spec: { template: { spec: { containers: [{ name: 'main', image: 'shop:2' }] } } } })
    expect(answer.message).toMatch(/^Job\.batch "migrate" is invalid: spec\.template: Invalid value: .*: field is immutable$/)
  })

  it.each<[string, JsonMap, JsonMap | undefined, string[]]>([
    ['those it is found by', {}, undefined, ['batch.kubernetes.io/controller-uid', 'batch.kubernetes.io/job-name', 'controller-uid', 'job-name']],
    ['those of its template', {}, { app: 'x' }, ['app', 'batch.kubernetes.io/controller-uid', 'batch.kubernetes.io/job-name', 'controller-uid', 'job-name']],
    ['its own only', { own: 'yes' }, { app: 'x' }, ['own']],
  ])('has labels: %s', async (_, own, ofTemplate, expected) => {
    const body = job({}, ofTemplate)
    await start({ ...body, metadata: { name: 'migrate', ...(Object.keys(own).length > 0 && { labels: own }) } })
    expect(Object.keys(mapAt(stored(), 'metadata', 'labels')).sort()).toEqual(expected)
    expect(Object.keys(mapAt(pods()[0], 'metadata', 'labels'))).toContain('batch.kubernetes.io/job-name')
  })
})
