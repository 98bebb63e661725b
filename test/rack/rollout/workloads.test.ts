import { describe, expect, it } from 'vitest'

import { judge, judgeStability } from '../../../src/rack/rollout/judge.ts'
import { expectService } from '../../../src/rack/rollout/rollout-facts.ts'
import type { ExpectedService, RolloutFacts } from '../../../src/rack/rollout/rollout-facts.ts'
import { at, cronJob, cronJobRaw, daemonSet, daemonSetRaw, deployment, deploymentRaw, event, job, pod, replicaSet, rollout, stamp, windowFrom } from './cluster-objects.ts'
import type { DeploymentOptions, PodOptions, SetOptions } from './cluster-objects.ts'
import { fails } from './rules/fails.ts'

const only = (expected: ExpectedService | undefined, facts: Partial<RolloutFacts>): RolloutFacts =>
  rollout({ expected: expected ? [expected] : [], deployments: [], replicaSets: [], ...facts })

describe('what is expected of an answer', () => {
  it.each([[deploymentRaw(), 'Deployment'], [daemonSetRaw(), 'DaemonSet'], [cronJobRaw(), 'CronJob']])('knows the workload', (raw, workload) => {
    expect(expectService('web', raw)).toMatchObject({ service: 'web', workload, generation: 2, containers: [{ name: 'main', image: 'shop:2' }] })
  })
  it.each([[{ ...deploymentRaw(), kind: 'Service' }], ['text'], [{}], [{ kind: 'CronJob', metadata: { name: 'a', uid: 'u' }, spec: {} }]])('takes nothing else', (raw) => {
    expect(expectService('web', raw)).toBeUndefined()
  })
  it('reads how convox.yml tunes it, and nothing that is no number', () => {
    const annotated = (limit: string) => expectService('web', deploymentRaw({ annotations: { 'slipway/crash-restart-limit': limit, 'slipway/progress-deadline': '90' } }))
    expect(annotated('5')).toMatchObject({ crashRestartLimit: 5, progressDeadline: 90 })
    expect(annotated('many')).not.toHaveProperty('crashRestartLimit')
  })
})

describe('an agent', () => {
  const agent = (options: SetOptions, pods: RolloutFacts['pods'] = [], more: Partial<RolloutFacts> = {}) =>
    only(expectService('logs', daemonSetRaw()), { daemonSets: [daemonSet(options)], pods, ...more })
  const on = (name: string, count: string, ...looks: [number, PodOptions][]) =>
    pod(name, 'logs-uid', ...looks.map(([seconds, look]): [number, PodOptions] => [seconds, { owner: { kind: 'DaemonSet', uid: 'logs-uid' }, labels: { 'pod-template-generation': count }, ...look }]))

  it('is complete when every node that takes it runs the new one', () => {
    const pods = [on('a', '2', [1, { running: 1, ready: true }]), on('b', '2', [1, { running: 1, ready: true }])]
    expect(judge(agent({}, pods), at(5))).toMatchObject({ kind: 'complete', services: [{ service: 'logs', state: 'ready', ready: 2, desired: 2 }] })
  })
  it('is complete on a cluster of which no node takes it, and says so', () => {
    expect(judge(agent({ desired: 0 }), at(5))).toMatchObject({ kind: 'complete', services: [{ state: 'ready', desired: 0, note: { kind: 'no_node' } }] })
  })
  it.each<[string, SetOptions]>([
    ['the controller has not seen the new generation', { observed: 1 }],
    ['a node still runs the old one', { status: { updatedNumberScheduled: 1 } }],
    ['one is not available', { status: { numberAvailable: 1 } }],
    ['a node has none', { status: { currentNumberScheduled: 1 } }],
  ])('is not complete while %s', (_why, options) => {
    expect(judge(agent(options), at(5)).kind).toBe('progressing')
  })
  it('is not complete while the watch shows the generation before ours', () => {
    expect(judge(agent({ generation: 1 }), at(5))).toMatchObject({ kind: 'progressing', services: [{ state: 'waiting' }] })
  })

  const crashing: PodOptions = { restarts: 2, waiting: ['CrashLoopBackOff'], last: [1, 3] }
  it('fails with its new pods, not with the old ones, and never with those of others', () => {
    expect(judge(agent({}, [on('a', '2', [4, crashing])]), at(5))).toMatchObject({ kind: 'failed', causes: [{ kind: 'crashed_at_start', service: 'logs', process: 'a' }] })
    expect(judge(agent({ observed: 1 }, [on('a', '1', [4, crashing])]), at(5))).toMatchObject({ kind: 'progressing' })
    expect(judge(agent({ observed: 1 }, [pod('a', 'other', [4, { ...crashing, labels: { 'pod-template-generation': '2' } }])]), at(5)).kind).toBe('progressing')
  })
  it('knows new pods by their release where the count is not told', () => {
    const expected = expectService('logs', daemonSetRaw())
    const facts = agent({ count: '' }, [on('a', '1', [4, { ...crashing, labels: { release: 'R2' } }])])
    expect(judge(facts, at(5)).kind).toBe('complete')
    expect(judge({ ...facts, expected: expected ? [{ ...expected, release: 'R2' }] : [] }, at(5)).kind).toBe('failed')
  })
  it('fails when a node may not have it: by its events, which outlive their reason, 5 s after the node has none', () => {
    const refused = { ...event('logs-uid', 'FailedCreate', 'Error creating: admission webhook "p" denied the request'), lastAt: stamp(2) }
    const behind = { daemonSets: [daemonSet({ status: { currentNumberScheduled: 1 } }, 2)] }
    expect(fails(agent({}, [], { ...behind, events: [refused] }), 3)).toMatchObject({ after: 7, kind: 'refused', cause: { rule: 'failed-create' } })
    expect(fails(agent({}, [], { ...behind, events: [{ ...refused, lastAt: stamp(-60) }] }), 3)).toBeUndefined()
    expect(fails(agent({}, [], { events: [refused] }), 3)).toBeUndefined()
  })
})

