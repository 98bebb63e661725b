import { describe, expect, it } from 'vitest'

import { judge } from '../../../../src/rack/rollout/judge.ts'
import { expectService } from '../../../../src/rack/rollout/rollout-facts.ts'
import type { RolloutFacts } from '../../../../src/rack/rollout/rollout-facts.ts'
import { at, deployment, deploymentOver, deploymentRaw, pod, podTemplate, replicaSet, replicaSetOver, rollout, stamp } from '../cluster-objects.ts'
import type { DeploymentOptions } from '../cluster-objects.ts'
import { fails } from './fails.ts'

const going: DeploymentOptions = { status: { updatedReplicas: 1, availableReplicas: 2, replicas: 3 } }
const expecting = (more: DeploymentOptions = {}): Pick<RolloutFacts, 'expected'> => {
  const web = expectService('web', deploymentRaw({ annotations: { 'slipway/progress-deadline': '60' }, ...more }))
  return { expected: web ? [web] : [] }
}
const ready = (name: string) => pod(name, 'new', [1, { running: 1, ready: true }])

describe('the progress clock of convox.yml', () => {
  // The checks of the template take 8 s: four tries, two seconds each.
  const stalled = (...looks: [number, number][]) => rollout({ ...expecting(), deployments: [deployment(going)], replicaSets: [replicaSetOver('new', ...looks)], pods: [ready('a')] })

  it.each<[string, [number, number][], number]>([
    ['from the first write when none was ever available', [[0, 0]], 68],
    ['from the last rise', [[0, 0], [30, 1]], 98],
    ['and not from a blip, which is no new maximum', [[0, 0], [30, 1], [50, 0], [60, 1], [70, 0], [85, 1]], 98],
  ])('counts %s', (_what, looks, after) => {
    expect(fails(stalled(...looks), 1)).toMatchObject({ after, kind: 'timed_out', cause: { rule: 'progress-stalled', deadline: 60, ready: { ready: 1, of: 2 } } })
  })

  it('is due at the millisecond, not before', () => {
    const facts = stalled([0, 0])
    expect(judge(facts, new Date(at(68).getTime() - 1)).kind).toBe('progressing')
    expect(judge(facts, at(68)).kind).toBe('failed')
  })

  it('does not count what was available before the rollout as progress, nor as done', () => {
    expect(fails(rollout({ ...expecting(), direction: 'back', deployments: [deployment(going)], replicaSets: [replicaSetOver('new', [-90, 2], [-30, 1])], pods: [ready('a')] }), 1))
      .toMatchObject({ after: 68 })
  })

  it('is not reset by an autoscaler that asks for more, and ends once all that were asked for have been available', () => {
    const more = { deployments: [deployment({ ...going, replicas: 6 })], pods: [ready('a')], ...expecting() }
    expect(fails(rollout({ ...more, replicaSets: [replicaSetOver('new', [0, 0], [30, 1])] }), 90)).toMatchObject({ after: 98 })
    expect(fails(rollout({ ...more, replicaSets: [replicaSetOver('new', [0, 0], [30, 2], [40, 1])] }), 90)).toBeUndefined()
  })

  it('adds the time that the service may take to be ready by its own checks', () => {
    const template = podTemplate('shop:2')
    const [main] = template.spec.containers
    const slow = { ...template, spec: { containers: [{ ...main, startupProbe: { periodSeconds: 10, failureThreshold: 30 } }] } }
    expect(fails(rollout({ ...expecting({ template: slow }), deployments: [deployment({ ...going, template: slow })], replicaSets: [] }), 1)).toMatchObject({ after: 368 })
  })

  it('does not count blind time', () => {
    expect(fails({ ...stalled([0, 0]), deadlineAt: stamp(690) }, 1)).toMatchObject({ after: 158 })
  })

  it('stands while the Deployment is paused and goes on from then', () => {
    const facts = (...looks: [number, DeploymentOptions][]) => rollout({ ...expecting(), deployments: [deploymentOver(...looks)], replicaSets: [replicaSetOver('new', [0, 0])] })
    expect(fails(facts([0, going], [10, { ...going, paused: true }]), 100)).toBeUndefined()
    expect(fails(facts([0, going], [10, { ...going, paused: true }], [200, going]), 201)).toMatchObject({ after: 268 })
  })

  it.each([['0'], [undefined]])('is off with %s', (value) => {
    const web = expectService('web', deploymentRaw(value === undefined ? {} : { annotations: { 'slipway/progress-deadline': value } }))
    expect(fails(rollout({ expected: web ? [web] : [], deployments: [deployment(going)], replicaSets: [replicaSetOver('new', [0, 0])] }), 1)).toBeUndefined()
  })

  it('never lasts longer than the app\'s deadline', () => {
    const facts = { ...stalled([0, 0]), deadline: 20, deadlineAt: stamp(600) }
    expect(fails({ ...facts, deadlineAt: stamp(20) }, 1)).toBeUndefined()
  })
})

