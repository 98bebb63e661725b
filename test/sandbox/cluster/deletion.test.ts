import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mapsAt, numberAt, textAt, type JsonMap } from '../../../sandbox/cluster/json.ts'
import { addNode, closeCluster, deployment, deploymentsPath, openCluster, runPods, type Client } from './client.ts'
import { steppedClock, type SteppedClock } from './stepped-clock.ts'

let client: Client
let clock: SteppedClock
beforeEach(async () => {
  clock = steppedClock()
  client = await openCluster({ clock })
  addNode(client.cluster)
  client.cluster.put('deployments.apps', 'demo', deployment())
  await runPods(client.cluster)
})
afterEach(() => closeCluster(client))

const pods = '/api/v1/namespaces/demo/pods'
const podNames = (): string[] => client.cluster.list('pods', 'demo').map((pod) => pod.metadata.name)
const endPods = (): void => {
  for (const pod of client.cluster.list('pods', 'demo')) if (textAt(pod, 'metadata', 'deletionTimestamp') !== '') client.cluster.put('pods', 'demo', { ...pod, status: { phase: 'Failed' } }, { manager: 'kubelet', subresource: 'status' })
}
const remove = (path: string, body?: JsonMap) => client.call('DELETE', path, body)

describe('Deleting', () => {
  it('a running pod marks it and waits for the kubelet', async () => {
    const [name = ''] = podNames()
    const marked = await remove(`${pods}/${name}`)
    expect([textAt(marked.body, 'kind'), numberAt(marked.body, 'metadata', 'deletionGracePeriodSeconds'), numberAt(marked.body, 'metadata', 'generation')]).toEqual(['Pod', 30, 2])
    expect(podNames()).toContain(name)
    const seen: string[] = []
    client.cluster.observe((change) => {
      if (change.object.metadata.name === name) seen.push(`${change.type} ${numberAt(change.object, 'metadata', 'deletionGracePeriodSeconds')}`)
    })
    await remove(`${pods}/${name}`, { gracePeriodSeconds: 0 })
    expect(seen).toEqual(['MODIFIED 0', 'DELETED 0'])
    expect(podNames()).not.toContain(name)
  })

  it('a pod without a node needs nobody', async () => {
    client.cluster.put('pods', 'demo', { metadata: { name: 'lonely' }, spec: { nodeSelector: { disk: 'none' }, containers: [{ name: 'a', image: 'a' }] } })
    await remove(`${pods}/lonely`)
    expect(podNames()).not.toContain('lonely')
  })

  it('a Deployment takes ReplicaSets and pods with it, in the background', async () => {
    const answer = await remove(`${deploymentsPath}/web`)
    expect([answer.status, textAt(answer.body, 'status'), textAt(answer.body, 'details', 'kind')]).toEqual([200, 'Success', 'deployments'])
    expect(client.cluster.get('deployments.apps', 'demo', 'web')).toBeUndefined()
    await client.cluster.settled()
    expect(client.cluster.list('replicasets.apps', 'demo')).toEqual([])
    expect(client.cluster.list('pods', 'demo').every((pod) => textAt(pod, 'metadata', 'deletionTimestamp') !== '')).toBe(true)
  })

  it('in the foreground keeps the Deployment until all are gone', async () => {
    await remove(`${deploymentsPath}/web`, { propagationPolicy: 'Foreground' })
    await client.cluster.settled()
    expect(client.cluster.get('deployments.apps', 'demo', 'web')?.metadata['finalizers']).toEqual(['foregroundDeletion'])
    for (const name of podNames()) await remove(`${pods}/${name}`, { gracePeriodSeconds: 0 })
    await client.cluster.settled()
    expect(client.cluster.get('deployments.apps', 'demo', 'web')).toBeUndefined()
  })

  it('with Orphan leaves the ReplicaSets to themselves', async () => {
    await remove(`${deploymentsPath}/web`, { propagationPolicy: 'Orphan' })
    await client.cluster.settled()
    expect(client.cluster.get('deployments.apps', 'demo', 'web')).toBeUndefined()
    const [set] = client.cluster.list('replicasets.apps', 'demo')
    expect(set?.metadata['ownerReferences']).toBeUndefined()
    expect(podNames()).toHaveLength(2)
  })

  it('waits for finalizers', async () => {
    client.cluster.put('configmaps', 'demo', { metadata: { name: 'held', finalizers: ['example.com/hold'] } })
    await remove('/api/v1/namespaces/demo/configmaps/held')
    expect(textAt(client.cluster.get('configmaps', 'demo', 'held'), 'metadata', 'deletionTimestamp')).not.toBe('')
    await client.call('PATCH', '/api/v1/namespaces/demo/configmaps/held', { metadata: { finalizers: null } })
    expect(client.cluster.get('configmaps', 'demo', 'held')).toBeUndefined()
  })

  it('a namespace empties it first, and nothing new comes in meanwhile', async () => {
    await remove('/api/v1/namespaces/demo')
    expect(textAt(client.cluster.get('namespaces', '', 'demo'), 'status', 'phase')).toBe('Terminating')
    const late = await client.call('POST', '/api/v1/namespaces/demo/secrets', { metadata: { name: 'late' } })
    expect([late.status, late.message]).toEqual([403, 'secrets "late" is forbidden: unable to create new content in namespace demo because it is being terminated'])
    client.cluster.put('configmaps', 'demo', { ...client.cluster.get('configmaps', 'demo', 'kube-root-ca.crt'), metadata: { name: 'kube-root-ca.crt', finalizers: ['example.com/held'] } })
    await clock.reach(clock.now() + 1_000, client.cluster.settled)
    expect([podNames().length, client.cluster.list('deployments.apps', 'demo').length]).toEqual([2, 1])
    for (const name of podNames()) await remove(`${pods}/${name}`, { gracePeriodSeconds: 0 })
    await clock.reach(clock.now() + 3_000, client.cluster.settled)
    expect(client.cluster.list('deployments.apps', 'demo')).toEqual([])
    expect(mapsAt(client.cluster.get('namespaces', '', 'demo'), 'status', 'conditions').filter((condition) => condition['status'] === 'True').map((condition) => condition['message'])).toEqual([
      'Some resources are remaining: configmaps. has 1 resource instances',
      'Some content in the namespace has finalizers remaining: example.com/held in 1 resource instances',
    ])
    await client.call('PATCH', '/api/v1/namespaces/demo/configmaps/kube-root-ca.crt', { metadata: { finalizers: null } })
    await clock.reach(clock.now() + 1_000, client.cluster.settled)
    expect(client.cluster.get('namespaces', '', 'demo')).toBeUndefined()
    expect(client.cluster.list('events', 'demo')).toEqual([])
  })

  it('a collection deletes what is selected', async () => {
    for (const name of ['a', 'b']) client.cluster.put('configmaps', 'demo', { metadata: { name, labels: { pick: name } } })
    await remove('/api/v1/namespaces/demo/configmaps?labelSelector=pick%3Da')
    expect(client.cluster.list('configmaps', 'demo').map((map) => map.metadata.name)).toEqual(['b', 'kube-root-ca.crt'])
  })

  it('in a dry run changes nothing', async () => {
    await remove(`${deploymentsPath}/web?dryRun=All`)
    expect(client.cluster.get('deployments.apps', 'demo', 'web')?.metadata['deletionTimestamp']).toBeUndefined()
  })

  it('by eviction marks the pod with the reason', async () => {
    const [name = ''] = podNames()
    const answer = await client.call('POST', `${pods}/${name}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } })
    expect(answer.status).toBe(201)
    const pod = client.cluster.get('pods', 'demo', name)
    expect(JSON.stringify(pod)).toContain('EvictionByEvictionAPI')
    endPods()
    await client.cluster.settled()
    expect(podNames()).toHaveLength(3)
  })
})
