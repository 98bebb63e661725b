import type { Post } from './slack-calls.ts'
import { readTrouble } from './slack-error.ts'
import { plainOf, type DeliveryParts } from './talk.ts'

/** Posts once; what Slack refuses to draw is sent again as plain text, once. Returns the message's `ts`, throws the SDK's errors. */
export const postGently = async (parts: DeliveryParts, promotion: string, post: Post): Promise<string> => {
  const send = (what: Post): Promise<string> => parts.calls.post(what)
  try {
    return await send(post)
  } catch (error) {
    const trouble = readTrouble(error)
    if (trouble?.kind !== 'malformed') throw error
    parts.log.error({ promotion, why: trouble.why, pointers: trouble.pointers }, 'Slack does not take this message; it goes as text')
    if (trouble.why === 'cant_broadcast_message') return send({ ...post, broadcast: false })
    return send({ ...post, payload: plainOf(post.payload, promotion) })
  }
}
