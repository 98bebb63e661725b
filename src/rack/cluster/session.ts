import type { KubeConfig } from '@kubernetes/client-node'
import { setImmediate as turn } from 'node:timers/promises'
import { request as send, type Dispatcher } from 'undici'
import { destroyAgents, openAgents, tlsIdentity, type Agents } from './agents.ts'
import { ClusterRefusal, ClusterUnreachable } from './cluster-error.ts'
import { openCredentials } from './credentials.ts'
import { readLines } from './lines.ts'
import { readRefusal } from './read-refusal.ts'

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
  /** Lines of a watch until it ends; throws like `request`. `opened` is called once the server has accepted it. */
  lines(request: ClusterRequest, opened?: () => void): AsyncGenerator<unknown>
  /** Null while pulses are answered, else when the server was last heard. */
  silentSince(): Date | null
  /** Called whenever silence begins or ends. Returns a way to stop. */
  onSilence(callback: () => void): () => void
  /** False where watches have connections of their own (HTTP/1.1): an answer then says nothing about them. */
  oneConnection(): boolean
  /** True when the server was heard at most so many milliseconds ago, by the monotonic clock. */
  heardWithin(ms: number): boolean
  /** Asks for a sign of life, one request at a time for everybody who wants to know; false when none came within 2.5 s. */
  confirm(): Promise<boolean>
  close(): Promise<void>
}

/** Milliseconds. A pulse every 5 s that may take 2.5 s: a frozen connection is found within 7.5 s, and replaced 2.5 s later. */
export const pulseEvery = 5_000
export const pulseLimit = 2_500
export const missesAllowed = 2
/** A plugin that renews a token may take a while, and says nothing about the connection. */
const credentialsLimit = 7_500
/** Credentials that the server does not know are read anew at most this often, in ms: each time may start a plugin. */
const renewEvery = 1_000

interface SessionOptions {
  /** Called when a frozen connection was replaced. */
  readonly onRenewed?: (why: string) => void
  /** For the times this session tells; it waits by the monotonic clock. */
  readonly clock?: () => Date
}

