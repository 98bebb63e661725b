import type { Logger } from 'pino'
import type { Post, SlackCalls } from './slack-calls.ts'
import { readTrouble } from './slack-error.ts'
import type { Payload } from './words.ts'

/** What a message is about, for the log. */
type About = Readonly<Record<string, string>>

/** Posts once; what Slack refuses to draw is sent again as `plain`, once. Returns the message's `ts`, throws the SDK's errors. */
export const postGently = async ({ calls, log }: { readonly calls: Pick<SlackCalls, 'post'>; readonly log: Logger }, post: Post, plain: Payload, about: About): Promise<string> => {
  try {
    return await calls.post(post)
  } catch (error) {
    const trouble = readTrouble(error)
    if (trouble?.kind !== 'malformed') throw error
    log.error({ ...about, why: trouble.why, pointers: trouble.pointers }, 'Slack does not take this message; it goes as text')
    if (trouble.why === 'cant_broadcast_message') return calls.post({ ...post, broadcast: false })
    return calls.post({ ...post, payload: plain })
  }
}

/** The same for a message that is there already. */
export const updateGently = async (
  { calls, log }: { readonly calls: Pick<SlackCalls, 'update'>; readonly log: Logger }, message: Parameters<SlackCalls['update']>[0], plain: Payload, about: About,
): Promise<void> => {
  try {
    await calls.update(message)
  } catch (error) {
    const trouble = readTrouble(error)
    if (trouble?.kind !== 'malformed') throw error
    log.error({ ...about, why: trouble.why, pointers: trouble.pointers }, 'Slack does not take this message; it is shown as text')
    await calls.update({ ...message, payload: plain })
  }
}
