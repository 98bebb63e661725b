import type { IncomingMessage } from 'node:http'
import { Refused } from './refused.ts'

/** Bytes of a request, up to 4 MB, else `too_large`. */
export const readBytes = async (request: IncomingMessage, most = 4_000_000): Promise<Buffer> => {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request) {
    const bytes = Buffer.isBuffer(part) ? part : Buffer.from(String(part))
    size += bytes.length
    if (size > most) throw new Refused('request_too_large')
    parts.push(bytes)
  }
  return Buffer.concat(parts)
}

/** The parts of a multipart body: strings, or the bytes of files. Throws `invalid_form_data`. */
export const readMultipart = async (bytes: Buffer, contentType: string): Promise<Map<string, string | Buffer>> => {
  const found = new Map<string, string | Buffer>()
  try {
    const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } }).formData()
    for (const [name, value] of form.entries()) found.set(name, typeof value === 'string' ? value : Buffer.from(await value.arrayBuffer()))
  } catch (error) {
    throw new Refused('invalid_form_data', { response_metadata: { messages: [`[ERROR] ${error instanceof Error ? error.message : 'unreadable'}`] } })
  }
  return found
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * The arguments of a Web API call, from its query and its form or JSON body: docs.slack.dev apis/web-api.
 * Throws `invalid_json`, `json_not_object`, `invalid_post_type`, `missing_post_type`.
 */
export const readArguments = async (request: IncomingMessage, query: URLSearchParams): Promise<Record<string, unknown>> => {
  const fromQuery = Object.fromEntries(query)
  const bytes = await readBytes(request)
  if (bytes.length === 0) return fromQuery
  const contentType = request.headers['content-type'] ?? ''
  const kind = contentType.split(';')[0]?.trim().toLowerCase()
  if (kind === '') throw new Refused('missing_post_type')
  if (kind === 'application/x-www-form-urlencoded') return { ...fromQuery, ...Object.fromEntries(new URLSearchParams(bytes.toString())) }
  if (kind === 'multipart/form-data') {
    const parts = await readMultipart(bytes, contentType)
    return { ...fromQuery, ...Object.fromEntries([...parts].map(([name, value]) => [name, typeof value === 'string' ? value : value.toString()])) }
  }
  if (kind !== 'application/json') throw new Refused('invalid_post_type')
  let body: unknown
  try {
    body = JSON.parse(bytes.toString())
  } catch (error) {
    throw new Refused('invalid_json', { response_metadata: { messages: [`[ERROR] ${error instanceof Error ? error.message : 'unreadable'}`] } })
  }
  if (!isRecord(body)) throw new Refused('json_not_object')
  return { ...fromQuery, ...body }
}