/** Waits no longer than the signal allows: undici hears of it only once it has the whole request. */
const untilAborted = async <Value>(waited: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> => {
  if (signal === undefined) return waited
  let give = (): void => undefined
  const aborted = new Promise<never>((_, reject) => {
    give = () => reject(new Error('aborted while waiting for the credentials', { cause: signal.reason }))
    if (signal.aborted) give()
    else signal.addEventListener('abort', give, { once: true })
  })
  try {
    return await Promise.race([waited, aborted])
  } finally {
    signal.removeEventListener('abort', give)
  }
}

/** Opens a session; nothing is sent before the first request. `load` reads the kubeconfig: at once, and again when the server answers 401. */
export const openSession = (load: () => KubeConfig, options: SessionOptions = {}): ClusterSession => {
  const clock = options.clock ?? (() => new Date())
  const credentials = openCredentials(load)
  const server = new URL(credentials.server)
  const listeners = new Set<() => void>()
  let agents: Promise<Agents> | null = null
  let heardAt = performance.now()
  let silentFrom: number | null = null
  let misses = 0
  let shared = true
  let renewedAt = -renewEvery
  let asking: Promise<boolean> | null = null
  let closed = false

  const beSilent = (from: number | null): void => {
    if ((from === null) === (silentFrom === null)) return
    silentFrom = from
    for (const listener of listeners) listener()
  }
  const heard = (): void => {
    heardAt = performance.now()
    misses = 0
    beSilent(null)
  }
  const agentsNow = (): Promise<Agents> => {
    // A request that was still reading its token must not open what nobody would close.
    if (closed) return Promise.reject(new Error('the session was closed'))
    agents ??= credentials.tls().then((tls) => openAgents(server, tls)).then((opened) => {
      shared = opened.watches === opened.requests
      return opened
    }).catch((error: unknown) => {
      agents = null
      throw error
    })
    return agents
  }
  const replace = async (why: string): Promise<void> => {
    const old = agents
    agents = null
    misses = 0
    options.onRenewed?.(why)
    // One that could not be opened needs no closing; who asked for it was told.
    const gone = await old?.catch(() => undefined)
    if (gone !== undefined) await destroyAgents(gone, why)
  }

  const sendOnce = async (url: URL, request: ClusterRequest, pick: (agents: Agents) => Dispatcher, signal: AbortSignal | undefined) => {
    const response = await send(url, {
      method: request.method,
      headers: { accept: 'application/json', 'user-agent': 'slipway', ...(await untilAborted(credentials.headers(), signal)), ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }) },
      ...(request.body === undefined ? {} : { body: Buffer.from(JSON.stringify(request.body)) }),
      ...(signal === undefined ? {} : { signal }),
      dispatcher: pick(await untilAborted(agentsNow(), signal)),
      // Without it undici holds every write back until no stream is open, which behind a watch is for ever; fetch() cannot say it. It retries nothing.
      idempotent: true,
    })
    heard()
    const { 'retry-after': retryAfter } = response.headers
    if (response.statusCode >= 400) throw readRefusal(response.statusCode, await response.body.text(), typeof retryAfter === 'string' ? retryAfter : null)
    return response
  }
  /** New token, new plugin run, and where the certificate is another one, new connections. */
  const renewCredentials = async (): Promise<void> => {
    renewedAt = performance.now()
    credentials.renew()
    const current = await agents?.catch(() => undefined)
    if (current !== undefined && current.identity !== tlsIdentity(await credentials.tls())) await replace('the credentials changed')
  }
  const ask = async (request: ClusterRequest, pick: (agents: Agents) => Dispatcher, signal: AbortSignal | undefined) => {
    const url = new URL(credentials.server + request.path)
    for (const [name, value] of Object.entries(request.query ?? {})) if (value !== undefined) url.searchParams.set(name, value)
    try {
      try {
        return await sendOnce(url, request, pick, signal)
      } catch (error) {
        // 401 comes before anything is done: the same request may be sent again, a write too.
        if (!(error instanceof ClusterRefusal) || error.status !== 401 || performance.now() - renewedAt < renewEvery) throw error
        await renewCredentials()
        return await sendOnce(url, request, pick, signal)
      }
    } catch (error) {
      if (error instanceof ClusterRefusal) throw error
      throw new ClusterUnreachable(`${request.method} ${request.path}`, error)
    }
  }
  const text = async (request: ClusterRequest): Promise<string> => {
    const limit = AbortSignal.timeout(request.timeout ?? 30_000)
    const response = await ask(request, (both) => both.requests, request.signal === undefined ? limit : AbortSignal.any([limit, request.signal]))
    try {
      return await response.body.text()
    } catch (error) {
      throw new ClusterUnreachable(`${request.method} ${request.path}`, error)
    }
  }

  const askForLife = async (): Promise<boolean> => {
    const began = performance.now()
    try {
      await untilAborted(credentials.headers(), AbortSignal.timeout(credentialsLimit))
      await text({ method: 'GET', path: '/livez', timeout: pulseLimit })
      return true
    } catch (error) {
      if (error instanceof ClusterRefusal) return true // An answer, whatever it says.
      // A process that was busy or stopped sees its time-outs before what has arrived meanwhile.
      await turn()
      await turn()
      if (heardAt >= began) return true
      if (closed) return false
      misses += 1
      beSilent(heardAt)
      if (misses >= missesAllowed) void replace(`no answer to ${missesAllowed} pulses`)
      return false
    }
  }
  const confirm = (): Promise<boolean> => {
    asking ??= askForLife().finally(() => {
      asking = null
    })
    return asking
  }
  const pulse = setInterval(() => {
    // Nothing is open, so there is nothing to freeze: the watches are trying.
    if (closed || agents === null) return
    void confirm().then((alive) => {
      if (!alive && !closed && agents !== null) void confirm()
    })
  }, pulseEvery)
  pulse.unref()

  return {
    text, confirm,
    request: async (request) => {
      const body = await text(request)
      if (body === '') return null
      try {
        return JSON.parse(body)
      } catch (error) {
        throw new ClusterUnreachable(`${request.method} ${request.path}`, error)
      }
    },
    lines: async function* (request, opened) {
      const response = await ask(request, (both) => both.watches, request.signal)
      opened?.()
      try {
        for await (const line of readLines(response.body)) {
          heard()
          yield JSON.parse(line)
        }
      } catch (error) {
        throw new ClusterUnreachable(`watch ${request.path}`, error)
      }
    },
    silentSince: () => (silentFrom === null ? null : new Date(clock().getTime() - (performance.now() - silentFrom))),
    onSilence: (callback) => {
      listeners.add(callback)
      return () => void listeners.delete(callback)
    },
    oneConnection: () => shared,
    heardWithin: (ms) => performance.now() - heardAt <= ms,
    close: async () => {
      closed = true
      clearInterval(pulse)
      await replace('the session was closed')
    },
  }
}