describe('a paused Deployment', () => {
  const managedFields = [{ manager: 'kubectl-rollout', operation: 'Update', time: stamp(3), fieldsV1: { 'f:spec': { 'f:paused': {} } } }]
  it('is said on its line, and is the cause when the time is up', () => {
    const facts = rollout({ deployments: [deployment({ ...going, paused: true, managedFields })] })
    expect(judge(facts, at(5))).toMatchObject({ kind: 'progressing', services: [{ note: { kind: 'paused', by: 'kubectl-rollout' } }] })
    expect(judge(facts, at(600))).toMatchObject({ kind: 'failed', causes: [{ kind: 'paused', rule: 'deadline', manager: 'kubectl-rollout', deadline: 600 }] })
  })
  it('is not waited for when everything runs', () => {
    const all = { deployments: [deployment({ paused: true })], replicaSets: [replicaSet('new')], pods: [ready('a'), ready('b')] }
    expect(judge(rollout(all), at(5)).kind).toBe('complete')
  })
})

describe('the deadline of the app', () => {
  it('names the readiness gate that nobody opened', () => {
    const message = 'corresponding condition of pod readiness gate "target-health" does not exist.'
    const facts = rollout({ expected: rollout().expected.map((web) => ({ ...web, containers: [] })), pods: [pod('a', 'new', [1, { running: 1, gate: message }])] })
    expect(judge(facts, at(600))).toMatchObject({ kind: 'failed', causes: [{ kind: 'timed_out', rule: 'deadline', process: 'a', reason: 'ReadinessGatesNotReady', message }] })
  })
})

describe('the availability guard', () => {
  const short: DeploymentOptions = { maxUnavailable: 1, status: { availableReplicas: 0 } }
  const lost = (name: string, seconds: number) => pod(name, 'new', [1, { running: 1, ready: true }], [seconds, { running: 1 }])
  const undercut = (pods: RolloutFacts['pods'], more: Partial<RolloutFacts> = {}) =>
    rollout({ deployments: [deploymentOver([0, { maxUnavailable: 1 }], [10, short])], replicaSets: [replicaSet('new', { ready: 0 })], pods, ...more })

  it('goes back after 5 s below the least, and names a process that was ready and is not any more', () => {
    expect(fails(undercut([lost('a', 10), lost('b', 10)]), 10))
      .toMatchObject({ after: 15, kind: 'too_few', cause: { rule: 'too-few', process: 'a', container: 'main', ready: { ready: 0, of: 2 }, minimum: 1, affected: { failing: 2, of: 2 } } })
    expect(judge(undercut([lost('a', 10), lost('b', 10)]), new Date(at(15).getTime() - 1)).kind).toBe('progressing')
  })
  it('counts from when both hold', () => {
    expect(fails(undercut([lost('a', 12), ready('b')]), 12)).toMatchObject({ after: 17 })
  })
  it.each<[string, RolloutFacts['pods'], Partial<RolloutFacts>]>([
    ['that never were ready', [pod('a', 'new', [1, { running: 1 }]), pod('b', 'new', [1, { running: 1 }])], {}],
    ['that were lost before the rollout began', [pod('a', 'new', [-60, { running: -80, ready: true }], [-30, { running: -80 }])], {}],
    ['of the old release', [pod('a', 'old', [1, { running: 1, ready: true }], [10, { running: 1 }])], {}],
    ['that are moved', [pod('a', 'new', [1, { running: 1, ready: true }], [10, { running: 1, deletedAt: 10 }])], {}],
    ['on the way back', [lost('a', 10), lost('b', 10)], { direction: 'back' }],
  ])('does not count processes %s', (_what, pods, more) => {
    // Without checks in the template no other rule speaks.
    const expected = rollout().expected.map((web) => ({ ...web, containers: [] }))
    expect(fails(undercut(pods, { expected, ...more }), 10)).toBeUndefined()
  })
  it('does not take one lost process for two missing ones: the others are missing for another reason', () => {
    const deployments = [deploymentOver([0, { maxUnavailable: 1, replicas: 6, status: { availableReplicas: 3 } }])]
    expect(fails(undercut([lost('a', 10), ready('b')], { deployments }), 10)).toBeUndefined()
  })
  it('gives one that exited once the time of its own checks besides', () => {
    const exited = pod('a', 'new', [1, { running: 1, ready: true }], [10, { terminated: [1, 10] }], [11, { running: 11, restarts: 1, last: [1, 10] }])
    expect(fails(undercut([exited]), 11)).toMatchObject({ after: 23 })
  })
})

