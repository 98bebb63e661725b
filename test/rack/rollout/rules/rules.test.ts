import { describe, expect, it } from 'vitest'

import type { RolloutFacts } from '../../../../src/rack/rollout/rollout-facts.ts'
import { missingObject } from '../../../../src/rack/rollout/rules/cannot-create.ts'
import { classifyPull } from '../../../../src/rack/rollout/rules/image-pull.ts'
import { expectService } from '../../../../src/rack/rollout/rollout-facts.ts'
import { fails } from './fails.ts'
import { deployment, deploymentRaw, event, pod, replicaSet, rollout, stamp } from '../cluster-objects.ts'
import type { PodOptions } from '../cluster-objects.ts'

type Look = [number, PodOptions]
const newPod = (...looks: Look[]) => pod('a', 'new', ...looks)
const ready = (name: string) => pod(name, 'new', [1, { running: 1, ready: true }])

const within = (pods: RolloutFacts['pods'], more: Partial<RolloutFacts> = {}) => rollout({ pods, ...more })

describe('image pull', () => {
  it.each([
    ['rpc error: code = NotFound desc = failed to resolve image: r.example.com:5000/shop:x: not found', 'not_found'],
    ['manifest for r.example.com/shop:1 not found: manifest unknown: manifest unknown', 'not_found'],
    ['failed to authorize: failed to fetch oauth token: unexpected status: 401 Unauthorized', 'refused'],
    ['pull access denied for shop, repository does not exist or may require \'docker login\'', 'refused'],
    ['unexpected status from HEAD request to https://r.example.com/v2/shop/manifests/1: 403 Forbidden', 'refused'],
    ['unexpected status: 429 Too Many Requests', 'transient'],
    ['toomanyrequests: You have reached your unauthenticated pull rate limit', 'transient'],
    ['unexpected status: 503 Service Unavailable', 'transient'],
    ['dial tcp: lookup r.example.com on 10.0.0.10:53: no such host', 'transient'],
    ['net/http: request canceled while waiting for connection (Client.Timeout exceeded)', 'transient'],
    ['tls: failed to verify certificate: x509: certificate signed by unknown authority', 'transient'],
    ['failed to pull "r.example.com/not-found/unauthorized:401": unexpected status: 502 Bad Gateway', 'transient'],
    ['failed to pull "r.example.com/unauthorized/shop:401": r.example.com/denied/shop:429: not found', 'not_found'],
    ['something nobody has seen yet', 'transient'],
  ])('reads "%s" as %s', (message, expected) => {
    expect(classifyPull(message)).toBe(expected)
  })

  const gone: Look = [2, { waiting: ['ErrImagePull', 'x: not found'] }]
  const backOff: Look = [13, { waiting: ['ImagePullBackOff', 'Back-off pulling image "shop:2": ErrImagePull: x: not found'] }]
  it('fails after 15 s, the two reasons taking turns being one condition', () => {
    expect(fails(within([newPod(gone, backOff)]), 13)).toMatchObject({ after: 17, kind: 'image_not_found' })
  })
  it('fails at the second try', () => {
    const events = [event('a-uid', 'Failed', 'Failed to pull image "shop:2": x: not found', 2)]
    expect(fails(within([newPod(gone)], { events }), 3)).toMatchObject({ after: 3 })
  })
  it('fails at the second pod', () => {
    expect(fails(within([newPod(gone), pod('b', 'new', [3, gone[1]])]), 3)).toMatchObject({ after: 3, cause: { affected: { failing: 2, of: 2 } } })
  })
  it('reads the event where the status only says back-off', () => {
    const events = [event('a-uid', 'Failed', 'Failed to pull image "shop:2": unexpected status: 401 Unauthorized', 2)]
    const bare = newPod([2, { waiting: ['ImagePullBackOff', 'Back-off pulling image "shop:2"'] }])
    expect(fails(within([bare], { events }), 3)).toMatchObject({ kind: 'image_pull_refused' })
  })
  it('gives a busy registry two minutes', () => {
    expect(fails(within([newPod([2, { waiting: ['ErrImagePull', '429 Too Many Requests'] }])]), 3)).toMatchObject({ after: 122, kind: 'image_not_pulled' })
  })
  it('forgets one error that was overcome', () => {
    const events = [event('a-uid', 'Failed', 'Failed to pull image "shop:2": x: not found', 2)]
    expect(fails(within([newPod(gone, [10, { running: 10, ready: true }])], { events }), 30)).toBeUndefined()
  })
})