describe('a timer', () => {
  const timer = (facts: Partial<RolloutFacts>) => only(expectService('cleanup', cronJobRaw()), { cronJobs: [cronJob()], ...facts })
  const run = (name: string, owner: string, look: PodOptions) => pod(name, owner, [9, { owner: { kind: 'Job', uid: owner }, phase: 'Failed', ...look }])

  it('is complete when it is there as applied', () => {
    expect(judge(timer({}), at(1))).toMatchObject({ kind: 'complete', services: [{ service: 'cleanup', state: 'ready', ready: 0, desired: 0, note: { kind: 'timer' } }] })
  })
  it('is not passed by default', () => {
    expect(judge(timer({ cronJobs: [] }), at(1)).kind).toBe('progressing')
    expect(judge(timer({ cronJobs: [] }), at(5))).toMatchObject({ kind: 'superseded', cause: { kind: 'deleted_by', service: 'cleanup' } })
    expect(judge(timer({ cronJobs: [cronJob({ image: 'shop:9' })] }), at(1))).toMatchObject({ kind: 'superseded', cause: { kind: 'changed_by' } })
    expect(judge(timer({ cronJobs: [cronJob({ deletedAt: stamp(1) })] }), at(1))).toMatchObject({ kind: 'superseded', cause: { kind: 'deleted_by' } })
  })
  it('fails in the window when a run of the new one fails, with its exit', () => {
    const facts = timer({ jobs: [job('cleanup-1', { failedAt: 9 })], pods: [run('cleanup-1-x', 'cleanup-1', { terminated: [3, 9] })] })
    expect(judgeStability(facts, windowFrom(1), at(10))).toMatchObject({ kind: 'failed', causes: [{ kind: 'timer_failed', rule: 'timer-run', process: 'cleanup-1-x', exitCode: 3 }] })
    expect(judgeStability({ ...facts, pods: [] }, windowFrom(1), at(10))).toMatchObject({ kind: 'failed', causes: [{ kind: 'timer_failed', process: 'cleanup-1', reason: 'BackoffLimitExceeded' }] })
  })
  it.each([
    ['runs still', job('cleanup-1', {})],
    ['began before the rollout', job('cleanup-1', { created: -60, failedAt: 9 })],
    ['failed before the rollout', job('cleanup-1', { created: 5, failedAt: -9 })],
    ['has the old template', job('cleanup-1', { image: 'shop:1', failedAt: 9 })],
  ])('does not fail for a run that %s', (_why, failed) => {
    expect(judgeStability(timer({ jobs: [failed], pods: [run('cleanup-1-x', 'cleanup-1', { terminated: [3, 9] })] }), windowFrom(1), at(10)).kind).toBe('complete')
  })
  it('does not fail for a run of a template that did not change', () => {
    const facts = timer({ jobs: [job('cleanup-1', { failedAt: 9 })], pods: [run('cleanup-1-x', 'cleanup-1', { terminated: [3, 9] })] })
    expect(judgeStability({ ...facts, expected: facts.expected.map((each) => ({ ...each, unchanged: true })) }, windowFrom(1), at(10))).toMatchObject({ kind: 'complete', services: [{ state: 'unchanged' }] })
  })
  it('does not take runs that end well for exits', () => {
    const ended = (name: string) => pod(name, 'cleanup-1', [9, { owner: { kind: 'Job', uid: 'cleanup-1' }, running: 1, ready: true }], [30, { phase: 'Succeeded', terminated: [0, 30, 'Completed'] }])
    expect(judgeStability(timer({ jobs: [job('cleanup-1')], pods: [ended('a'), ended('b'), ended('c')] }), windowFrom(1), at(31)).kind).toBe('complete')
  })
  it('fails at once when the image of a run is not there', () => {
    const pods = [run('cleanup-1-x', 'cleanup-1', { phase: 'Pending', waiting: ['ErrImagePull', 'x: not found'] })]
    expect(fails(timer({ jobs: [job('cleanup-1')], pods, expected: [...timer({}).expected, ...rollout().expected], deployments: rollout().deployments, replicaSets: rollout().replicaSets }), 9))
      .toMatchObject({ after: 24, kind: 'image_not_found', cause: { service: 'cleanup' } })
  })
})

