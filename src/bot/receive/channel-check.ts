import { WebAPIPlatformError, type WebClient } from '@slack/web-api'
import type { ChannelCheck, ChannelTrouble } from '../context.ts'
import { isDirect } from '../direct-channel.ts'
import { isShared, type SlackChannel } from '../directory.ts'

/** What Slack's refusals to show or join a channel mean; any other one is `not_allowed`. */
const whyOf = (word: string, channel: string): ChannelTrouble => {
  // Slack does not tell a private channel that we are not in from one that does not exist; a well-formed id is the former.
  if (word === 'channel_not_found') return /^[CG][A-Z0-9]{5,}$/u.test(channel) ? 'not_in_channel' : 'not_found'
  if (word === 'is_archived') return 'archived'
  if (word === 'restricted_action_read_only_channel') return 'read_only'
  return word === 'not_in_channel' || word === 'method_not_supported_for_channel_type' ? 'not_in_channel' : 'not_allowed'
}

/** What Slack says of the channel itself: cards need posts and threads. Null when nothing is against it. */
const troubleOf = (info: SlackChannel): ChannelTrouble | null => {
  if (info.is_archived === true) return 'archived'
  if (isShared(info)) return 'shared'
  if (info.is_read_only === true) return 'read_only'
  if (info.is_non_threadable === true) return 'no_threads'
  if (info.is_thread_only === true) return 'threads_only'
  return info.is_private === true && info.is_member !== true ? 'not_in_channel' : null
}

/**
 * Whether cards can live in a channel: public ones are joined, so that what was posted can be read back after a lost answer.
 * Throws when Slack cannot be asked.
 */
export const checkChannel = async (client: WebClient, channel: string): Promise<ChannelCheck> => {
  if (isDirect(channel)) return { ok: false, why: 'direct' }
  try {
    const { channel: info } = await client.conversations.info({ channel })
    const why = info === undefined ? null : troubleOf(info)
    if (why !== null) return { ok: false, why }
    if (info?.is_member !== true) await client.conversations.join({ channel })
    return { ok: true }
  } catch (error) {
    if (!(error instanceof WebAPIPlatformError)) throw error
    return { ok: false, why: whyOf(error.data.error, channel) }
  }
}
