import { describe, expect, it } from 'vitest'

import { judge, judgeStability, type StabilityWindow } from '../../../src/rack/rollout/judge.ts'
import { baselineOf, expectService } from '../../../src/rack/rollout/rollout-facts.ts'
import type { RolloutFacts } from '../../../src/rack/rollout/rollout-facts.ts'
import { at, deployment, deploymentRaw, event, pod, podTemplate, replicaSet, rollout, stamp, windowFrom } from './cluster-objects.ts'
import type { DeploymentOptions, PodOptions } from './cluster-objects.ts'

const good = (name: string) => pod(name, 'new', [1, { running: 1 }], [2, { running: 1, ready: true }])
const done = (more: Partial<RolloutFacts> = {}) =>
  rollout({ deployments: [deployment()], replicaSets: [replicaSet('new'), replicaSet('old', { image: 'shop:1', revision: '1', replicas: 0 })], pods: [good('a'), good('b')], ...more })

const causeAt = (facts: RolloutFacts, seconds: number) => {
  const verdict = judge(facts, at(seconds))
  return verdict.kind === 'failed' ? verdict.causes[0] : undefined
}

describe('what is complete', () => {
  it('is complete when everything runs and nothing old does', () => {
    expect(judge(done(), at(5))).toMatchObject({ kind: 'complete', services: [{ service: 'web', state: 'ready', ready: 2, desired: 2 }] })
  })

  const notYet: [string, DeploymentOptions][] = [
    ['the controller has not seen the new generation, though Available=True still stands', { observed: 1, conditions: [{ type: 'Available', status: 'True' }] }],
    ['an old process is still counted', { status: { replicas: 3 } }],
    ['not all are updated', { status: { updatedReplicas: 1 } }],
    ['not all are available', { status: { availableReplicas: 1 } }],
    ['somebody scaled to three meanwhile', { replicas: 3, status: { replicas: 2, updatedReplicas: 2, availableReplicas: 2 } }],
    ['the revision is not the new ReplicaSet\'s yet', { revision: '1' }],
  ]
  it.each(notYet)('is not complete while %s', (_why, options) => {
    expect(judge(done({ deployments: [deployment(options)] }), at(5)).kind).toBe('progressing')
  })

  it('is not complete while the watch shows the generation before ours, complete as it is', () => {
    const [web] = done().expected
    expect(judge(done({ expected: web ? [{ ...web, generation: 3 }] : [] }), at(5))).toMatchObject({ kind: 'progressing' })
  })

  it('is not complete while a pod is known to have stopped being ready', () => {
    expect(judge(done({ pods: [good('a'), pod('b', 'new', [2, { running: 1, ready: true }], [3, { running: 1 }])] }), at(5)).kind).toBe('progressing')
  })

  it('is complete at nothing when the service is scaled to zero', () => {
    const web = expectService('web', deploymentRaw({ replicas: 0 }))
    const facts = done({ expected: web ? [web] : [], deployments: [deployment({ replicas: 0 })], replicaSets: [replicaSet('new', { replicas: 0 })], pods: [] })
    expect(judge(facts, at(5))).toMatchObject({ kind: 'complete', services: [{ state: 'scaled_to_zero', desired: 0 }] })
  })

  it('compares with the live number of replicas', () => {
    const facts = done({ deployments: [deployment({ replicas: 1, generation: 3 })], replicaSets: [replicaSet('new', { replicas: 1 })], pods: [good('a')] })
    expect(judge(facts, at(5)).kind).toBe('complete')
  })

  it('judges the facts before the clock: complete after the deadline is complete', () => {
    expect(judge(done(), at(700)).kind).toBe('complete')
  })

  it('waits for every service', () => {
    const worker = expectService('worker', deploymentRaw({ name: 'worker' }))
    const facts = done()
    const both = worker ? { ...facts, expected: [...facts.expected, worker], deployments: [...facts.deployments, deployment({ name: 'worker', observed: 1 })] } : facts
    expect(judge(both, at(5))).toMatchObject({ kind: 'progressing', services: [{ service: 'web', state: 'ready' }, { service: 'worker', state: 'waiting' }] })
  })
})

