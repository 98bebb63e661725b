import { X509Certificate } from 'node:crypto'
import { Agent, fetch } from 'undici'
import { parse } from 'yaml'
import { isMap, parseJson, textAt, type Json, type JsonMap } from '../../../sandbox/cluster/json.ts'
import { memoryJournal } from '../../../sandbox/journal.ts'
import { startCluster, type ClusterOptions, type SimulatedCluster } from '../../../sandbox/cluster/start.ts'
import { steppedClock } from './stepped-clock.ts'

export interface Answer {
  status: number
  body: JsonMap
  message: string
  headers: Headers
}

export interface Client {
  cluster: SimulatedCluster
  call(method: string, path: string, body?: Json, headers?: Record<string, string>): Promise<Answer>
  /** Server-side apply as `manager`. */
  apply(path: string, body: JsonMap, manager: string, query?: string): Promise<Answer>
  /** Opens a watch; `next` gives one event after the other, undefined at its end. */
  watch(path: string): Promise<{ status: number; next(): Promise<JsonMap | undefined>; close(): Promise<void> }>
  close(): Promise<void>
}

/** The certificate authority of a kubeconfig. */
export const authorityOf = (kubeconfig: string): string => {
  const config: Json = parse(kubeconfig)
  return Buffer.from(textAt(config, 'clusters', 0, 'cluster', 'certificate-authority-data'), 'base64').toString()
}

/** A plain client of one simulated cluster, over HTTP/2 unless told otherwise. */
export const clientOf = (cluster: SimulatedCluster, allowH2 = true): Client => {
  const ca = authorityOf(cluster.kubeconfig)
  if (!new X509Certificate(ca).ca) throw new Error('the kubeconfig holds no authority')
  const dispatcher = new Agent({ connect: { ca }, allowH2 })
  const authorization = `Bearer ${cluster.token}`
  const call: Client['call'] = async (method, path, body, headers = {}) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    const answered = await fetch(`${cluster.url}${path}`, {
      method,
      dispatcher,
      headers: { authorization, 'user-agent': 'kubectl-edit/v1.36', ...(body !== undefined && { 'content-type': type }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answered.text()
    const parsed = text.startsWith('{') ? parseJson(text) : text
    const map: JsonMap = isMap(parsed) ? parsed : { text }
    return { status: answered.status, body: map, message: textAt(map, 'message'), headers: new Headers([...answered.headers]) }
  }
  return {
    cluster,
    call,
    apply: (path, body, manager, query = '') => call('PATCH', `${path}?fieldManager=${manager}${query}`, body, { 'content-type': 'application/apply-patch+yaml' }),
    watch: async (path) => {
      const abort = new AbortController()
      const answered = await fetch(`${cluster.url}${path}`, { dispatcher, headers: { authorization }, signal: abort.signal })
      const reader = answered.body?.getReader()
      const decoder = new TextDecoder()
      let buffer = ''
      return {
        status: answered.status,
        next: async () => {
          for (;;) {
            const end = buffer.indexOf('\n')
            if (end >= 0) {
              const line = parseJson(buffer.slice(0, end))
              buffer = buffer.slice(end + 1)
              return isMap(line) ? line : {}
            }
            const chunk = await reader?.read()
            if (!chunk || chunk.done) return undefined
            buffer += decoder.decode(chunk.value, { stream: true })
          }
        },
        close: async () => {
          abort.abort()
          await reader?.closed.catch((error: unknown) => {
            if (!abort.signal.aborted) throw error
          })
        },
      }
    },
    close: async () => {
      await dispatcher.destroy()
    },
  }
}

/** A cluster with the namespace "demo", and a client of it. Its time stands still unless a test gives it a clock: no retry comes in between. */
export const openCluster = async (options: Partial<ClusterOptions> = {}): Promise<Client> => {
  const cluster = await startCluster({ journal: memoryJournal(), clock: steppedClock(), ...options })
  const client = clientOf(cluster)
  if (!cluster.get('namespaces', '', 'demo')) cluster.put('namespaces', '', { metadata: { name: 'demo' } })
  await cluster.settled()
  return client
}

export const closeCluster = async (client: Client): Promise<void> => {
  await client.close()
  await client.cluster.close()
}

export const deploymentsPath = '/apis/apps/v1/namespaces/demo/deployments'

/** A Deployment as a renderer would send it. */
export const deployment = (spec: JsonMap = {}, container: JsonMap = {}): JsonMap => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'demo' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { automountServiceAccountToken: false, containers: [{ name: 'main', image: 'shop:1', ...container }] } },
    ...spec,
  },
})

/** A node with room, and pods that say they are ready. */
export const addNode = (cluster: SimulatedCluster, amounts: Record<string, string> = { cpu: '4', memory: '8Gi', pods: '110' }): void =>
  void cluster.put('nodes', '', { metadata: { name: 'node-1' }, status: { conditions: [{ type: 'Ready', status: 'True' }], capacity: amounts, allocatable: amounts } })

export const runPods = async (cluster: SimulatedCluster, namespace = 'demo'): Promise<void> => {
  await cluster.settled()
  for (const pod of cluster.list('pods', namespace)) {
    if (textAt(pod, 'status', 'phase') !== 'Pending') continue
    const status = pod['status']
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }]
    cluster.put('pods', namespace, { ...pod, status: { ...(isMap(status) ? status : {}), phase: 'Running', conditions } }, { manager: 'kubelet', subresource: 'status' })
  }
  await cluster.settled()
}
