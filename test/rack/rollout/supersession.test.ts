import { describe, expect, it } from 'vitest'

import { judge, judgeStability } from '../../../src/rack/rollout/judge.ts'
import type { RolloutFacts } from '../../../src/rack/rollout/rollout-facts.ts'
import { expectService } from '../../../src/rack/rollout/rollout-facts.ts'
import { changedSince, drift, stoodAs } from '../../../src/rack/rollout/supersession.ts'
import { at, cronJob, cronJobRaw, daemonSet, daemonSetRaw, deployment, pod, podTemplate, replicaSet, rollout, stamp, windowFrom } from './cluster-objects.ts'
import type { DeploymentOptions } from './cluster-objects.ts'

const edited = (manager: string, time: string, part: string) => ({ manager, operation: 'Update', time, fieldsV1: { 'f:spec': { [part]: {} } } })
const managedFields = [edited('slipway', stamp(0), 'f:template'), edited('kubectl-edit', stamp(300), 'f:template'), edited('hpa', stamp(400), 'f:replicas')]
const good = (name: string) => pod(name, 'new', [1, { running: 1 }], [2, { running: 1, ready: true }])
const done = (more: Partial<RolloutFacts> = {}) => rollout({ deployments: [deployment()], replicaSets: [replicaSet('new')], pods: [good('a'), good('b')], ...more })

describe('a namespace on its way out', () => {
  const namespaces = [{ kind: 'Namespace', uid: 'n', name: 'convox-shop', deletedAt: stamp(3) }] as const
  it.each(['out', 'back'] as const)('ends a rollout that goes %s without a way back', (direction) => {
    expect(judge(done({ direction, namespaces }), at(5))).toMatchObject({ kind: 'superseded', cause: { kind: 'namespace_deleted', rule: 'namespace-deleted' } })
    expect(judge(done({ direction, namespaces: [{ kind: 'Namespace', uid: 'n', name: 'convox-shop' }] }), at(5)).kind).toBe('complete')
  })
  it('is read from what the cluster refuses, where namespaces may not be seen, and before the deletion of what was in it', () => {
    const message = 'pods "web-x" is forbidden: unable to create new content in namespace convox-shop because it is being terminated'
    const refused = replicaSet('new', { have: 0, ready: 0, conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }] })
    expect(judge(rollout({ deployments: [deployment({ deletedAt: stamp(4) })], replicaSets: [refused] }), at(5))).toMatchObject({ kind: 'superseded', cause: { kind: 'namespace_deleted' } })
  })
})

describe('a workload that somebody deleted', () => {
  it('stops the way out, and fails the way back by name', () => {
    expect(judge(rollout({ deployments: [] }), at(6))).toMatchObject({ kind: 'superseded', cause: { kind: 'deleted_by', service: 'web' } })
    expect(judge(rollout({ deployments: [], direction: 'back' }), at(4)).kind).toBe('progressing')
    expect(judge(rollout({ deployments: [], direction: 'back' }), at(6))).toMatchObject({ kind: 'failed', causes: [{ kind: 'deleted_by', service: 'web' }], services: [{ state: 'failed' }] })
  })
  it('is noticed in the stability window too', () => {
    expect(judgeStability(done({ deployments: [deployment({ deletedAt: stamp(20) })] }), windowFrom(10), at(20))).toMatchObject({ kind: 'superseded', cause: { kind: 'deleted_by' } })
  })
  it('of another template on the way back is left to who changed it', () => {
    const facts = done({ direction: 'back', deployments: [deployment({ image: 'shop:9', generation: 3, managedFields })] })
    expect(judge(facts, at(5))).toMatchObject({ kind: 'superseded', cause: { kind: 'changed_by', manager: 'kubectl-edit' } })
  })
})

