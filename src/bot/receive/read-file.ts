import { WebAPIPlatformError, type WebClient } from '@slack/web-api'
import type { FileRead } from '../context.ts'

/** Bytes: far more than any convox.yml, far less than what would hurt. */
export const mostFileBytes = 262_144
/** Milliseconds: a form waits for its answer (slack.md 3.1). */
const timeout = 2_000

/** Slack's own addresses and no others: whoever shares a file elsewhere must not get our token. */
export const isOurs = (address: string, apiUrl: string): boolean => {
  const [file, api] = [new URL(address), new URL(apiUrl)]
  return file.origin === api.origin || (file.protocol === 'https:' && /(?:^|\.)slack\.com$/.test(file.hostname))
}

const textOf = (bytes: Uint8Array): string | null => {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return text.includes('\0') ? null : text
  } catch (error) {
    if (error instanceof TypeError) return null
    throw error
  }
}

const gone = ['file_not_found', 'file_deleted', 'access_denied', 'not_visible']

/** Reads a text file that a person gave us, by a token that Slack wants even for its download address. Throws when Slack cannot be asked. */
export const readFile = async (client: WebClient, id: string): Promise<FileRead> => {
  const asked = await client.files.info({ file: id }).catch((error: unknown) => {
    if (error instanceof WebAPIPlatformError && gone.includes(error.data.error)) return null
    throw error
  })
  const file = asked?.file
  const name = file?.name ?? id
  const address = file?.url_private_download ?? file?.url_private
  if (file === undefined || address === undefined || !isOurs(address, client.slackApiUrl)) return { ok: false, name, why: 'gone' }
  if ((file.size ?? 0) > mostFileBytes) return { ok: false, name, why: 'too_large' }
  const response = await fetch(address, { headers: { authorization: `Bearer ${client.token ?? ''}` }, redirect: 'manual', signal: AbortSignal.timeout(timeout) })
  // Without the right to read it Slack redirects to its sign-in page.
  if (response.status >= 300 && response.status < 400) return { ok: false, name, why: 'not_allowed' }
  if (response.status === 404) return { ok: false, name, why: 'gone' }
  if (!response.ok) throw new Error(`a file's download answered ${response.status}`)
  const bytes = new Uint8Array(await response.arrayBuffer())
  if (bytes.length > mostFileBytes) return { ok: false, name, why: 'too_large' }
  const text = textOf(bytes)
  return text === null ? { ok: false, name, why: 'not_text' } : { ok: true, name, text }
}
