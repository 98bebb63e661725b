import type { IncomingMessage } from 'node:http'

/** Bytes. Slack's own bodies are far below; Bolt stops at the same (reference/slack.md 6.1). */
export const bodyLimit = 4 * 1024 * 1024

/** Reads a request to its end; null when it is longer than `limit` (what follows is not kept). Rejects when the sender goes away. */
export const readRequest = (request: IncomingMessage, limit = bodyLimit): Promise<Buffer | null> => new Promise((resolve, reject) => {
  const chunks: Buffer[] = []
  let length = 0
  request.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > limit) return resolve(null)
    chunks.push(chunk)
  })
  request.once('end', () => resolve(Buffer.concat(chunks)))
  request.once('error', reject)
  request.once('close', () => reject(new Error('the request ended in the middle')))
})

/** What a request says. `ssl_check` needs no signature and is no message; a form has its JSON in the field `payload`, or is itself the message. */
export type SlackBody = { readonly kind: 'ssl_check' } | { readonly kind: 'message'; readonly body: unknown } | { readonly kind: 'unknown_type' } | { readonly kind: 'malformed' }

const json = (text: string): SlackBody => {
  try {
    const body: unknown = JSON.parse(text)
    return { kind: 'message', body }
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: 'malformed' }
    throw error
  }
}

/** Reads the body of one of Slack's requests by its content type (parameters like a charset do not matter). */
export const readSlackBody = (contentType: string | undefined, raw: Buffer): SlackBody => {
  const type = contentType?.split(';')[0]?.trim().toLowerCase()
  if (type === 'application/json') return json(raw.toString('utf8'))
  if (type !== 'application/x-www-form-urlencoded') return { kind: 'unknown_type' }
  const form = new URLSearchParams(raw.toString('utf8'))
  if (form.get('ssl_check') === '1') return { kind: 'ssl_check' }
  const payload = form.get('payload')
  return payload === null ? { kind: 'message', body: Object.fromEntries(form) } : json(payload)
}