describe('drift while no promotion is on', () => {
  const expected = rollout().expected
  const facts = (options: DeploymentOptions) => ({ deployments: [deployment(options)], daemonSets: [], cronJobs: [] })
  it.each<[string, DeploymentOptions]>([
    ['as applied', {}],
    ['scaled', { generation: 3, replicas: 7 }],
    ['restarted', { generation: 3, template: podTemplate('shop:2', { annotations: { 'kubectl.kubernetes.io/restartedAt': stamp(3) } }) }],
    ['a watch that is behind our own write', { generation: 1, image: 'shop:1' }],
  ])('is not %s', (_what, options) => {
    expect(drift(expected, facts(options), 'slipway')).toEqual([])
  })
  it('names who changed what, and when', () => {
    expect(drift(expected, facts({ generation: 3, image: 'shop:9', managedFields }), 'slipway')).toEqual([{ service: 'web', what: 'changed', manager: 'kubectl-edit', at: stamp(300) }])
  })
  it.each([
    ['gone', { deployments: [], daemonSets: [], cronJobs: [] }],
    ['on its way out', facts({ deletedAt: stamp(9) })],
    ['another of the same name', facts({ uid: 'another' })],
  ])('is deleted when it is %s', (_what, there) => {
    expect(drift(expected, there, 'slipway')).toEqual([{ service: 'web', what: 'deleted' }])
  })
  it('knows agents and timers', () => {
    const [logs, cleanup] = [expectService('logs', daemonSetRaw()), expectService('cleanup', cronJobRaw())]
    if (!logs || !cleanup) throw new Error('the test expects nothing')
    expect(drift([logs, cleanup], { deployments: [], daemonSets: [daemonSet()], cronJobs: [cronJob()] }, 'slipway')).toEqual([])
    expect(drift([logs, cleanup], { deployments: [], daemonSets: [daemonSet({ image: 'shop:9' })], cronJobs: [cronJob({ image: 'shop:9' })] }, 'slipway'))
      .toEqual([{ service: 'logs', what: 'changed' }, { service: 'cleanup', what: 'changed' }])
  })
})

describe('a workload that is to be replaced', () => {
  const applied = (seconds: number) => ({ manager: 'slipway', operation: 'Apply', time: stamp(seconds), fieldsV1: { 'f:spec': { 'f:template': {} } } })
  const before = deployment({ generation: 4, managedFields: [applied(-600), edited('kubectl-scale', stamp(-300), 'f:replicas')] })
  const since = (options: DeploymentOptions) => changedSince(stoodAs(before, 'slipway'), deployment({ generation: 5, managedFields: [applied(-600)], ...options }), 'slipway')
  const theirs = edited('kubectl-edit', stamp(5), 'f:template')
  const restarted = podTemplate('shop:2', { annotations: { 'kubectl.kubernetes.io/restartedAt': stamp(3) } })

  it.each<[string, DeploymentOptions]>([
    ['only its status changed', { generation: 4, status: { readyReplicas: 1 } }],
    ['it was scaled', { replicas: 7, managedFields: [applied(-600), edited('hpa', stamp(5), 'f:replicas')] }],
    ['it was restarted', { template: restarted, managedFields: [applied(-600), edited('kubectl-rollout', stamp(3), 'f:template')] }],
    ['the watch shows how it was before', { generation: 3, image: 'shop:1' }],
    ['a write of ours arrived whose answer did not', { image: 'shop:3', managedFields: [applied(5)] }],
    ['we wrote over what was theirs before', { image: 'shop:3', managedFields: [applied(5), edited('kubectl-edit', stamp(4), 'f:template')] }],
    ['a former owner of the rollout made it again', { generation: 1, uid: 'another', image: 'shop:3', managedFields: [applied(5)] }],
  ])('is still as it stood when %s', (_what, options) => {
    expect(since(options)).toBeUndefined()
  })
  it.each<[string, DeploymentOptions, string | undefined]>([
    ['gave it another template', { image: 'shop:9', managedFields: [applied(-600), theirs] }, 'kubectl-edit'],
    ['took something out of it, which nobody owns then', { image: 'shop:9' }, undefined],
    ['wrote over a write of ours whose answer was lost', { image: 'shop:9', managedFields: [applied(4), theirs] }, 'kubectl-edit'],
    ['made another of the same name', { generation: 1, uid: 'another', image: 'shop:9', managedFields: [theirs] }, 'kubectl-edit'],
  ])('is theirs when somebody %s', (_what, options, manager) => {
    expect(since(options)).toEqual(manager === undefined ? {} : { manager })
  })
})
