import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api'
import { z } from 'zod'

/**
 * What a failed call to Slack means for the message (reference/slack.md 4.5 and 6.3). `why` is Slack's own word.
 * - `limited`: this method waits, nothing else
 * - `unsent`: certainly not done, try again soon
 * - `ambiguous`: perhaps done: read back before trying again
 * - `absent`: we are not in the channel; joining may help
 * - `unpostable`: the channel takes nothing from us
 * - `locked`: nobody may answer in this thread (any more)
 * - `gone`: the message we wanted to change or answer is not there
 * - `uneditable`: it is there and may not be changed
 * - `malformed`: Slack does not take this payload; plain text may pass
 * - `cut_off`: the token is not good (any more); nothing can be sent until a person acts
 * - `refused`: any other definite no
 */
export type Trouble =
  | { readonly kind: 'limited'; readonly why: string; readonly seconds: number }
  | { readonly kind: 'malformed'; readonly why: string; readonly pointers: readonly string[] }
  | { readonly kind: 'unsent' | 'ambiguous' | 'absent' | 'unpostable' | 'locked' | 'gone' | 'uneditable' | 'cut_off' | 'refused'; readonly why: string }

/**
 * True when the same call may be taken later, without anybody changing what it says or where. A missing scope is no such thing: it is a no to one kind of
 * call, while the others go on.
 */
export const mayPass = ({ kind, why }: Trouble): boolean => why !== 'missing_scope' && (kind === 'limited' || kind === 'unsent' || kind === 'ambiguous' || kind === 'cut_off')

/** We post nothing in a channel where people of another company read along, though Slack would take it. */
export class SharedChannelError extends Error {
  constructor() {
    super('the channel is shared with another company')
    this.name = 'SharedChannelError'
  }
}

/** Slack's word for such a channel. */
export const sharedWord = 'is_ext_shared'

/** Slack's error words by what they mean for us; a word that is not here is a definite no. */
export const kinds = {
  ambiguous: ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'update_failed'],
  absent: ['not_in_channel', 'channel_not_found'],
  unpostable: [
    'is_archived', 'restricted_action', 'restricted_action_read_only_channel', 'restricted_action_thread_only_channel',
    'restricted_action_non_threadable_channel', 'posting_to_channel_denied',
    'posting_to_general_channel_denied', 'cannot_dm_bot', 'messages_tab_disabled',
  ],
  locked: ['restricted_action_thread_locked', 'thread_locked'],
  gone: ['message_not_found', 'thread_not_found'],
  uneditable: ['cant_update_message', 'edit_window_closed', 'cant_edit'],
  malformed: [
    'invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'block_mismatch', 'msg_too_long', 'no_text',
    'cant_broadcast_message', 'invalid_metadata_format', 'invalid_metadata_schema', 'metadata_too_large',
  ],
  cut_off: [
    'invalid_auth', 'not_authed', 'token_revoked', 'token_expired', 'account_inactive', 'missing_scope',
    'not_allowed_token_type', 'org_login_required', 'access_denied',
  ],
} as const satisfies Partial<Record<Trouble['kind'], readonly string[]>>

/** Seconds to wait when Slack says only that it was too much. */
const unnamedWait = 10

/** What Slack's error words look like. The SDK gives the whole text of a 200 that is not JSON as the word (a proxy's page): Slack said nothing then. */
const slackWord = z.string().regex(/^[a-z][a-z0-9_]*$/u)

const isOf = (words: readonly string[], word: string): boolean => words.includes(word)

/** What the error word of an `ok: false` answer means; text that is no word of Slack's is never a no. */
export const troubleOfWord = (word: string, pointers: readonly string[] = []): Trouble => {
  if (!slackWord.safeParse(word).success) return { kind: 'ambiguous', why: 'unreadable answer' }
  if (word === 'ratelimited' || word === 'rate_limited' || word === 'message_limit_exceeded') return { kind: 'limited', why: word, seconds: unnamedWait }
  if (isOf(kinds.malformed, word)) return { kind: 'malformed', why: word, pointers }
  for (const kind of ['ambiguous', 'absent', 'unpostable', 'locked', 'gone', 'uneditable', 'cut_off'] as const) if (isOf(kinds[kind], word)) return { kind, why: word }
  return { kind: 'refused', why: word }
}

/** Network errors after which Slack cannot have seen the request. */
const neverSent = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']
const withCode = z.object({ code: z.string() })

/** The first error code along the chain of causes; fetch hides it one or two levels down. */
const networkCode = (error: unknown): string | undefined => {
  for (let at = error, depth = 0; at !== undefined && depth < 4; depth += 1) {
    const parsed = withCode.safeParse(at)
    if (parsed.success) return parsed.data.code
    at = at instanceof Error ? at.cause : undefined
  }
  return undefined
}

/** What the SDK throws as it comes: an answer cut off or late while its body was read, and a 429 that does not say how long. */
const unwrapped = (error: unknown): Trouble | undefined => {
  if (error instanceof TypeError && error.message === 'terminated') return { kind: 'ambiguous', why: networkCode(error.cause) ?? 'answer cut off' }
  if (error instanceof DOMException && error.name === 'TimeoutError') return { kind: 'ambiguous', why: error.name }
  if (error instanceof Error && error.message.startsWith('Retry header did not contain a valid timeout')) return { kind: 'limited', why: 'ratelimited', seconds: unnamedWait }
  return undefined
}

/** What a thrown error of the Slack client, or of ours in its place, means; undefined when it is not Slack's at all (a bug of ours, the database). */
export const readTrouble = (error: unknown): Trouble | undefined => {
  if (error instanceof SharedChannelError) return { kind: 'unpostable', why: sharedWord }
  if (error instanceof WebAPIRateLimitedError) return { kind: 'limited', why: 'ratelimited', seconds: Math.max(1, error.retryAfter) }
  if (error instanceof WebAPIPlatformError) return troubleOfWord(error.data.error, error.data.response_metadata?.messages ?? [])
  if (error instanceof WebAPIHTTPError) return { kind: 'ambiguous', why: `HTTP ${error.statusCode}` }
  if (error instanceof WebAPIRequestError) {
    const code = networkCode(error.original)
    const why = code ?? error.original.name
    return { kind: code !== undefined && neverSent.includes(code) ? 'unsent' : 'ambiguous', why }
  }
  return unwrapped(error)
}
