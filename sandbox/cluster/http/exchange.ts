import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { parse } from 'yaml'
import { badRequest, Failure } from '../failure.ts'
import { parseJson, type Json, type JsonMap } from '../json.ts'

/** One request. Served over HTTP/2 and HTTP/1.1 alike: only what both have is used. */
export interface Exchange {
  method: string
  path: string
  query: URLSearchParams
  headers: Http2ServerRequest['headers']
  request: Http2ServerRequest
  response: Http2ServerResponse
  /** Collected for the `Warning` header. */
  warnings: string[]
}

/** 3 MiB, as a real API server. */
const bodyLimit = 3_145_728

const readText = async (request: Http2ServerRequest): Promise<string> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
    size += bytes.length
    if (size > bodyLimit) throw new Failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${bodyLimit}`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

export const contentType = (exchange: Exchange): string => (exchange.headers['content-type'] ?? '').split(';')[0]?.trim() ?? ''

/** The body as JSON; YAML is read too. Empty is undefined. Throws 400, 413, 415. */
export const readBody = async (exchange: Exchange): Promise<Json | undefined> => {
  const text = await readText(exchange.request)
  if (text === '') return undefined
  const type = contentType(exchange)
  if (type.includes('protobuf') || type.includes('cbor')) throw new Failure(415, 'UnsupportedMediaType', 'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml')
  try {
    if (!type.includes('yaml') || text.startsWith('{')) return parseJson(text)
    const value: Json = parse(text)
    return value
  } catch (error) {
    throw badRequest(`error decoding: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Fields that exist only inside: a dry run's object has no version yet. */
const outward = (body: JsonMap): JsonMap => {
  const metadata = body['metadata']
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata) || metadata['resourceVersion'] !== '') return body
  const { resourceVersion: _, ...rest } = metadata
  return { ...body, metadata: rest }
}

export const answer = (exchange: Exchange, code: number, body: JsonMap, headers: Record<string, string> = {}): void => {
  const { response } = exchange
  if (response.writableEnded || response.destroyed) return
  const text = JSON.stringify(outward(body))
  const warning = exchange.warnings.map((warning) => `299 - ${JSON.stringify(warning)}`).join(', ')
  response.writeHead(code, {
    'content-type': 'application/json',
    'cache-control': 'no-cache, private',
    'content-length': Buffer.byteLength(text),
    ...(warning !== '' && { warning }),
    ...headers,
  })
  response.end(text)
}

/** Sends the head of an answer that goes on for long. HTTP/2 does so by itself, HTTP/1.1 holds it back until told. */
export const beginStream = ({ response }: Exchange, type: string): void => {
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache, private' })
  if ('flushHeaders' in response && typeof response.flushHeaders === 'function') response.flushHeaders()
}

export const answerText = (exchange: Exchange, code: number, text: string): void => {
  if (exchange.response.writableEnded || exchange.response.destroyed) return
  exchange.response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(text) })
  exchange.response.end(text)
}

export const answerFailure = (exchange: Exchange, failure: Failure): void => answer(exchange, failure.code, failure.status(), failure.headers)
