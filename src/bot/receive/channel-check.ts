import { WebAPIPlatformError, type WebClient } from '@slack/web-api'
import type { ChannelCheck } from '../context.ts'
import { isDirect } from './delivery.ts'

type Why = Extract<ChannelCheck, { ok: false }>['why']

/** What Slack's refusals to show or join a channel mean; any other one is `not_allowed`. */
const whyOf = (word: string, channel: string): Why => {
  // Slack does not tell a private channel that we are not in from one that does not exist; a well-formed id is the former.
  if (word === 'channel_not_found') return /^[CG][A-Z0-9]{5,}$/u.test(channel) ? 'not_in_channel' : 'not_found'
  if (word === 'is_archived') return 'archived'
  return word === 'not_in_channel' || word === 'method_not_supported_for_channel_type' ? 'not_in_channel' : 'not_allowed'
}

/**
 * Whether cards can live in a channel: public ones are joined, so that what was posted can be read back after a lost answer.
 * Throws when Slack cannot be asked.
 */
export const checkChannel = async (client: WebClient, channel: string): Promise<ChannelCheck> => {
  if (isDirect(channel)) return { ok: false, why: 'not_allowed' }
  try {
    const { channel: info } = await client.conversations.info({ channel })
    if (info?.is_archived === true) return { ok: false, why: 'archived' }
    if (info?.is_ext_shared === true || info?.is_pending_ext_shared === true) return { ok: false, why: 'not_allowed' }
    if (info?.is_member === true) return { ok: true }
    if (info?.is_private === true) return { ok: false, why: 'not_in_channel' }
    await client.conversations.join({ channel })
    return { ok: true }
  } catch (error) {
    if (!(error instanceof WebAPIPlatformError)) throw error
    return { ok: false, why: whyOf(error.data.error, channel) }
  }
}
