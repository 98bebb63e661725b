import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mapsAt, numberAt, textAt, type JsonMap } from '../../../../sandbox/cluster/json.ts'
import { annotationsOf } from '../../../../sandbox/cluster/object.ts'
import { addNode, closeCluster, deployment, deploymentsPath, openCluster, runPods, type Client } from '../client.ts'
import { steppedClock, type SteppedClock } from '../stepped-clock.ts'

let client: Client
let clock: SteppedClock
beforeEach(async () => {
  clock = steppedClock()
  client = await openCluster({ clock })
  addNode(client.cluster)
})
afterEach(() => closeCluster(client))

/** What meets a conflict is tried again after 5 ms, 10 ms … */
const retries = () => clock.reach(clock.now() + 30, client.cluster.settled)
const path = `${deploymentsPath}/web`
const live = () => client.cluster.get('deployments.apps', 'demo', 'web') ?? {}
const sizes = () =>
  client.cluster
    .list('replicasets.apps', 'demo')
    .sort((left, right) => Number(annotationsOf(left)['deployment.kubernetes.io/revision']) - Number(annotationsOf(right)['deployment.kubernetes.io/revision']))
    .map((set) => numberAt(set, 'spec', 'replicas'))
const progressing = () => mapsAt(live(), 'status', 'conditions').find((condition) => condition['type'] === 'Progressing')
const begin = async (spec: JsonMap) => {
  client.cluster.put('deployments.apps', 'demo', deployment(spec))
  await runPods(client.cluster)
  await retries()
}
const change = async (spec: JsonMap) => {
  await client.call('PATCH', path, { spec })
  await retries()
}
const image = (name: string): JsonMap => ({ template: { spec: { containers: [{ name: 'main', image: name }] } } })
/** Kubelets of the old pods: what is being deleted ends. */
const endPods = async () => {
  for (const pod of client.cluster.list('pods', 'demo')) {
    if (textAt(pod, 'metadata', 'deletionTimestamp') === '') continue
    await client.call('DELETE', `/api/v1/namespaces/demo/pods/${pod.metadata.name}`, { gracePeriodSeconds: 0 })
  }
  await retries()
}
const rolling = (replicas: number, maxSurge: number | string, maxUnavailable: number | string): JsonMap => ({ replicas, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } })

describe('A rolling update', () => {
  it.each<[number, number | string, number | string, number[]]>([
    [4, '25%', '25%', [3, 2]],
    [10, '25%', '25%', [8, 5]],
    [4, 1, 0, [4, 1]],
    [4, 0, 1, [3, 1]],
    [4, '100%', 0, [4, 4]],
    [1, '25%', '25%', [1, 1]],
    [3, 0, '1%', [2, 1]],
  ])('of %i with surge %s and unavailable %s begins with %j', async (replicas, surge, unavailable, expected) => {
    await begin(rolling(replicas, surge, unavailable))
    await change(image('shop:2'))
    expect(sizes()).toEqual(expected)
  })

  it('cleans up unhealthy old pods first when it is turned back', async () => {
    await begin(rolling(2, 1, 0))
    await change(image('shop:bad'))
    await change(image('shop:3'))
    // The bad one goes at once and makes room; both good ones stay.
    expect(sizes()).toEqual([2, 0, 1])
  })

  it('keeps as many old ReplicaSets as asked for', async () => {
    await begin({ ...rolling(1, 1, 0), revisionHistoryLimit: 1 })
    for (const tag of ['2', '3', '4']) {
      await change(image(`shop:${tag}`))
      await runPods(client.cluster)
      await retries()
      await endPods()
    }
    expect(sizes()).toEqual([0, 1])
  })

  it('gives a template that comes back its old ReplicaSet under a new revision', async () => {
    await begin(rolling(1, 1, 0))
    await change(image('shop:2'))
    await change(image('shop:1'))
    const [, back] = client.cluster.list('replicasets.apps', 'demo').map(annotationsOf).sort((left, right) => Number(left['deployment.kubernetes.io/revision']) - Number(right['deployment.kubernetes.io/revision']))
    expect(back).toMatchObject({ 'deployment.kubernetes.io/revision': '3', 'deployment.kubernetes.io/revision-history': '1' })
    expect(annotationsOf(live())['deployment.kubernetes.io/revision']).toBe('3')
  })

  it('tells of a missed deadline in the words of the real one', async () => {
    await begin({ ...rolling(1, 1, 0), progressDeadlineSeconds: 1 })
    await change(image('shop:2'))
    expect(progressing()).toMatchObject({ status: 'True' })
    await clock.reach(clock.now() + 3_000, client.cluster.settled)
    const set = client.cluster.list('replicasets.apps', 'demo').find((item) => annotationsOf(item)['deployment.kubernetes.io/revision'] === '2')
    expect(progressing()).toMatchObject({ status: 'False', message: `ReplicaSet "${set?.metadata.name}" has timed out progressing.` })
  })

  it('stands still while paused', async () => {
    await begin(rolling(2, 1, 0))
    await change({ paused: true, ...image('shop:2') })
    expect(sizes()).toEqual([2])
    expect(progressing()).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' })
    await change({ paused: false })
    expect(sizes()).toEqual([2, 1])
  })

  it('spreads a change of size over both sides in the middle', async () => {
    await begin(rolling(4, 2, 0))
    await change(image('shop:2'))
    expect(sizes()).toEqual([4, 2])
    await change({ replicas: 10 })
    expect(sizes()).toEqual([8, 4])
  })
})

describe('A Recreate', () => {
  it('waits until every old pod is gone', async () => {
    await begin({ replicas: 2, strategy: { type: 'Recreate' } })
    await change(image('shop:2'))
    expect(sizes()).toEqual([0])
    await endPods()
    expect(sizes()).toEqual([0, 2])
  })
})

describe('Scaling', () => {
  it('changes the one ReplicaSet and makes no new revision', async () => {
    await begin(rolling(2, 1, 0))
    await change({ replicas: 5 })
    expect(sizes()).toEqual([5])
    const [set] = client.cluster.list('replicasets.apps', 'demo')
    expect(annotationsOf(set ?? {})).toMatchObject({ 'deployment.kubernetes.io/desired-replicas': '5', 'deployment.kubernetes.io/max-replicas': '6', 'deployment.kubernetes.io/revision': '1' })
  })

  it('down takes pods that are not ready before those that are', async () => {
    await begin(rolling(2, 1, 0))
    const ready = client.cluster.list('pods', 'demo').map((pod) => pod.metadata.name)
    await change({ replicas: 3 })
    await change({ replicas: 2 })
    const left = client.cluster.list('pods', 'demo').filter((pod) => textAt(pod, 'metadata', 'deletionTimestamp') === '').map((pod) => pod.metadata.name)
    expect(left.sort()).toEqual(ready.sort())
  })
})
