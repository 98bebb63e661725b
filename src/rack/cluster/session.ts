import type { RequestOptions } from 'node:https'
import { connect as tlsConnect } from 'node:tls'
import { KubeConfig } from '@kubernetes/client-node'
import { Agent, request as send, type Dispatcher } from 'undici'
import { ClusterRefusal, ClusterUnreachable } from './cluster-error.ts'

/** A request to the API server. `path` begins with `/api` or `/apis`. */
export interface ClusterRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
  readonly contentType?: string
  /** Milliseconds; 30,000 unless given. */
  readonly timeout?: number
  readonly signal?: AbortSignal
}

/** One session per rack: every request and watch of it shares one HTTP/2 connection (reference/rollouts.md 7). */
export interface ClusterSession {
  /** JSON answers; throws `ClusterRefusal` or `ClusterUnreachable`. */
  request(request: ClusterRequest): Promise<unknown>
  /** Text answers (logs). */
  text(request: ClusterRequest): Promise<string>
  /** Lines of a watch until it ends; throws like `request`. */
  lines(request: ClusterRequest): AsyncGenerator<unknown>
  /** When the server last answered anything, and since when it has not. */
  lastAnswer(): Date
  /** True when the pulse has been missed twice in a row and nothing else has come. */
  silent(): boolean
  close(): Promise<void>
}

/** Milliseconds. A pulse every 5 s with a limit of 2.5 s finds a frozen connection within 15 s (measured: rollouts.md 7). */
const pulseEvery = 5_000
const pulseLimit = 2_500
const missesAllowed = 2
/** A watch line longer than this ends the watch: an object is at most 1.5 MB in etcd. */
const longestLine = 8 * 1024 * 1024

interface Agents { readonly requests: Agent; readonly watches: Agent }

const tlsOf = (options: RequestOptions) => ({
  ...(options.ca === undefined ? {} : { ca: options.ca }), ...(options.cert === undefined ? {} : { cert: options.cert }),
  ...(options.key === undefined ? {} : { key: options.key }), ...(options.servername === undefined ? {} : { servername: options.servername }),
  ...(options.rejectUnauthorized === undefined ? {} : { rejectUnauthorized: options.rejectUnauthorized }),
})

/** Where ALPN yields only HTTP/1.1, one limited Agent would deadlock behind an open watch: then watches get their own. */
const speaksHttp2 = (server: URL, tls: ReturnType<typeof tlsOf>): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const socket = tlsConnect({ host: server.hostname, port: Number(server.port === '' ? 443 : server.port), servername: tls.servername ?? (/^[\d.:[\]]+$/.test(server.hostname) ? undefined : server.hostname), ALPNProtocols: ['h2', 'http/1.1'], timeout: 5_000, ...tls })
    socket.once('secureConnect', () => {
      const h2 = socket.alpnProtocol === 'h2'
      socket.destroy()
      resolve(h2)
    })
    socket.once('timeout', () => socket.destroy(new Error('timed out')))
    socket.once('error', reject)
  })

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The refusal that an answer of 400 or more means. */
export const refusalOf = (status: number, body: string, retryAfter: string | null): ClusterRefusal => {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    parsed = undefined
  }
  const seconds = retryAfter === null ? null : Number(retryAfter)
  if (!isObject(parsed)) return new ClusterRefusal(status, 'Unknown', body.slice(0, 300) || `HTTP ${status}`, [], seconds)
  const details = isObject(parsed['details']) ? parsed['details'] : {}
  const causes = Array.isArray(details['causes']) ? details['causes'].filter(isObject).map((cause) => ({ field: String(cause['field'] ?? ''), message: String(cause['message'] ?? '') })) : []
  return new ClusterRefusal(status, String(parsed['reason'] ?? 'Unknown'), String(parsed['message'] ?? body), causes, seconds)
}

/** From the text of a kubeconfig file, or in-cluster when null. */
export const loadKubeConfig = (kubeconfig: string | null): KubeConfig => {
  const config = new KubeConfig()
  if (kubeconfig === null) config.loadFromCluster()
  else config.loadFromString(kubeconfig)
  if (config.getCurrentCluster() === null) throw new Error('the kubeconfig names no cluster in its current context')
  return config
}

