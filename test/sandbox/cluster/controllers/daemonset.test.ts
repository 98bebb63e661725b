import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { at, mapAt, mapsAt, textAt, type JsonMap } from '../../../../sandbox/cluster/json.ts'
import { closeCluster, openCluster, runPods, type Client } from '../client.ts'
import { steppedClock, type SteppedClock } from '../stepped-clock.ts'

let client: Client
let clock: SteppedClock
beforeEach(async () => {
  clock = steppedClock()
  client = await openCluster({ clock })
})
afterEach(() => closeCluster(client))

const node = (name: string, more: { labels?: JsonMap; spec?: JsonMap } = {}) => {
  const amounts = { cpu: '4', memory: '8Gi', pods: '110' }
  client.cluster.put('nodes', '', {
    metadata: { name, ...(more.labels && { labels: more.labels }) }, ...(more.spec && { spec: more.spec }),
    status: { conditions: [{ type: 'Ready', status: 'True' }], capacity: amounts, allocatable: amounts },
  })
}
const agent = (image: string, spec: JsonMap = {}): JsonMap => ({
  metadata: { name: 'agent' },
  spec: { selector: { matchLabels: { app: 'agent' } }, template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'main', image }], ...spec } } },
})
const deploy = async (body: JsonMap) => {
  client.cluster.put('daemonsets.apps', 'demo', body)
  await runPods(client.cluster)
}
const pods = () => client.cluster.list('pods', 'demo')
const homes = () => pods().map((pod) => textAt(pod, 'spec', 'nodeName')).sort()
const images = () => pods().map((pod) => textAt(pod, 'spec', 'containers', 0, 'image')).sort()
const status = () => mapAt(client.cluster.get('daemonsets.apps', 'demo', 'agent'), 'status')
const endDeleted = async () => {
  for (const pod of pods()) {
    if (textAt(pod, 'metadata', 'deletionTimestamp') !== '') await client.call('DELETE', `/api/v1/namespaces/demo/pods/${pod.metadata.name}`, { gracePeriodSeconds: 0 })
  }
  await client.cluster.settled()
}

describe('A DaemonSet', () => {
  it('has one pod on every node, also on one that is cordoned and one that comes later', async () => {
    node('one')
    node('cordoned', { spec: { unschedulable: true } })
    await deploy(agent('agent:1'))
    expect(homes()).toEqual(['cordoned', 'one'])
    node('two')
    await runPods(client.cluster)
    expect(homes()).toEqual(['cordoned', 'one', 'two'])
    expect(status()).toEqual({ currentNumberScheduled: 3, numberMisscheduled: 0, desiredNumberScheduled: 3, numberReady: 3, observedGeneration: 1, updatedNumberScheduled: 3, numberAvailable: 3 })
  })

  it('leaves out nodes that its selector, its affinity or their taints exclude', async () => {
    node('plain')
    node('ssd', { labels: { disk: 'ssd' } })
    node('reserved', { labels: { disk: 'ssd' }, spec: { taints: [{ key: 'reserved', effect: 'NoSchedule' }] } })
    const terms = [{ matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] }]
    await deploy(agent('agent:1', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } } }))
    expect([homes(), status()['desiredNumberScheduled']]).toEqual([['ssd'], 1])
  })

  it('binds its pods through the scheduler, each to the node that it names', async () => {
    node('one')
    await deploy(agent('agent:1'))
    const [pod] = pods()
    const terms = mapAt(pod, 'spec', 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution')['nodeSelectorTerms']
    expect(terms).toEqual([{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['one'] }] }])
    expect(mapsAt(pod, 'spec', 'tolerations').map((toleration) => textAt(toleration, 'key').split('/')[1])).toEqual(['not-ready', 'unreachable', 'disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'])
    expect(client.cluster.list('events', 'demo').some((event) => textAt(event, 'message').startsWith('Successfully assigned demo/agent-'))).toBe(true)
  })

  it('replaces one pod after another when its template changes, and keeps a revision of each', async () => {
    node('one')
    node('two')
    await deploy(agent('agent:1'))
    await client.call('PATCH', '/apis/apps/v1/namespaces/demo/daemonsets/agent', { spec: { template: { spec: { containers: [{ name: 'main', image: 'agent:2' }] } } } })
    await client.cluster.settled()
    expect(pods().filter((pod) => textAt(pod, 'metadata', 'deletionTimestamp') !== '')).toHaveLength(1)
    expect([status()['observedGeneration'], status()['updatedNumberScheduled']]).toEqual([2, undefined])
    await endDeleted()
    expect(images()).toEqual(['agent:1', 'agent:2'])
    await runPods(client.cluster)
    await endDeleted()
    await runPods(client.cluster)
    expect([images(), status()['updatedNumberScheduled'], status()['numberAvailable']]).toEqual([['agent:2', 'agent:2'], 2, 2])
    const revisions = client.cluster.list('controllerrevisions.apps', 'demo')
    expect(revisions.map((revision) => at(revision, 'revision')).sort()).toEqual([1, 2])
    expect(textAt(client.cluster.get('daemonsets.apps', 'demo', 'agent'), 'metadata', 'annotations', 'deprecated.daemonset.template.generation')).toBe('2')
  })

  it('stops an update at a pod that never becomes ready', async () => {
    node('one')
    node('two')
    await deploy(agent('agent:1'))
    await client.call('PATCH', '/apis/apps/v1/namespaces/demo/daemonsets/agent', { spec: { template: { spec: { containers: [{ name: 'main', image: 'agent:2' }] } } } })
    await client.cluster.settled()
    await endDeleted()
    await endDeleted()
    expect([images(), status()['numberUnavailable'], status()['updatedNumberScheduled']]).toEqual([['agent:1', 'agent:2'], 1, 1])
  })

  it('replaces a failed pod at once, and the next one later', async () => {
    node('one')
    await deploy(agent('agent:1'))
    const fail = async () => {
      const [pod] = pods()
      if (pod) client.cluster.put('pods', 'demo', { ...pod, status: { ...mapAt(pod, 'status'), phase: 'Failed', reason: 'Evicted' } }, { manager: 'kubelet', subresource: 'status' })
      await client.cluster.settled()
    }
    const first = pods()[0]?.metadata.uid
    await fail()
    const second = pods()[0]?.metadata.uid
    expect([pods().length, second === first]).toEqual([1, false])
    await fail()
    expect(pods()[0]?.metadata.uid).toBe(second)
    await clock.reach(clock.now() + 1_000, client.cluster.settled)
    expect(pods()[0]?.metadata.uid).not.toBe(second)
    expect(client.cluster.list('events', 'demo').filter((event) => event['reason'] === 'FailedDaemonPod')).toHaveLength(2)
  })
})