describe('container cannot be created', () => {
  it.each([
    ['secret "nope" not found', 'secret "nope"'],
    ['MountVolume.SetUp failed for volume "v" : configmap "x" not found', 'configmap "x"'],
    ['couldn\'t find key TOKEN in Secret convox-shop/env', 'key "TOKEN" of secret "env"'],
    ['couldn\'t find key A in ConfigMap convox-shop/c', 'key "A" of configmap "c"'],
    ['persistentvolumeclaim "data" not found', 'persistentvolumeclaim "data"'],
    ['container has runAsNonRoot and image will run as root', undefined],
  ])('reads "%s" as the missing %s', (message, expected) => {
    expect(missingObject(message)).toBe(expected)
  })

  const missing: PodOptions = { waiting: ['CreateContainerConfigError', 'secret "nope" not found'] }
  it('fails after 3 s, at once on a second pod, never while the kubelet catches up', () => {
    expect(fails(within([newPod([2, missing])]), 3)).toMatchObject({ after: 5, kind: 'missing_object', cause: { object: 'secret "nope"' } })
    expect(fails(within([newPod([2, missing]), pod('b', 'new', [3, missing])]), 3)).toMatchObject({ after: 3 })
    expect(fails(within([newPod([2, { waiting: ['CreateContainerConfigError', 'failed to sync secret cache: timed out'] }])]), 3)).toBeUndefined()
    expect(fails(within([newPod([2, missing], [4, { running: 4, ready: true }])]), 9)).toBeUndefined()
  })

  const mount = event('a-uid', 'FailedMount', 'MountVolume.SetUp failed for volume "v" : configmap "nope" not found', 3)
  it('gives a mount 20 s, and none once the volumes are there or the trouble is another', () => {
    const creating: PodOptions = { waiting: ['ContainerCreating'] }
    expect(fails(within([newPod([1, creating])], { events: [mount] }), 3)).toMatchObject({ after: 21, kind: 'missing_object' })
    const sandbox = { ...creating, conditions: [{ type: 'PodReadyToStartContainers', status: 'True' }] }
    expect(fails(within([newPod([1, creating], [5, sandbox])], { events: [mount] }), 6)).toBeUndefined()
    expect(fails(within([newPod([1, creating])], { events: [event('a-uid', 'FailedMount', 'Multi-Attach error for volume')] }), 3)).toBeUndefined()
  })
})