describe('a service scaled to zero', () => {
  const asked = expectService('web', deploymentRaw({ replicas: 0 }))
  const zero = (options: DeploymentOptions, more: Partial<RolloutFacts> = {}) => rollout({ expected: asked ? [asked] : [], deployments: [deployment({ replicas: 0, ...options })], replicaSets: [replicaSet('new', { replicas: 0 })], ...more })
  it.each<[string, RolloutFacts, string]>([
    ['observed, our template, nothing left', zero({}), 'complete'],
    ['the controller has not seen it', zero({ observed: 1 }), 'progressing'],
    ['old processes are counted still', zero({ status: { replicas: 1 } }), 'progressing'],
    ['there is no ReplicaSet of ours', zero({}, { replicaSets: [replicaSet('old', { image: 'shop:1', revision: '1' })] }), 'progressing'],
    ['one of the new ones is left', zero({}, { pods: [pod('a', 'new', [1, { running: 1 }])] }), 'progressing'],
    ['its ReplicaSet still wants one', zero({}, { replicaSets: [replicaSet('new', { replicas: 1, ready: 0 })] }), 'progressing'],
  ])('%s: %s', (_what, facts, kind) => {
    expect(judge(facts, at(5)).kind).toBe(kind)
  })
})

describe('a service that wants processes and has none, because of', () => {
  const by = (manager: string) => [{ manager, operation: 'Update', subresource: 'scale', time: stamp(3), fieldsV1: { 'f:spec': { 'f:replicas': {} } } }]
  const away = (managedFields: unknown[], more: Partial<RolloutFacts> = {}) =>
    rollout({ deployments: [deployment({ replicas: 0, generation: 3, managedFields })], replicaSets: [replicaSet('new', { replicas: 0 })], ...more })
  it.each<[string, RolloutFacts, string | undefined]>([
    ['a person', away(by('kubectl')), 'kubectl'],
    ['nobody knows whom', away([]), undefined],
    ['a person, after us', away([...by('slipway'), ...by('kubectl')]), 'kubectl'],
    ['a person, on the way back', away(by('kubectl'), { direction: 'back' }), 'kubectl'],
  ])('%s is not complete, says so, and fails when the time is up', (_who, facts, manager) => {
    const named = manager === undefined ? {} : { by: manager }
    expect(judge(facts, at(5))).toMatchObject({ kind: 'progressing', nextLookAt: at(600), services: [{ state: 'waiting', note: { kind: 'scaled_to_zero', ...named } }] })
    expect(judgeStability(facts, windowFrom(1), at(31))).toMatchObject({ kind: 'progressing', nextLookAt: at(631) })
    const late = judge(facts, at(600))
    expect(late).toMatchObject({ kind: 'failed', causes: [{ kind: 'scaled_to_zero', rule: 'deadline', service: 'web', deadline: 600, ready: { ready: 0, of: 0 } }] })
    expect(late.kind === 'failed' ? late.causes[0].manager : 'none').toBe(manager)
  })
  it.each(['kube-controller-manager', 'keda'])('the autoscaler %s is complete', (manager) => {
    expect(judge(away(by(manager)), at(5))).toMatchObject({ kind: 'complete', services: [{ state: 'scaled_to_zero' }] })
  })
})

