import { createServer } from 'node:https'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generate } from 'selfsigned'
import { listen } from '../../../../sandbox/cluster/gate.ts'
import { at, listAt, mapAt, mapsAt, numberAt, textAt, type JsonMap } from '../../../../sandbox/cluster/json.ts'
import { addNode, closeCluster, deployment, openCluster, type Client } from '../client.ts'
import { steppedClock, type SteppedClock } from '../stepped-clock.ts'

let client: Client
let clock: SteppedClock
let refused = ''
let beside: string | undefined
beforeEach(async () => {
  refused = ''
  beside = undefined
  clock = steppedClock()
  client = await openCluster({
    clock, refuse: (object) => (object['kind'] === refused ? 'not today' : undefined),
    amend: (object) => {
      if (object['kind'] === 'Pod' && beside !== undefined) object['spec'] = { ...mapAt(object, 'spec'), containers: [...mapsAt(object, 'spec', 'containers'), { name: 'agent', image: beside }] }
    },
  })
})
afterEach(() => closeCluster(client))

const pods = () => client.cluster.list('pods', 'demo')
const messages = (reason: string) => client.cluster.list('events', 'demo').filter((event) => event['reason'] === reason).map((event) => textAt(event, 'message'))
const podWith = (name: string, spec: JsonMap = {}, container: JsonMap = {}): JsonMap => ({ metadata: { name }, spec: { automountServiceAccountToken: false, containers: [{ name: 'main', image: 'shop:1', ...container }], ...spec } })
const put = async (pod: JsonMap) => {
  client.cluster.put('pods', 'demo', pod)
  await client.cluster.settled()
}
const finish = (pod: JsonMap, phase: string) => client.cluster.put('pods', 'demo', { ...pod, status: { ...mapAt(pod, 'status'), phase } }, { manager: 'kubelet', subresource: 'status' })