describe('what is never judged', () => {
  it('decides nothing on a stale view, not even the deadline', () => {
    expect(judge(rollout({ fresh: false }), at(9999))).toEqual({ kind: 'undecided', nextLookAt: null })
  })

  it('does not believe a ProgressDeadlineExceeded that is left from before', () => {
    const stale = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', lastUpdateTime: stamp(-300) }
    const facts = rollout({ deployments: [deployment({ conditions: [stale], status: { updatedReplicas: 1 } })] })
    expect(judge(facts, at(5)).kind).toBe('progressing')
  })

  it('does not believe a ReplicaFailure that only the Deployment still shows', () => {
    const stale = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota: q' }
    expect(judge(rollout({ deployments: [deployment({ conditions: [stale], status: { updatedReplicas: 1 } })] }), at(100)).kind).toBe('progressing')
  })

  it('lets old pods crash', () => {
    const old = pod('old-1', 'old', [-50, { created: -100, running: -50 }], [1, { created: -100, restarts: 9, waiting: ['CrashLoopBackOff'], last: [1, 0] }])
    expect(judge(rollout({ pods: [old] }), at(5)).kind).toBe('progressing')
    expect(judge(done({ pods: [good('a'), good('b'), old] }), at(5)).kind).toBe('complete')
  })

  it('does not count restarts from before the rollout in pods that come back into use', () => {
    const taken = pod('a', 'new', [-60, { created: -100, running: -50, restarts: 7, last: [1, -51], ready: true }])
    const facts = done({ direction: 'back', pods: [taken, good('b')], baseline: baselineOf([taken]) })
    expect(judge(facts, at(5)).kind).toBe('complete')
    expect(judge({ ...facts, baseline: {} }, at(5)).kind).toBe('failed')
  })

  it('leaves alone a pod that was backing off before and has not started since', () => {
    const taken = pod('a', 'new', [-60, { created: -100, restarts: 7, waiting: ['CrashLoopBackOff'], last: [1, -51] }])
    expect(judge(rollout({ direction: 'back', pods: [taken], baseline: baselineOf([taken]) }), at(5)).kind).toBe('progressing')
  })

  it('does not add a restart to those from before', () => {
    const before: PodOptions = { created: -100, running: -50, restarts: 7, last: [1, -51] }
    const taken = pod('a', 'new', [-60, before])
    const crashed = pod('a', 'new', [-60, before], [3, { created: -100, running: 3, restarts: 8, last: [1, 2] }])
    expect(judge(rollout({ direction: 'back', pods: [crashed, good('b')], baseline: baselineOf([taken]) }), at(5)).kind).toBe('progressing')
  })

  const crashing: PodOptions = { restarts: 2, waiting: ['CrashLoopBackOff'], last: [1, 3] }
  it.each<[string, PodOptions]>([
    ['is terminating', { deletedAt: 3 }],
    ['was evicted', { reason: 'Evicted', phase: 'Failed' }],
    ['was preempted', { reason: 'Preempting', phase: 'Failed' }],
    ['lost its node', { reason: 'NodeLost' }],
    ['its node could not take after all', { reason: 'OutOfcpu', phase: 'Failed' }],
    ['is the target of a disruption', { conditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
  ])('excuses a crashing pod that %s', (_why, excuse) => {
    expect(judge(rollout({ pods: [pod('a', 'new', [4, { ...crashing, ...excuse }])] }), at(5)).kind).toBe('progressing')
    expect(judge(rollout({ pods: [pod('a', 'new', [4, crashing])] }), at(5)).kind).toBe('failed')
  })
})

describe('what somebody else did', () => {
  const edited = (manager: string, time: string, part: string) => ({ manager, operation: 'Update', time, fieldsV1: { 'f:spec': { [part]: {} } } })

  it('names the field manager of another template and does not call it a failure', () => {
    const managedFields = [edited('slipway', stamp(0), 'f:template'), edited('kubectl-edit', stamp(3), 'f:template'), edited('hpa', stamp(4), 'f:replicas')]
    const verdict = judge(rollout({ deployments: [deployment({ image: 'shop:9', generation: 3, managedFields })] }), at(5))
    expect(verdict).toMatchObject({ kind: 'superseded', cause: { kind: 'changed_by', service: 'web', manager: 'kubectl-edit' } })
  })

  it('does not take its own late watch for a change', () => {
    const before = deployment({ image: 'shop:1', generation: 1, revision: '1' })
    expect(judge(rollout({ deployments: [before] }), at(1))).toMatchObject({ kind: 'progressing', services: [{ state: 'waiting' }] })
  })

  it.each<[string, DeploymentOptions]>([
    ['a restart', { generation: 3, template: podTemplate('shop:2', { annotations: { 'kubectl.kubernetes.io/restartedAt': stamp(3) } }) }],
    ['scaling', { generation: 3, replicas: 5 }],
  ])('takes %s for no change of the template', (_what, options) => {
    expect(judge(rollout({ deployments: [deployment(options)] }), at(5)).kind).toBe('progressing')
  })

  it('says that a Deployment was deleted, but not while its first event may still come', () => {
    expect(judge(rollout({ deployments: [] }), at(4))).toMatchObject({ kind: 'progressing', nextLookAt: at(5) })
    expect(judge(rollout({ deployments: [] }), at(5))).toMatchObject({ kind: 'superseded', cause: { kind: 'deleted_by', service: 'web' } })
    expect(judge(rollout({ deployments: [deployment({ deletedAt: stamp(1) })] }), at(2))).toMatchObject({ kind: 'superseded', cause: { kind: 'deleted_by' } })
  })

  it('says so of one that was deleted and made again', () => {
    expect(judge(rollout({ deployments: [deployment({ uid: 'another' })] }), at(6))).toMatchObject({ kind: 'superseded', cause: { kind: 'deleted_by' } })
  })
})

describe('the clock', () => {
  it('times out at the deadline and asks to be woken then', () => {
    expect(judge(rollout({ pods: [good('a')] }), at(5))).toMatchObject({ kind: 'progressing', nextLookAt: at(600) })
    expect(causeAt(rollout({ pods: [good('a')] }), 600)).toMatchObject({ kind: 'timed_out', rule: 'deadline', deadline: 600, ready: { ready: 1, of: 2 } })
  })

  it('asks to be woken at the first grace period that ends', () => {
    const waiting = pod('a', 'new', [2, { waiting: ['CreateContainerConfigError', 'secret "nope" not found'] }])
    expect(judge(rollout({ pods: [waiting] }), at(3))).toMatchObject({ kind: 'progressing', nextLookAt: at(5) })
  })

  it('lets the more telling rule speak for a service, and names every service that fails', () => {
    const oom = pod('a', 'new', [1, { terminated: [137, 1, 'OOMKilled'] }], [4, { restarts: 2, waiting: ['CrashLoopBackOff'], last: [137, 3, 'OOMKilled'] }])
    const facts = rollout({ pods: [oom] })
    const verdict = judge(facts, at(5))
    expect(verdict).toMatchObject({ kind: 'failed', causes: [{ kind: 'out_of_memory' }], services: [{ state: 'failed', cause: { kind: 'out_of_memory' } }] })
    expect(verdict.kind === 'failed' && verdict.causes).toHaveLength(1)
  })
})

describe('the stability window', () => {
  it('is still good while nothing happens, and asks for no timer', () => {
    expect(judgeStability(done(), windowFrom(5), at(30))).toMatchObject({ kind: 'complete', nextLookAt: null })
  })

  const moved = (blind = 0) => done({ pods: [good('a')], deadlineAt: stamp(600 + blind) })
  const old: StabilityWindow = { stableSince: stamp(590) }
  it.each<[string, RolloutFacts, StabilityWindow, number]>([
    ['its length after the window', moved(), windowFrom(590), 1220],
    ['its length after a window that is longer than it', moved(), windowFrom(5, 1800), 2405],
    ['what is blind in the window besides', moved(700), windowFrom(590), 1920],
    ['not what was blind before it', moved(700), { ...windowFrom(590), stableBlindMs: 650_000 }, 1270],
    ['its length from the beginning of one that was recorded before its end was kept', moved(), old, 1190],
    ['no blind time in such a one', moved(700), old, 1190],
  ])('does not count the deadline of the rollout, but %s', (_what, facts, window, until) => {
    expect(judgeStability(facts, window, at(until - 1))).toMatchObject({ kind: 'progressing', nextLookAt: at(until) })
    expect(judgeStability(facts, window, at(until))).toMatchObject({ kind: 'failed', causes: [{ kind: 'timed_out', deadline: 600 }] })
  })

  it('is not alarmed by one process that exits once, and fails at the second', () => {
    const flapped = (name: string) => pod(name, 'new', [2, { running: 1, ready: true }], [8, { terminated: [3, 8] }], [9, { running: 9, restarts: 1, last: [3, 8], ready: true }])
    expect(judgeStability(done({ pods: [flapped('a'), good('b')] }), windowFrom(5), at(10)).kind).toBe('complete')
    expect(judgeStability(done({ pods: [flapped('a'), flapped('b')] }), windowFrom(5), at(10))).toMatchObject({ kind: 'failed', causes: [{ kind: 'exits_once_ready', exitCode: 3 }] })
  })

  it('does not call a process never ready that was ready before', () => {
    const blip = pod('b', 'new', [2, { running: 1, ready: true }], [60, { running: 1 }])
    const facts = done({ pods: [blip], events: [event('b-uid', 'Unhealthy', 'Readiness probe failed: x', 9)] })
    expect(judgeStability(facts, windowFrom(5), at(90)).kind).toBe('progressing')
  })
})
