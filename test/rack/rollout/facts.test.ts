import { describe, expect, it } from 'vitest'

import { parseDeployment, parseEvent, parsePod, parseReplicaSet } from '../../../src/rack/rollout/decode.ts'
import { rememberPod } from '../../../src/rack/rollout/remember.ts'
import { containerSpecs, templateKey } from '../../../src/rack/rollout/template.ts'
import { at, deploymentRaw, pod, podTemplate, stamp } from './cluster-objects.ts'

describe('parsing what a watch sends', () => {
  it.each([undefined, null, 'text', 7, [], {}, { metadata: {} }, { metadata: { name: 'x' }, spec: 'y' }, { metadata: { resourceVersion: '7' } }])('takes %j for none of them', (raw) => {
    expect([parseDeployment(raw), parseReplicaSet(raw), parsePod(raw), parseEvent(raw)]).toEqual([undefined, undefined, undefined, undefined])
  })

  it('accepts the nulls that an API server writes, and an object without a status', () => {
    expect(parsePod({ metadata: { name: 'a', uid: 'u', labels: null }, spec: {}, status: { conditions: null, containerStatuses: null } })).toMatchObject({ containers: [], conditions: [] })
    expect(parseDeployment({ metadata: { name: 'a', uid: 'u' }, spec: { replicas: null, template: {} } })).toMatchObject({ replicas: 1, status: { observedGeneration: 0 } })
  })

  it('knows who owns template and replicas', () => {
    const managedFields = [{ manager: 'hpa', operation: 'Update', time: stamp(1), subresource: 'scale', fieldsV1: { 'f:spec': { 'f:replicas': {} } } }]
    expect(parseDeployment(deploymentRaw({ managedFields }))?.managers).toEqual([
      { manager: 'hpa', operation: 'Update', at: stamp(1), subresource: 'scale', ownsTemplate: false, ownsReplicas: true, ownsPaused: false },
    ])
  })

  it('counts an event by its series where it has one', () => {
    expect(parseEvent({ metadata: { name: 'e', uid: 'u' }, involvedObject: { uid: 'p' }, count: 1, series: { count: 5, lastObservedTime: stamp(9) } })).toMatchObject({ count: 5, lastAt: stamp(9) })
  })

  it('keeps nothing that JSON cannot', () => {
    const facts = pod('a', 'new', [1, { running: 1, ready: true }], [2, { terminated: [3, 2] }])
    expect(JSON.parse(JSON.stringify(facts))).toEqual(facts)
  })
})

describe('identity of a template', () => {
  it.each<[string, unknown]>([
    ['the hash label of the ReplicaSet', podTemplate('shop:2', { hash: 'abc' })],
    ['a restart', podTemplate('shop:2', { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } })],
    ['a null field', { ...podTemplate('shop:2'), metadata: { creationTimestamp: null, labels: { app: 'web' } } }],
    ['the order of its fields', { spec: podTemplate('shop:2').spec, metadata: podTemplate('shop:2').metadata }],
  ])('is not changed by %s', (_what, template) => {
    expect(templateKey(template)).toBe(templateKey(podTemplate('shop:2')))
  })

  it.each<[string, unknown]>([['another image', podTemplate('shop:3')], ['another annotation', podTemplate('shop:2', { annotations: { a: 'b' } })]])('is changed by %s', (_what, template) => {
    expect(templateKey(template)).not.toBe(templateKey(podTemplate('shop:2')))
  })

  it('knows image, limit in MiB and check of each container', () => {
    expect(containerSpecs(podTemplate('shop:2'))).toMatchObject([{ name: 'main', image: 'shop:2', memoryLimit: 512, readiness: { period: 2, failureThreshold: 3, path: '/health' } }])
    expect(containerSpecs({ spec: { containers: [{ name: 'a', resources: { limits: { memory: '1Gi' } } }] } })).toMatchObject([{ memoryLimit: 1024 }])
    expect(containerSpecs('none')).toEqual([])
  })
})

describe('what is remembered of a pod', () => {
  const memory = (...looks: Parameters<typeof pod>[2][]) => pod('a', 'new', ...looks).memory?.containers['main']

  it('keeps every exit once, and whether it had been ready', () => {
    const seen = memory([1, { running: 1, ready: true }], [5, { terminated: [3, 5] }], [6, { running: 6, restarts: 1, last: [3, 5] }], [7, { terminated: [4, 7], restarts: 1, last: [3, 5] }])
    expect(seen?.exits).toMatchObject([{ exitCode: 3, run: 0, readyFor: 1 }, { exitCode: 4, run: 1 }])
    expect(seen?.exits[1]).not.toHaveProperty('readyFor')
  })

  it('keeps the time of a state while its reasons take turns', () => {
    expect(memory([1, { waiting: ['ErrImagePull'] }], [9, { waiting: ['ImagePullBackOff'] }], [20, { waiting: ['ErrImagePull'] }])?.since).toBe(stamp(1))
    expect(memory([1, { waiting: ['ErrImagePull'] }], [9, { running: 9 }])?.since).toBe(stamp(9))
  })

  it('is bounded for a pod that crashes for days', () => {
    const looks = Array.from({ length: 40 }, (_, index): Parameters<typeof pod>[2] => [index, { terminated: [1, index], restarts: index }])
    expect(memory(...looks)?.exits).toHaveLength(5)
  })

  it('sees that a pod which it meets unready has been ready before', () => {
    const raw = (changed: number) => parsePod({
      metadata: { name: 'a', uid: 'u' }, spec: {},
      status: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: stamp(changed) }], containerStatuses: [{ name: 'main', state: { running: { startedAt: stamp(10) } } }] },
    })
    const met = [raw(60), raw(9)].map((facts) => (facts ? rememberPod(undefined, facts, at(90)).memory?.containers['main']?.everReady : undefined))
    expect(met).toEqual([true, false])
  })

  it('does not mistake a new pod of the same name for the old one', () => {
    const before = pod('a', 'new', [1, { running: 1, ready: true }])
    const next = { ...before, meta: { ...before.meta, uid: 'other' } }
    expect(rememberPod(before, next, at(50)).memory?.firstSeen).toBe(stamp(50))
  })
})
