import { fetch } from 'undici'
import type { Dispatcher, Response } from 'undici'
import { isLoopback } from './hosts.ts'

/** How a registry is reached. */
export interface Transport {
  readonly dispatcher?: Dispatcher
  /** `host:port` of registries that speak http without TLS; loopback always may. */
  readonly plainHttp: ReadonlySet<string>
  readonly signal: AbortSignal
}

/** A registry that cannot be asked, as a sentence part that follows its name. Holds no secret. */
export class Unreachable extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(why, options)
    this.name = 'Unreachable'
  }
}

const maxRedirects = 5

/** True for a host that may be spoken to without TLS. */
export const speaksPlainHttp = (host: string, plainHttp: ReadonlySet<string>): boolean => isLoopback(host) || plainHttp.has(host)

const networkReasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'is not a known host',
  EAI_AGAIN: 'could not be looked up (DNS)',
  ECONNREFUSED: 'refuses connections',
  ECONNRESET: 'closed the connection',
  UND_ERR_SOCKET: 'closed the connection',
  EHOSTUNREACH: 'cannot be reached from here',
  ENETUNREACH: 'cannot be reached from here',
  ERR_SSL_WRONG_VERSION_NUMBER: 'speaks no TLS (is it one for PLAIN_HTTP_REGISTRIES?)',
  UND_ERR_CONNECT_TIMEOUT: 'did not answer in 10 s',
}

const codeOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined
  if ('code' in error && typeof error.code === 'string' && error.code in networkReasons) return error.code
  if (error instanceof AggregateError) return error.errors.map(codeOf).find((code) => code !== undefined)
  return codeOf(error.cause)
}

const innermost = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : innermost(error.cause)
}

const send = async (url: URL, method: 'GET' | 'HEAD', headers: Readonly<Record<string, string>>, transport: Transport): Promise<Response> => {
  try {
    const dispatcher = transport.dispatcher === undefined ? {} : { dispatcher: transport.dispatcher }
    return await fetch(url, { method, headers, redirect: 'manual', signal: transport.signal, ...dispatcher })
  } catch (error) {
    if (transport.signal.aborted) throw error
    const code = codeOf(error)
    throw new Unreachable((code === undefined ? undefined : networkReasons[code]) ?? `cannot be asked: ${innermost(error)}`, { cause: error })
  }
}

/** Lets go of a body nobody reads, so that its connection is free again. */
export const discard = async (response: Response): Promise<void> => {
  await response.body?.cancel()
}

/** A whole body of at most `limit` bytes. Throws Unreachable when it is longer or breaks off. */
export const readBody = async (response: Response, limit: number, transport: Transport): Promise<Buffer> => {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of response.body ?? []) {
      if (!(chunk instanceof Uint8Array)) throw new Unreachable('answered with something that is not bytes')
      chunks.push(chunk)
      size += chunk.byteLength
      if (size > limit) throw new Unreachable(`answered with more than ${limit / 1024 / 1024} MiB`)
    }
  } catch (error) {
    if (error instanceof Unreachable || transport.signal.aborted) throw error
    throw new Unreachable('broke off its answer', { cause: error })
  }
  return Buffer.concat(chunks)
}

/**
 * One request with its redirects. `Authorization` stays with the origin it was meant for; TLS is never left for plain http.
 * Throws Unreachable.
 */
export const request = async (start: URL, method: 'GET' | 'HEAD', headers: Readonly<Record<string, string>>, transport: Transport): Promise<Response> => {
  let url = start
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const { Authorization: _secret, ...others } = headers
    const response = await send(url, method, url.origin === start.origin ? headers : others, transport)
    const location = response.headers.get('location')
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return response
    await discard(response)
    if (!URL.canParse(location, url.href)) throw new Unreachable('redirects to nowhere')
    const next = new URL(location, url)
    const allowed = next.protocol === 'https:' || (next.protocol === 'http:' && url.protocol === 'http:' && speaksPlainHttp(next.host, transport.plainHttp))
    if (!allowed) throw new Unreachable(`redirects to ${next.protocol}//${next.host}, which is not asked`)
    url = next
  }
  throw new Unreachable(`redirects more than ${maxRedirects} times`)
}