describe('crashes', () => {
  const crashed: Look[] = [[1, { running: 1 }], [2, { terminated: [1, 2] }], [3, { running: 3, restarts: 1, last: [1, 2] }]]
  it('lets one crash pass', () => {
    expect(fails(within([newPod(...crashed, [4, { running: 3, restarts: 1, last: [1, 2], ready: true }])]), 5)).toBeUndefined()
  })
  it('fails at the second restart of one container', () => {
    expect(fails(within([newPod(...crashed, [4, { terminated: [1, 4], restarts: 1, last: [1, 2] }], [9, { running: 9, restarts: 2, last: [1, 4] }]), ready('b')]), 9))
      .toMatchObject({ kind: 'crashed_at_start', cause: { restarts: 2, exitCode: 1, affected: { failing: 1, of: 2 } } })
  })
  const looping: Look = [5, { restarts: 1, waiting: ['CrashLoopBackOff'], last: [1, 4] }]
  it('fails when the only new pod backs off, not when one of two does', () => {
    expect(fails(within([newPod(...crashed, looping)]), 5)).toMatchObject({ kind: 'crashed_at_start', cause: { reason: 'CrashLoopBackOff' } })
    expect(fails(within([newPod(...crashed, looping), ready('b')]), 5)).toBeUndefined()
    expect(fails(within([newPod(...crashed, looping), pod('b', 'new', ...crashed, looping)]), 5)).toMatchObject({ cause: { affected: { failing: 2, of: 2 } } })
  })
  it('counts exit code 0 too', () => {
    expect(fails(within([newPod([4, { restarts: 2, waiting: ['CrashLoopBackOff'], last: [0, 4, 'Completed'] }])]), 5)).toMatchObject({ kind: 'crashed_at_start', cause: { exitCode: 0 } })
  })
  it.each<[number, string]>([[126, 'Error'], [127, 'Error'], [128, 'StartError']])('fails at the first exit %i %s', (code, reason) => {
    expect(fails(within([newPod([1, { terminated: [code, 1, reason] }]), ready('b')]), 1)).toMatchObject({ kind: 'cannot_start', cause: { exitCode: code } })
  })
  it('takes a 127 after having been ready for an exit like others', () => {
    expect(fails(within([newPod([1, { running: 1, ready: true }], [9, { terminated: [127, 9] }])]), 9)).toBeUndefined()
  })
  it('fails at the second kill for memory, with the limit', () => {
    const once: Look[] = [[1, { running: 1 }], [2, { terminated: [137, 2, 'OOMKilled'] }]]
    expect(fails(within([newPod(...once)]), 2)).toBeUndefined()
    expect(fails(within([newPod(...once), pod('b', 'new', ...once)]), 2)).toMatchObject({ kind: 'out_of_memory', cause: { memoryLimit: 512, affected: { failing: 2, of: 2 } } })
  })
  it('blames the liveness check when the kubelet says so', () => {
    const events = [
      event('a-uid', 'Killing', 'Container main failed liveness probe, will be restarted'),
      event('a-uid', 'Unhealthy', 'Liveness probe failed: HTTP probe failed with statuscode: 500', 3),
    ]
    expect(fails(within([newPod(...crashed, [40, { running: 40, restarts: 2, last: [137, 39] }])], { events }), 40))
      .toMatchObject({ kind: 'liveness_restarts', cause: { message: 'HTTP probe failed with statuscode: 500' } })
  })
  it('gives the kubelet two seconds to say why it told a ready container to stop', () => {
    const stopped = (code: number): Look[] => [[1, { running: 1, ready: true }], [9, { terminated: [code, 9] }]]
    const both = (code: number) => [newPod(...stopped(code)), pod('b', 'new', ...stopped(code))]
    const killing = ['a-uid', 'b-uid'].map((uid) => event(uid, 'Killing', 'Container main failed liveness probe, will be restarted'))
    const expected = rollout().expected.map((web) => ({ ...web, containers: web.containers.map((each) => ({ ...each, mayBeKilled: true })) }))
    expect(fails(within(both(143), { expected }), 9)).toMatchObject({ after: 11, kind: 'exits_once_ready' })
    expect(fails(within(both(143)), 9)).toMatchObject({ after: 9, kind: 'exits_once_ready' })
    expect(fails(within(both(143), { events: killing, expected }), 9)).toMatchObject({ after: 9, kind: 'liveness_restarts' })
    expect(fails(within(both(7)), 9)).toMatchObject({ after: 9, kind: 'exits_once_ready' })
  })
  it('gives it as long to say why it ended one at its start', () => {
    const expected = rollout().expected.map((web) => ({ ...web, containers: web.containers.map((each) => ({ ...each, mayBeKilled: true })) }))
    const loop: Look[] = [[1, { running: 1 }], [20, { restarts: 1, running: 20, last: [137, 20] }], [40, { restarts: 2, running: 40, last: [137, 40] }]]
    const killing = [event('a-uid', 'Killing', 'Container main failed liveness probe, will be restarted')]
    expect(fails(within([newPod(...loop)], { expected }), 40)).toMatchObject({ after: 42, kind: 'crashed_at_start' })
    expect(fails(within([newPod(...loop)], { expected, events: killing }), 40)).toMatchObject({ after: 40, kind: 'liveness_restarts' })
    expect(fails(within([newPod(...loop)]), 40)).toMatchObject({ after: 40, kind: 'crashed_at_start' })
  })
  it('names a failing init container, and lets one that is done be', () => {
    expect(fails(within([newPod([1, { init: true, terminated: [1, 1] }], [2, { init: true, restarts: 1, waiting: ['CrashLoopBackOff'], last: [1, 2] }])]), 2)).toMatchObject({ kind: 'init_failed' })
    expect(fails(within([newPod([1, { init: true, terminated: [0, 1, 'Completed'], restarts: 2 }])]), 2)).toBeUndefined()
  })
})