/** Opens a session; nothing is sent before the first request. `onRenewed` is called when a frozen connection was replaced. */
export const openSession = (config: KubeConfig, options: { onRenewed?: (why: string) => void } = {}): ClusterSession => {
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new Error('no cluster')
  const server = new URL(cluster.server)
  let agents: Promise<Agents> | null = null
  let lastAnswer = new Date()
  let misses = 0
  let closed = false

  const answered = (): void => {
    lastAnswer = new Date()
    misses = 0
  }

  const openAgents = async (): Promise<Agents> => {
    const https: RequestOptions = {}
    await config.applyToHTTPSOptions(https)
    const tls = tlsOf(https)
    const plain = { bodyTimeout: 0, headersTimeout: 30_000, keepAliveTimeout: 30_000 }
    if (server.protocol === 'http:') return { requests: new Agent({ ...plain, connections: 8 }), watches: new Agent(plain) }
    if (await speaksHttp2(server, tls)) {
      const one = new Agent({ ...plain, connect: { ...tls, timeout: 5_000 }, allowH2: true, connections: 1, pipelining: 100 })
      return { requests: one, watches: one }
    }
    return { requests: new Agent({ ...plain, connect: { ...tls, timeout: 5_000 }, connections: 8 }), watches: new Agent({ ...plain, connect: { ...tls, timeout: 5_000 } }) }
  }
  const agentsNow = (): Promise<Agents> => {
    agents ??= openAgents().catch((error: unknown) => {
      agents = null
      throw error
    })
    return agents
  }
  const renew = async (why: string): Promise<void> => {
    const old = agents
    agents = null
    misses = 0
    options.onRenewed?.(why)
    const gone = await old?.catch(() => undefined)
    const error = new Error(why)
    if (gone !== undefined) await Promise.all([gone.requests.destroy(error), gone.watches === gone.requests ? undefined : gone.watches.destroy(error)])
  }

  /** Credentials are applied to every request anew: projected tokens and exec plugins rotate. */
  const headersNow = async (): Promise<Record<string, string>> => {
    const https: RequestOptions = {}
    await config.applyToHTTPSOptions(https)
    const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'slipway' }
    if (isObject(https.headers)) for (const [name, value] of Object.entries(https.headers)) if (typeof value === 'string') headers[name] = value
    if (typeof https.auth === 'string') headers['authorization'] = `Basic ${Buffer.from(https.auth).toString('base64')}`
    return headers
  }

  const ask = async (request: ClusterRequest, pick: (agents: Agents) => Dispatcher, signal: AbortSignal | undefined) => {
    const url = new URL(cluster.server.replace(/\/$/, '') + request.path)
    for (const [name, value] of Object.entries(request.query ?? {})) if (value !== undefined) url.searchParams.set(name, value)
    const what = `${request.method} ${request.path}`
    try {
      const response = await send(url, {
        method: request.method,
        headers: { ...(await headersNow()), ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }) },
        ...(request.body === undefined ? {} : { body: Buffer.from(JSON.stringify(request.body)) }),
        ...(signal === undefined ? {} : { signal }),
        dispatcher: pick(await agentsNow()),
        // Without it undici holds every write back until no stream is open, which behind a watch is for ever; fetch() cannot say it. It retries nothing.
        idempotent: true,
      })
      answered()
      const { 'retry-after': retryAfter } = response.headers
      if (response.statusCode >= 400) throw refusalOf(response.statusCode, await response.body.text(), typeof retryAfter === 'string' ? retryAfter : null)
      return response
    } catch (error) {
      if (error instanceof ClusterRefusal) throw error
      throw new ClusterUnreachable(what, error)
    }
  }
  const limited = (request: ClusterRequest): AbortSignal => {
    const limit = AbortSignal.timeout(request.timeout ?? 30_000)
    return request.signal === undefined ? limit : AbortSignal.any([limit, request.signal])
  }
  const text = async (request: ClusterRequest): Promise<string> => {
    const response = await ask(request, (both) => both.requests, limited(request))
    try {
      return await response.body.text()
    } catch (error) {
      throw new ClusterUnreachable(`${request.method} ${request.path}`, error)
    }
  }

  const pulse = setInterval(() => {
    if (closed || agents === null) return
    text({ method: 'GET', path: '/livez', timeout: pulseLimit }).catch((error: unknown) => {
      if (error instanceof ClusterRefusal) return // An answer, whatever it says.
      misses += 1
      if (misses >= missesAllowed) void renew(`no answer to ${missesAllowed} pulses`)
    })
  }, pulseEvery)
  pulse.unref()

  return {
    text,
    request: async (request) => {
      const body = await text(request)
      if (body === '') return null
      try {
        return JSON.parse(body)
      } catch (error) {
        throw new ClusterUnreachable(`${request.method} ${request.path}`, error)
      }
    },
    lines: async function* (request) {
      const response = await ask(request, (both) => both.watches, request.signal)
      const decoder = new TextDecoder()
      let rest = ''
      try {
        for await (const chunk of response.body) {
          answered()
          rest += decoder.decode(chunk, { stream: true })
          if (rest.length > longestLine) throw new Error(`a watch line is longer than ${longestLine} bytes`)
          for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
            const line = rest.slice(0, end)
            rest = rest.slice(end + 1)
            if (line !== '') yield JSON.parse(line)
          }
        }
      } catch (error) {
        throw new ClusterUnreachable(`watch ${request.path}`, error)
      }
    },
    lastAnswer: () => lastAnswer,
    silent: () => Date.now() - lastAnswer.getTime() > pulseEvery * missesAllowed + pulseLimit,
    close: async () => {
      closed = true
      clearInterval(pulse)
      await renew('the session was closed')
    },
  }
}
