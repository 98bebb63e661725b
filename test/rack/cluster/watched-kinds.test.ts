import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startCluster, type SimulatedCluster } from '../../../sandbox/cluster/start.ts'
import type { KubeObject } from '../../../sandbox/cluster/object.ts'
import { memoryJournal } from '../../../sandbox/journal.ts'
import { openCache, type ClusterView } from '../../../src/rack/cluster/cache.ts'
import { loadKubeConfig } from '../../../src/rack/cluster/credentials.ts'
import { fieldManager, objectClient, type ObjectClient, type PlainObject } from '../../../src/rack/cluster/objects.ts'
import { openSession, type ClusterSession } from '../../../src/rack/cluster/session.ts'
import { judge, type Verdict } from '../../../src/rack/rollout/judge.ts'
import { expectService, type ExpectedService } from '../../../src/rack/rollout/rollout-facts.ts'

const namespace = 'convox-shop'
const template = (image: string) => ({ metadata: { labels: { app: 'x', release: 'R2' } }, spec: { restartPolicy: 'Always', containers: [{ name: 'main', image }] } })
const agent = (image: string): PlainObject => ({
  apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'logs', namespace }, spec: { selector: { matchLabels: { app: 'x' } }, template: template(image) },
})
const timer = (image: string): PlainObject => ({
  apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'timer-cleanup', namespace },
  spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template: { ...template(image), spec: { ...template(image).spec, restartPolicy: 'Never' } } } } },
})
const web: PlainObject = {
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace, finalizers: ['example.com/slow'] },
  spec: { replicas: 0, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'shop:1' }] } } },
}
const slowly = { timeout: 20_000, interval: 50 }

describe('what the watches bring to the judge', () => {
  let cluster: SimulatedCluster
  let session: ClusterSession
  let objects: ObjectClient
  let view: ClusterView
  let stop: AbortController

  beforeEach(async () => {
    cluster = await startCluster({ journal: memoryJournal() })
    session = openSession(() => loadKubeConfig(cluster.kubeconfig), { onRenewed: () => undefined })
    objects = objectClient(session)
    stop = new AbortController()
    await objects.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
    view = openCache(session, { namespacePrefix: 'convox-', clock: () => new Date(), signal: stop.signal, log: () => undefined })
    await expect.poll(() => view.blindSince(), slowly).toBeNull()
  })
  afterEach(async () => {
    stop.abort()
    await session.close()
    await cluster.close()
  })

  const applied = async (service: string, object: PlainObject): Promise<ExpectedService> => {
    const expected = expectService(service, await objects.apply(object, { force: true }))
    if (expected === undefined) throw new Error('the cluster answered with something else')
    return expected
  }
  const startedAt = () => new Date(Date.now() - 1_000).toISOString()
  const judged = (expected: ExpectedService): Verdict => judge({
    direction: 'out', ourManager: fieldManager, fresh: view.blindSince() === null, startedAt: startedAt(), deadlineAt: new Date(Date.now() + 600_000).toISOString(), deadline: 600,
    expected: [expected], baseline: {}, ...view.facts(namespace),
  }, new Date())

  it('lets an agent be complete on no node, then on the one that comes, and its crash be excused by a cordon', async () => {
    const expected = await applied('logs', agent('shop:2'))
    await expect.poll(() => judged(expected), slowly).toMatchObject({ kind: 'complete', services: [{ note: { kind: 'no_node' } }] })
    const conditions = [{ type: 'Ready', status: 'True' }]
    cluster.put('nodes', '', { metadata: { name: 'node-1' }, status: { conditions, allocatable: { cpu: '4', memory: '8Gi', pods: '110' }, capacity: { cpu: '4', memory: '8Gi', pods: '110' } } })
    await expect.poll(() => judged(expected), slowly).toMatchObject({ kind: 'progressing', services: [{ service: 'logs', desired: 1, ready: 0 }] })
    const [pod] = await expect.poll(() => cluster.list('pods', namespace), slowly).toHaveLength(1).then(() => cluster.list('pods', namespace))
    if (pod === undefined) throw new Error('no pod')
    const container = { name: 'main', image: 'shop:2', imageID: '', restartCount: 2, ready: false, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 1 } } }
    cluster.put('pods', namespace, { ...pod, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }], containerStatuses: [container] } }, { subresource: 'status' })
    await expect.poll(() => judged(expected), slowly).toMatchObject({ kind: 'failed', causes: [{ kind: 'crashed_at_start', service: 'logs', process: pod.metadata.name }] })
    const write = (more: (node: KubeObject) => object): void => {
      const [node] = cluster.list('nodes')
      if (node === undefined) throw new Error('no node')
      cluster.put('nodes', '', { ...node, ...more(node) })
    }
    const beat = (count: string) => write(({ metadata }) => ({ metadata: { ...metadata, annotations: { heartbeat: count } } }))
    let woken = 0
    const stopListening = view.subscribe(namespace, () => void (woken += 1))
    beat('1')
    beat('2')
    // One that counts comes behind them on the same watch.
    write(() => ({ spec: { unschedulable: true } }))
    await expect.poll(() => woken, slowly).toBe(1)
    stopListening()
    await expect.poll(() => judged(expected), slowly).toMatchObject({ kind: 'progressing', services: [{ excused: [{ pod: pod.metadata.name, why: 'NodeCordoned' }] }] })
  })

  it('lets a timer be complete, and names who changed it', async () => {
    const expected = await applied('cleanup', timer('shop:2'))
    await expect.poll(() => judged(expected), slowly).toMatchObject({ kind: 'complete', services: [{ service: 'cleanup', note: { kind: 'timer' } }] })
    await session.request({
      method: 'PATCH', path: `/apis/batch/v1/namespaces/${namespace}/cronjobs/timer-cleanup`, query: { fieldManager: 'kubectl-edit', force: 'true' },
      contentType: 'application/apply-patch+yaml', body: timer('shop:9'),
    })
    await expect.poll(() => judged(expected), slowly).toMatchObject({ kind: 'superseded', cause: { kind: 'changed_by', service: 'cleanup', manager: 'kubectl-edit' } })
  })

  it('tells of a namespace on its way out, not of what goes with it', async () => {
    const expected = await applied('web', web)
    await expect.poll(() => view.facts(namespace).deployments.length, slowly).toBe(1)
    await session.request({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` })
    await expect.poll(() => judged(expected), slowly).toMatchObject({ kind: 'superseded', cause: { kind: 'namespace_deleted' } })
  })
})
