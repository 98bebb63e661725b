import { createHash } from 'node:crypto'
import type { Dispatcher, Response } from 'undici'
import { parseChallenge } from './challenge.ts'
import type { Credential, Credentials } from './credentials.ts'
import { apiHost } from './hosts.ts'
import { referenceText } from './reference.ts'
import type { ImageReference } from './reference.ts'
import { answerChallenge } from './token.ts'
import { discard, readBody, request, speaksPlainHttp, Unreachable } from './transport.ts'
import type { Transport } from './transport.ts'

/** What a registry says of one reference. `registry` is the host as images name it; `why` follows it in a sentence and holds no secret. */
export type Resolution =
  | { readonly kind: 'resolved'; readonly reference: string; readonly digest: string }
  | { readonly kind: 'missing'; readonly reference: string; readonly registry: string }
  | { readonly kind: 'unreachable'; readonly reference: string; readonly registry: string; readonly why: string }

/** How to ask. */
export interface ResolveOptions {
  readonly credentials?: Credentials
  /** `host:port` of the registries that speak plain http (PLAIN_HTTP_REGISTRIES); loopback always does. */
  readonly plainHttp?: Iterable<string>
  readonly dispatcher?: Dispatcher
  /** Aborts the question; its reason is thrown. */
  readonly signal?: AbortSignal
  /** Milliseconds for the whole of one reference; 10 s. */
  readonly timeout?: number
}

const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

/** The distribution spec's limit for a manifest. */
const maxManifestBytes = 4 * 1024 * 1024

type Ask = (method: 'GET' | 'HEAD') => Promise<Response>

/** Sends one request, answering the registry's challenge once. */
const authorized = (url: URL, reference: ImageReference, credential: Credential | undefined, transport: Transport): Ask => {
  let authorization: string | undefined
  return async (method) => {
    const headers = () => ({ Accept: accept, ...(authorization === undefined ? {} : { Authorization: authorization }) })
    const first = await request(url, method, headers(), transport)
    const challenge = first.status === 401 && authorization === undefined ? parseChallenge(first.headers.get('www-authenticate') ?? '') : undefined
    if (challenge === undefined) return first
    await discard(first)
    authorization = await answerChallenge(challenge, reference.repository, url, credential, transport)
    return request(url, method, headers(), transport)
  }
}

const refusal = (response: Response): Unreachable => {
  const status = `${response.status} ${response.statusText}`.trim()
  return new Unreachable(response.status === 401 || response.status === 403 ? `refuses to show the image: ${status}` : `answered ${status}`)
}

const digestForm = /^sha256:[0-9a-f]{64}$/

/** The digest of a manifest that was sent whole; the registry's own header has to agree. */
const digestOfBody = async (response: Response, transport: Transport): Promise<string> => {
  const type = response.headers.get('content-type')?.split(';')[0]?.trim() ?? ''
  if (!accept.split(', ').includes(type)) {
    await discard(response)
    throw new Unreachable(`answered with "${type}", not with an image manifest`)
  }
  const digest = `sha256:${createHash('sha256').update(await readBody(response, maxManifestBytes, transport)).digest('hex')}`
  const claimed = response.headers.get('docker-content-digest')
  if (claimed !== null && claimed !== digest) throw new Unreachable('answered with a manifest that does not match its digest')
  return digest
}

/** The digest of a manifest, or undefined when the registry does not have it. */
const findDigest = async (ask: Ask, transport: Transport): Promise<string | undefined> => {
  const head = await ask('HEAD')
  await discard(head)
  if (head.status === 404) return undefined
  const digest = head.headers.get('docker-content-digest')
  if (head.ok && digest !== null && digestForm.test(digest)) return digest
  // Some registries know no HEAD, or leave the digest out of it; others say why they refuse only in answer to GET.
  if (!head.ok && ![400, 405, 501].includes(head.status)) throw refusal(head)
  const response = await ask('GET')
  if (response.ok) return digestOfBody(response, transport)
  await discard(response)
  if (response.status === 404) return undefined
  throw refusal(response)
}

const urlOf = (reference: ImageReference, plainHttp: ReadonlySet<string>): URL => {
  const host = apiHost(reference.registry)
  const scheme = speaksPlainHttp(host, plainHttp) ? 'http' : 'https'
  return new URL(`${scheme}://${host}/v2/${reference.repository}/manifests/${reference.digest ?? reference.tag ?? 'latest'}`)
}

/**
 * Asks a registry (OCI distribution API) which digest a reference stands for now. One that has a digest is only checked to exist and keeps its tag.
 * Never throws for what a registry does; throws the reason of `signal` when that aborts.
 */
export const resolveImage = async (reference: ImageReference, options: ResolveOptions = {}): Promise<Resolution> => {
  const timeout = options.timeout ?? 10_000
  const clock = AbortSignal.timeout(timeout)
  const signal = options.signal === undefined ? clock : AbortSignal.any([clock, options.signal])
  const dispatcher = options.dispatcher === undefined ? {} : { dispatcher: options.dispatcher }
  const transport: Transport = { plainHttp: new Set(options.plainHttp), signal, ...dispatcher }
  const asked = { reference: referenceText(reference), registry: reference.registry }
  const unreachable = (why: string): Resolution => ({ kind: 'unreachable', ...asked, why })
  try {
    const ask = authorized(urlOf(reference, transport.plainHttp), reference, options.credentials?.get(reference.registry), transport)
    const digest = await findDigest(ask, transport)
    if (digest === undefined) return { kind: 'missing', ...asked }
    if (reference.digest !== undefined && reference.digest !== digest) return unreachable('answered with another digest than it was asked for')
    return { kind: 'resolved', reference: referenceText({ ...reference, digest }), digest }
  } catch (error) {
    options.signal?.throwIfAborted()
    if (clock.aborted) return unreachable(`did not answer in ${timeout / 1000} s`)
    if (error instanceof Unreachable) return unreachable(error.message)
    throw error
  }
}