describe('The scheduler', () => {
  it('says that there are no nodes, and binds once there is one', async () => {
    await put(podWith('a'))
    expect(messages('FailedScheduling')).toEqual(['no nodes available to schedule pods'])
    addNode(client.cluster)
    await clock.reach(clock.now() + 1_000, client.cluster.settled)
    expect(textAt(pods()[0], 'spec', 'nodeName')).toBe('node-1')
    expect(messages('Scheduled')).toEqual(['Successfully assigned demo/a to node-1'])
  })

  it.each<[string, JsonMap, JsonMap, string]>([
    ['cores', {}, { resources: { requests: { cpu: '5' } } }, '1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.'],
    ['memory', {}, { resources: { requests: { memory: '9Gi' } } }, '1 Insufficient memory. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.'],
    ['a label', { nodeSelector: { disk: 'ssd' } }, {}, "1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."],
  ])('names what is missing: %s', async (_, spec, container, why) => {
    addNode(client.cluster)
    await put(podWith('a', spec, container))
    expect(messages('FailedScheduling')).toEqual([`0/1 nodes are available: ${why}`])
    expect(mapsAt(pods()[0], 'status', 'conditions')).toEqual([expect.objectContaining({ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' })])
  })

  it('tries again when room is made', async () => {
    addNode(client.cluster)
    const half = { resources: { requests: { cpu: '3' } } }
    await put(podWith('a', {}, half))
    await put(podWith('b', {}, half))
    expect(textAt(client.cluster.get('pods', 'demo', 'b'), 'spec', 'nodeName')).toBe('')
    expect(messages('FailedScheduling')[0]).toContain('No preemption victims found for incoming pod')
    await client.call('DELETE', '/api/v1/namespaces/demo/pods/a', { gracePeriodSeconds: 0 })
    await clock.reach(clock.now() + 1_000, client.cluster.settled)
    expect(textAt(client.cluster.get('pods', 'demo', 'b'), 'spec', 'nodeName')).toBe('node-1')
  })

  it('leaves cordoned nodes and nodes that are not ready alone', async () => {
    client.cluster.put('nodes', '', { metadata: { name: 'cordoned' }, spec: { unschedulable: true }, status: { conditions: [{ type: 'Ready', status: 'True' }] } })
    client.cluster.put('nodes', '', { metadata: { name: 'lost' }, status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } })
    await put(podWith('a'))
    expect(messages('FailedScheduling')[0]).toMatch(/^0\/2 nodes are available: 1 node\(s\) had untolerated taint\(s\), 1 node\(s\) were unschedulable\./)
  })
})

describe('A new pod', () => {
  it('gets what admission adds', async () => {
    addNode(client.cluster)
    await put({ metadata: { name: 'a' }, spec: { containers: [{ name: 'main', image: 'shop' }] } })
    const [pod] = pods()
    expect(textAt(pod, 'spec', 'serviceAccountName')).toBe('default')
    expect(textAt(pod, 'spec', 'containers', 0, 'imagePullPolicy')).toBe('Always')
    expect(listAt(pod, 'spec', 'tolerations')).toHaveLength(2)
    expect(textAt(pod, 'spec', 'volumes', 0, 'name')).toMatch(/^kube-api-access-/)
    expect(mapAt(pod, 'status')).toMatchObject({ qosClass: 'BestEffort' })
  })

  it('needs its service account', async () => {
    const answer = await client.call('POST', '/api/v1/namespaces/demo/pods', podWith('a', { serviceAccountName: 'robot' }))
    expect([answer.status, answer.message]).toEqual([403, 'pods "a" is forbidden: error looking up service account demo/robot: serviceaccount "robot" not found'])
  })
})

describe('A quota', () => {
  it('counts, refuses by name and frees again', async () => {
    addNode(client.cluster)
    client.cluster.put('resourcequotas', 'demo', { metadata: { name: 'q' }, spec: { hard: { pods: '1', 'requests.cpu': '2' } } })
    await put(podWith('a', {}, { resources: { requests: { cpu: '500m' } } }))
    expect(mapAt(client.cluster.get('resourcequotas', 'demo', 'q'), 'status', 'used')).toEqual({ pods: '1', 'requests.cpu': '500m' })
    const second = await client.call('POST', '/api/v1/namespaces/demo/pods', podWith('b', {}, { resources: { requests: { cpu: '2' } } }))
    expect([second.status, second.message]).toEqual([403, 'pods "b" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=2, used: pods=1,requests.cpu=500m, limited: pods=1,requests.cpu=2'])
    const silent = await client.call('POST', '/api/v1/namespaces/demo/pods', podWith('c'))
    expect(silent.message).toBe('pods "c" is forbidden: failed quota: q: must specify requests.cpu for: main')
    finish(pods()[0] ?? {}, 'Succeeded')
    await client.cluster.settled()
    expect(mapAt(client.cluster.get('resourcequotas', 'demo', 'q'), 'status', 'used')).toMatchObject({ pods: '0' })
  })
})

describe('A webhook', () => {
  it('that adds a container adds it to pods, with its defaults, and to no template', async () => {
    beside = 'mesh:3'
    client.cluster.put('deployments.apps', 'demo', deployment())
    await client.cluster.settled()
    const images = (object: JsonMap | undefined, ...path: string[]) => mapsAt(object, ...path).map(({ image }) => image)
    expect(pods()).not.toEqual([])
    for (const pod of pods()) expect(images(pod, 'spec', 'containers')).toEqual([expect.any(String), 'mesh:3'])
    expect(mapsAt(pods()[0], 'spec', 'containers')[1]).toMatchObject({ terminationMessagePolicy: 'File', imagePullPolicy: 'IfNotPresent' })
    expect(images(client.cluster.get('deployments.apps', 'demo', 'web'), 'spec', 'template', 'spec', 'containers')).toHaveLength(1)
    expect(pods()).toHaveLength(client.cluster.list('replicasets.apps', 'demo').reduce((sum, set) => sum + (numberAt(set, 'spec', 'replicas') ?? 0), 0))
  })

  it('that refuses pods makes the ReplicaSet and the Deployment say so', async () => {
    refused = 'Pod'
    client.cluster.put('deployments.apps', 'demo', deployment())
    await clock.reach(clock.now() + 30, client.cluster.settled)
    expect(messages('FailedCreate')[0]).toBe('Error creating: admission webhook "policy.example.com" denied the request: not today')
    expect(mapsAt(client.cluster.get('deployments.apps', 'demo', 'web'), 'status', 'conditions')).toContainEqual(
      expect.objectContaining({ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'admission webhook "policy.example.com" denied the request: not today' }),
    )
  })

  it('that refuses ReplicaSets makes the Deployment say so', async () => {
    refused = 'ReplicaSet'
    client.cluster.put('deployments.apps', 'demo', deployment())
    await client.cluster.settled()
    const conditions = mapsAt(client.cluster.get('deployments.apps', 'demo', 'web'), 'status', 'conditions')
    expect(conditions).toContainEqual(expect.objectContaining({ type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError' }))
  })
})

describe('Logs of a pod', () => {
  it('come from the kubelet of its node, its refusals as bad requests', async () => {
    const keys = await generate([{ name: 'commonName', value: 'kubelet' }], { keyType: 'ec', algorithm: 'sha256' })
    const asked: string[] = []
    const kubelet = createServer({ key: keys.private, cert: keys.cert }, (request, response) => {
      asked.push(request.url ?? '')
      if (request.url?.includes('previous=true')) response.writeHead(400).end('previous terminated container "main" in pod "a" not found')
      else response.end('hello\n')
    })
    const port = await listen(kubelet, 0)
    client.cluster.put('nodes', '', {
      metadata: { name: 'node-1' },
      status: { conditions: [{ type: 'Ready', status: 'True' }], capacity: { cpu: '4', memory: '8Gi', pods: '9' }, addresses: [{ type: 'InternalIP', address: '127.0.0.1' }], daemonEndpoints: { kubeletEndpoint: { Port: port } } },
    })
    await put(podWith('a'))
    const log = '/api/v1/namespaces/demo/pods/a/log'
    expect((await client.call('GET', `${log}?tailLines=25`)).body).toEqual({ text: 'hello\n' })
    const previous = await client.call('GET', `${log}?previous=true`)
    expect([previous.status, previous.message]).toEqual([400, 'previous terminated container "main" in pod "a" not found'])
    expect(asked).toEqual(['/containerLogs/demo/a/main?tailLines=25', '/containerLogs/demo/a/main?previous=true'])
    expect((await client.call('GET', `${log}?container=other`)).message).toBe('container other is not valid for pod a')
    kubelet.closeAllConnections()
    kubelet.close()
    const gone = await client.call('GET', log)
    expect([gone.status, at(gone.body, 'reason')]).toEqual([500, 'InternalError'])
  })

  it('are nothing at all for a pod without a node', async () => {
    await put(podWith('a'))
    const answer = await client.call('GET', '/api/v1/namespaces/demo/pods/a/log')
    expect([answer.status, answer.body]).toEqual([204, { text: '' }])
  })
})

describe('A namespace', () => {
  it('gets its service account and the certificate of the cluster', () => {
    const { cluster } = client
    expect(cluster.get('serviceaccounts', 'demo', 'default')).toBeDefined()
    expect(textAt(cluster.get('configmaps', 'demo', 'kube-root-ca.crt'), 'data', 'ca.crt')).toContain('BEGIN CERTIFICATE')
    expect(numberAt(cluster.get('namespaces', '', 'demo'), 'metadata', 'generation')).toBeUndefined()
  })
})