describe('a service without a readiness check', () => {
  const expected = rollout().expected.map((web) => ({ ...web, containers: [{ name: 'main', init: false, image: 'shop:2' }] }))
  const worker = (...looks: [number, PodOptions][]) =>
    rollout({ expected, deployments: [deployment({ replicas: 1 })], replicaSets: [replicaSet('new', { replicas: 1 })], pods: [pod('a', 'new', ...looks)] })
  const lived: [number, PodOptions][] = [[1, { running: 1, ready: true }]]
  const exited: [number, PodOptions][] = [...lived, [8, { terminated: [1, 8] }], [9, { running: 9, restarts: 1, last: [1, 8], ready: true }]]

  it('is not proven by the second or two that it lived through, however short the window is: by ten seconds of one run', () => {
    expect(judgeStability(worker(...lived), windowFrom(2), at(2))).toMatchObject({ kind: 'progressing', nextLookAt: at(11) })
    expect(judgeStability(worker(...lived), windowFrom(2), at(4)).kind).toBe('progressing')
    expect(judgeStability(worker(...lived), windowFrom(2), at(11)).kind).toBe('complete')
  })
  it('is not proven by it on the way back either, unless that release was proven before with this very template', () => {
    const back = { ...worker(...lived), direction: 'back' } as const
    expect(judge(back, at(4))).toMatchObject({ kind: 'progressing', nextLookAt: at(11) })
    expect(judge(back, at(11)).kind).toBe('complete')
    expect(judge({ ...back, expected: back.expected.map((one) => ({ ...one, proven: true })) }, at(4)).kind).toBe('complete')
  })
  it('is not proven by the second it lives at the end of the window', () => {
    expect(judgeStability(worker(...exited), windowFrom(2), at(10))).toMatchObject({ kind: 'progressing', nextLookAt: at(19) })
    expect(judgeStability(worker(...exited), windowFrom(2), at(19)).kind).toBe('complete')
  })
  it('fails when it exits again, within ten seconds each time, though it counted as ready', () => {
    expect(judgeStability(worker(...exited, [12, { terminated: [1, 12], restarts: 1 }], [13, { restarts: 1, waiting: ['CrashLoopBackOff'], last: [1, 12] }]), windowFrom(2), at(13)))
      .toMatchObject({ kind: 'failed', causes: [{ kind: 'crashed_at_start', rule: 'crash-loop' }] })
  })
  it('with a check is proven by it', () => {
    expect(judgeStability({ ...worker(...exited), expected: rollout().expected }, windowFrom(2), at(10)).kind).toBe('complete')
    const startup = expected.map((one) => ({ ...one, containers: one.containers.map((spec) => ({ ...spec, startup: { initialDelay: 0, period: 1, timeout: 1, failureThreshold: 3, successThreshold: 1 } })) }))
    expect(judgeStability({ ...worker(...exited), expected: startup }, windowFrom(2), at(10)).kind).toBe('complete')
  })
})
