import { createSecureServer } from 'node:http2'
import { stringify } from 'yaml'
import type { Journal } from '../journal.ts'
import { createApi, type Write } from './api/api.ts'
import { identity } from './certificate.ts'
import { realTime, type ClusterClock } from './clock.ts'
import { startControllers } from './controllers/start.ts'
import { openGate } from './gate.ts'
import { createPages } from './http/list.ts'
import type { Access } from './http/reviews.ts'
import { serve } from './http/serve.ts'
import { serverPort } from './http/port.ts'
import type { Json, JsonMap } from './json.ts'
import type { KubeObject } from './object.ts'
import { resourceNamed } from './resources.ts'
import { openStore, type Change } from './store.ts'

export interface ClusterOptions {
  journal: Journal
  /** 0, the default: any free one. */
  port?: number
  /** Where certificates and token are kept between starts. Without it they are new each time. */
  certificateDir?: string
  /** A stand-in for an admission webhook: returns the reason to refuse an object. */
  refuse?: (object: JsonMap) => string | undefined
  /** A stand-in for a mutating admission webhook: changes a new object in place. */
  amend?: (object: JsonMap) => void
  /** Whether access is denied. Everything is allowed without it. */
  denied?: (access: Access) => boolean
  /** Everything the cluster writes down or waits for goes by it, but for open connections. The real time without it. */
  clock?: ClusterClock
  /** Claims that name one of these are bound at once, all others never. Only "standard" without it. */
  storageClasses?: readonly string[]
  /** Which of them claims get that name none. Without it such a claim is never bound, as in a cluster without a default StorageClass. */
  defaultStorageClass?: string
}

export interface LoggedRequest {
  method: string
  /** With its query. */
  path: string
  userAgent: string
  /** ms since the epoch */
  at: number
}

export interface SimulatedCluster {
  url: string
  /** YAML, with the certificate and the token. */
  kubeconfig: string
  token: string
  /** Freezes every connection, new ones too, without closing any. */
  pause(): void
  resume(): void
  /** Resets every connection. */
  dropConnections(): void
  /** Ends every open watch cleanly, as a server does at its time limit. */
  endWatches(): void
  /** Makes every older resourceVersion "too old", told in the watch's stream or as HTTP 410. */
  compact(how?: 'frame' | 'status'): void
  requests(): LoggedRequest[]
  /** Resolves once the controllers have nothing to do right now. */
  settled(): Promise<void>
  /** Every change from now on, in order. Returns the way to stop. */
  observe(listener: (change: Change) => void): () => void
  get(resource: string, namespace: string, name: string): KubeObject | undefined
  list(resource: string, namespace?: string): KubeObject[]
  /** Creates it, or replaces what is there; as `manager` ("kubectl-edit" unless said otherwise). */
  put(resource: string, namespace: string, object: JsonMap, write?: Partial<Write>): KubeObject
  /** As `kubectl delete` does: what it owns goes too. */
  remove(resource: string, namespace: string, name: string): void
  close(): Promise<void>
}

const kubeconfigOf = (server: string, authority: string, token: string): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'sandbox', cluster: { server, 'certificate-authority-data': Buffer.from(authority).toString('base64') } }],
    users: [{ name: 'sandbox', user: { token } }],
    contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user: 'sandbox' } }],
    'current-context': 'sandbox',
  })

const logLimit = 10_000

/** Starts API server and controllers over what the journal holds. Rejects when the port is taken. */
export const startCluster = async (options: ClusterOptions): Promise<SimulatedCluster> => {
  const clock = options.clock ?? realTime
  const { now } = clock
  const store = openStore(options.journal)
  const keys = await identity(options.certificateDir)
  const addresses = (): string => {
    const taken = new Set(store.list('services').map((service) => JSON.stringify(service['spec'])))
    for (let index = 10; ; index += 1) {
      const address = `10.96.${Math.floor(index / 250)}.${(index % 250) + 1}`
      if (![...taken].some((spec) => spec.includes(`"${address}"`))) return address
    }
  }
  const api = createApi({
    store, now, clusterAddress: addresses, ...(options.refuse && { refuse: options.refuse }), ...(options.amend && { amend: options.amend }),
    ...(options.defaultStorageClass !== undefined && { defaultStorageClass: options.defaultStorageClass }),
  })
  const controllers = startControllers({ api, store, clock, certificate: keys.authority, storageClasses: options.storageClasses ?? ['standard'] })
  const pages = createPages()
  const log: LoggedRequest[] = []
  const watch: { tooOld: 'frame' | 'status'; ended: Set<() => void> } = { tooOld: 'frame', ended: new Set() }
  let address = ''

  const server = createSecureServer({ key: keys.key, cert: keys.certificate, allowHTTP1: true, settings: { maxConcurrentStreams: 250 } }, (request, response) => {
    void serve(request, response, {
      api,
      store,
      token: keys.token,
      now,
      address: () => address,
      denied: options.denied,
      log: (entry) => {
        log.push(entry)
        if (log.length > logLimit) log.shift()
      },
      watch,
      pages,
    })
  })
  // A client that vanishes in the middle is ordinary.
  server.on('sessionError', () => undefined)
  server.on('tlsClientError', () => undefined)
  const inner = await serverPort(server)
  let gate
  try {
    gate = await openGate(options.port ?? 0, inner)
  } catch (error) {
    controllers.close()
    server.close()
    throw error
  }
  address = `127.0.0.1:${gate.port}`
  const url = `https://${address}`

  const put: SimulatedCluster['put'] = (resource, namespace, object, write) => {
    const kind = resourceNamed(resource)
    const how: Write = { manager: 'kubectl-edit', ...write }
    const metadata: Json | undefined = object['metadata']
    const name = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata) && typeof metadata['name'] === 'string' ? metadata['name'] : ''
    const exists = name !== '' && store.get(kind.key, namespace, name)
    return exists ? api.update(kind, namespace, name, object, how) : api.create(kind, namespace, object, how)
  }

  return {
    url,
    kubeconfig: kubeconfigOf(url, keys.authority, keys.token),
    token: keys.token,
    pause: gate.pause,
    resume: gate.resume,
    dropConnections: gate.drop,
    endWatches: () => [...watch.ended].forEach((end) => end()),
    compact: (how = 'frame') => {
      watch.tooOld = how
      store.compact()
      pages.forget()
    },
    requests: () => [...log],
    settled: controllers.settled,
    observe: store.subscribe,
    get: store.get,
    list: store.list,
    put,
    remove: (resource, namespace, name) => void api.remove(resourceNamed(resource), namespace, name, { propagation: 'Background' }),
    close: async () => {
      controllers.close()
      for (const end of watch.ended) end()
      await gate.close()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