describe('never ready', () => {
  // Period 2 s, three failures and one success to come, and a second for the kubelet: 9 s after the container started.
  const running: Look[] = [[1, { waiting: ['ContainerCreating'] }], [4, { running: 4 }]]
  const unhealthy = (count: number) => [event('a-uid', 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503', count)]
  it('fails once the checks had all their tries, counted from the start of the container', () => {
    expect(fails(within([newPod(...running, [8, { running: 4 }], [10, { running: 4 }])], { events: unhealthy(4) }), 10))
      .toMatchObject({ after: 13, kind: 'never_ready', cause: { path: '/health', message: 'HTTP probe failed with statuscode: 503' } })
  })
  it('waits longer without the proof of failed checks: one Unhealthy after the start is usual', () => {
    expect(fails(within([newPod(...running)], { events: unhealthy(1) }), 5)).toMatchObject({ after: 29 })
  })
  it.each([[0], [3600], [-3600]])('does not count from before a start that we did not see, when our clock is %i s off the cluster\'s', (off) => {
    // Made at 1 s and running since 4 s by the cluster's clock, first seen at 5 s by ours.
    const late = newPod([5, { running: 4 - off, created: 1 - off, turned: 1 - off }])
    expect(fails(within([late], { events: unhealthy(9) }), 5)).toMatchObject({ after: 14 })
  })
  it('knows of a start long ago, by the pods that it saw come', () => {
    const old = pod('b', 'new', [2, { running: 2, created: 2, ready: true }])
    const met = pod('a', 'new', [60, { running: 4, created: 2 }])
    const again = pod('c', 'new', [60, { running: 5, created: 2 }])
    expect(fails(within([old, met, again], { events: [...unhealthy(9), ...unhealthy(9).map((one) => ({ ...one, uid: 'c', involved: { ...one.involved, uid: 'c-uid' } }))] }), 60)).toMatchObject({ after: 60, kind: 'never_ready' })
  })
  it('needs a second pod where there are two', () => {
    expect(fails(within([newPod(...running), ready('b')], { events: unhealthy(9) }), 5)).toBeUndefined()
  })
})

describe('no pods, no node', () => {
  const failing = (message: string) => ({
    replicaSets: [replicaSet('new', { have: 0, ready: 0, conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message, lastTransitionTime: stamp(1) }] }, 1)],
  })
  it.each<[string, string, number, string]>([
    ['a quota 30 s', 'pods "a" is forbidden: exceeded quota: q', 31, 'quota'],
    ['a denial of PodSecurity no time', 'pods "a" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true', 2, 'refused'],
    ['a denial of a webhook no time', 'admission webhook "policy.example.com" denied the request: no', 2, 'refused'],
    ['a denial of a policy no time', 'pods "a" is forbidden: ValidatingAdmissionPolicy \'p\' with binding \'b\' denied request: no', 2, 'refused'],
    ['a denial that tells of a timeout 5 s', 'admission webhook "images.example.com" denied the request: cannot look at example.com/shop:2: i/o timeout', 6, 'refused'],
    ['a webhook that does not answer 30 s', 'Internal error occurred: failed calling webhook "p": Post "https://p.svc": context deadline exceeded', 31, 'refused'],
    ['a service account that comes later 5 s', 'pods "a" is forbidden: error looking up service account convox-shop/default: serviceaccount "default" not found', 6, 'refused'],
    ['what nobody knows 5 s', 'something new', 6, 'refused'],
  ])('gives %s', (_what, message, after, kind) => {
    expect(fails(within([], failing(message)), 2)).toMatchObject({ after, kind, cause: { rule: 'failed-create', message } })
  })
  it('does not believe a refusal from before the ReplicaSet had its present size', () => {
    const { replicaSets } = failing('admission webhook "policy.example.com" denied the request')
    expect(fails(within([], { replicaSets: replicaSets.map((set) => ({ ...set, meta: { ...set.meta, generation: 2 } })) }), 2)).toBeUndefined()
  })

  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available: 3 Insufficient cpu.' }
  it.each<[string, string, number]>([['60 s', 'FailedScheduling', 61], ['5 min while a node is on its way', 'TriggeredScaleUp', 301], ['15 s when none will come', 'NotTriggerScaleUp', 16]])(
    'gives a pod without a node %s', (_what, reason, after) => {
      const facts = within([newPod([1, { phase: 'Pending', conditions: [condition] }])], { events: [event('a-uid', reason, 'x')] })
      expect(fails(facts, 2)).toMatchObject({ after, kind: 'unschedulable', cause: { message: condition.message } })
    },
  )
})

describe('ready, then gone', () => {
  const twice = (from: number): Look[] => [
    [1, { running: 1, ready: true }], [from, { terminated: [1, from] }], [from + 1, { running: from + 1, ready: true, restarts: 1, last: [1, from] }],
    [from + 3, { terminated: [1, from + 3], restarts: 1 }], [from + 4, { waiting: ['CrashLoopBackOff', 'back-off 10s'], restarts: 1, last: [1, from + 3] }],
  ]
  const unprobed = { metadata: { labels: {} }, spec: { containers: [{ name: 'main', image: 'shop:2' }] } }
  const worker = (pods: RolloutFacts['pods']): RolloutFacts => {
    const facts = rollout({ pods, deployments: [deployment({ template: unprobed })] })
    const expected = expectService('web', deploymentRaw({ template: unprobed }))
    const [set] = facts.replicaSets
    const key = facts.deployments[0]?.templateKey ?? ''
    return { ...facts, expected: expected ? [expected] : [], replicaSets: set ? [{ ...set, templateKey: key }] : [] }
  }

  it('counts as ready only what a readiness check has called so', () => {
    expect(fails(within([newPod(...twice(4))]), 8)).toMatchObject({ kind: 'exits_once_ready' })
  })
  it('is a crash at start for a service without one, unless it ran for a while', () => {
    expect(fails(worker([newPod(...twice(2))]), 6)).toMatchObject({ kind: 'crashed_at_start' })
  })
})