describe('what the Deployment says itself', () => {
  const exceeded = (time: number, set = 'new') =>
    ({ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: `ReplicaSet "${set}" has timed out progressing.`, lastUpdateTime: stamp(time) })
  const managedFields = [{ manager: 'slipway', operation: 'Apply', time: stamp(1), fieldsV1: { 'f:spec': { 'f:template': {} } } }]
  const saying = (conditions: unknown[], more: DeploymentOptions = {}) => rollout({ deployments: [deployment({ ...going, conditions, managedFields, ...more })] })

  it('is believed when it was written after our write and names our ReplicaSet', () => {
    expect(fails(saying([exceeded(61)]), 62)).toMatchObject({ after: 62, kind: 'timed_out', cause: { rule: 'native-deadline', reason: 'ProgressDeadlineExceeded' } })
  })
  it.each<[string, unknown[], DeploymentOptions]>([
    ['is older than our write', [exceeded(0)], {}],
    ['is of another ReplicaSet', [exceeded(61, 'old')], {}],
    ['comes with a generation that the controller has not seen', [exceeded(61)], { observed: 1 }],
    ['is older than the rollout, of a template that was there already', [exceeded(-100)], { managedFields: [{ ...managedFields[0], time: stamp(-300) }] }],
  ])('is not believed when it %s', (_why, conditions, more) => {
    expect(fails(saying(conditions, more), 62)).toBeUndefined()
  })

  it('is not believed of a template that did not change: nothing dates it', () => {
    const facts = saying([exceeded(61)])
    expect(fails({ ...facts, expected: facts.expected.map((web) => ({ ...web, unchanged: true })) }, 62)).toBeUndefined()
  })

  const refused = { type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError', message: 'Failed to create new replica set "web-x": admission webhook "p" denied the request' }
  it('fails after 2 s without a ReplicaSet, and not when one is there', () => {
    const facts = rollout({ deployments: [deployment({ ...going, conditions: [refused] }, 3)], replicaSets: [] })
    expect(fails(facts, 3)).toMatchObject({ after: 5, kind: 'refused', cause: { rule: 'no-replica-set', reason: 'ReplicaSetCreateError', message: refused.message } })
    expect(judge(facts, new Date(at(5).getTime() - 1)).kind).toBe('progressing')
    expect(fails({ ...facts, replicaSets: [replicaSet('new', { ready: 0 })] }, 3)).toBeUndefined()
    expect(fails({ ...facts, deployments: [deployment({ ...going, conditions: [refused], observed: 1 }, 3)] }, 3)).toBeUndefined()
  })
})
