import { describe, expect, it } from 'vitest'
import { parseJob } from '../../../src/rack/rollout/decode-batch.ts'
import type { JobFacts } from '../../../src/rack/rollout/facts.ts'
import { judgeCommand, type RunningCommand } from '../../../src/rack/rollout/judge-command.ts'
import { at, event, pod, rollout, stamp, type PodOptions } from './cluster-objects.ts'

/** Made after two seconds, with a minute to run. */
const command: RunningCommand = {
  service: 'web', command: 'bin/migrate', name: 'release-p', uid: 'release-uid', containers: [], startedAt: stamp(0), madeAt: stamp(2), deadline: 60, until: stamp(62), blindMs: 0,
}
const jobOf = (condition?: readonly [type: string, reason?: string, message?: string], deletedAt?: string): JobFacts => {
  const [type, reason, message] = condition ?? []
  const job = parseJob({
    metadata: { name: 'release-p', namespace: 'convox-shop', uid: 'release-uid', creationTimestamp: stamp(2), deletionTimestamp: deletedAt }, spec: { template: {} },
    status: { conditions: type === undefined ? [] : [{ type, status: 'True', reason, message }] },
  })
  if (job === undefined) throw new Error('the test made a Job that is none')
  return job
}
const podOf = (options: PodOptions) => pod('release-p-x', 'release-p', [3, { owner: { kind: 'Job', uid: 'release-uid' }, ...options }])
const running = podOf({ running: 3 })
const failedBy = (exitCode: number) => podOf({ phase: 'Failed', terminated: [exitCode, 5] })
const notFound = podOf({ phase: 'Pending', waiting: ['ErrImageNeverPull', 'Container image "shop:2" is not present with pull policy of Never'] })

const look = (seconds: number, jobs: readonly JobFacts[], pods = [running], more: Partial<RunningCommand> = {}) =>
  judgeCommand(rollout({ jobs, pods, deployments: [], replicaSets: [] }), { ...command, ...more }, at(seconds))
const cause = { kind: 'release_command_failed', rule: 'release-command', service: 'web', command: 'bin/migrate' }

describe('a release command', () => {
  it.each([
    ['its process runs', look(10, [jobOf()]), 92],
    ['its deadline is over and the cluster has not ended it yet', look(91, [jobOf()]), 92],
    ['its deadline is over by our clock, but it was not seen for a while', look(100, [jobOf()], [running], { blindMs: 20_000 }), 112],
    ['its Job has not reached the watch yet', look(6, []), 7],
  ])('goes on while %s', (_what, verdict, nextLook) => {
    expect(verdict).toEqual({ kind: 'running', nextLookAt: at(nextLook) })
  })

  it('is complete when its Job says so, however late that is seen', () => {
    expect(look(4_000, [jobOf(['Complete'])])).toEqual({ kind: 'complete' })
  })

  it.each([
    ['its process ended badly', look(10, [jobOf(['Failed', 'BackoffLimitExceeded', 'reached the limit'])], [failedBy(3)]), { ...cause, process: 'release-p-x', container: 'main', exitCode: 3, reason: 'Error', message: 'reached the limit' }],
    ['the cluster ended it at its deadline', look(63, [jobOf(['Failed', 'DeadlineExceeded', 'too long'])], []), { ...cause, deadline: 60, reason: 'DeadlineExceeded', message: 'too long' }],
    ['the cluster has not ended it long after its deadline', look(92, [jobOf()]), { ...cause, process: 'release-p-x', deadline: 60 }],
    ['the time in which it was not seen is over as well', look(112, [jobOf()], [running], { blindMs: 20_000 }), { ...cause, process: 'release-p-x', deadline: 60 }],
    ['its Job is not there although it was made a while ago', look(7, [], []), { ...cause, message: 'its Job was deleted' }],
    ['its Job is being deleted', look(4, [jobOf(undefined, stamp(4))], []), { ...cause, message: 'its Job was deleted' }],
  ])('has failed when %s', (_what, verdict, wanted) => {
    expect(verdict).toEqual({ kind: 'failed', cause: { ...wanted, firstSeen: expect.any(String) } })
  })

  it('has failed before its deadline when its process can never start', () => {
    const facts = rollout({ jobs: [jobOf()], pods: [notFound], events: [event('release-p-x', 'ErrImageNeverPull', 'not present')], deployments: [], replicaSets: [] })
    expect(judgeCommand(facts, command, at(20))).toMatchObject({ kind: 'failed', cause: { service: 'web', process: 'release-p-x', reason: 'ErrImageNeverPull' } })
  })
})
