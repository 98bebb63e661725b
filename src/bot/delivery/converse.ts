import type { Conversation } from '../../rack/delivery-store.ts'
import { postCard, redrawCard } from './card.ts'
import type { Memory } from './memory.ts'
import { nextStep, type Step } from './plan.ts'
import { settleCard, settleRows } from './settle.ts'
import { LeaseLostError, type DeliveryParts, type Talk } from './talk.ts'
import { giveUpRows, sendAnnouncement, sendLines, sendNotice } from './thread.ts'
import { afterFailure } from './trouble.ts'
import { fitting } from './words.ts'

const perform = (parts: DeliveryParts, talk: Talk, step: Step): Promise<Talk> => {
  switch (step.do) {
    case 'settle_card': return settleCard(parts, talk)
    case 'post_card': return postCard(parts, talk)
    case 'settle_rows': return settleRows(parts, talk, step.rows)
    case 'redraw': return redrawCard(parts, talk)
    case 'send_lines': return sendLines(parts, talk, step.seqs, step.lines)
    case 'send_notice': return sendNotice(parts, talk, step.seq)
    case 'send_announcement': return sendAnnouncement(parts, talk, step.seq, step.announcement)
    case 'give_up_rows': return giveUpRows(parts, talk, step.seqs)
    case 'wait':
    case 'rest': return Promise.resolve(talk)
  }
}

const remember = (memory: Memory, conversation: Conversation, now: number): void => {
  const newest = conversation.rows.at(-1)?.seq ?? memory.newestSeq
  if (newest !== memory.newestSeq) {
    memory.newestSeq = newest
    memory.newestSince = now
  }
}

/** Whether the sender goes on: not while it is being stopped. */
export type Going = () => boolean

/**
 * Says everything that is due in one conversation, step by step, each under the lease. Returns when to come back (milliseconds), or
 * null when only the database can bring news. Throws what is neither Slack's nor the lease's.
 */
export const converse = async (parts: DeliveryParts, conversation: Conversation, memory: Memory, liveCards: () => number, going: Going): Promise<number | null> => {
  remember(memory, conversation, parts.now())
  let talk: Talk = { conversation, view: await parts.store.view(conversation.promotion), memory }
  while (going()) {
    const step = nextStep(talk.conversation, memory, {
      now: parts.now(), status: talk.view.status, liveCards: liveCards(), pace: parts.pace, timings: parts.timings, fitting,
    })
    if (step.do === 'rest') return null
    if (step.do === 'wait') return step.until
    try {
      if (!(await parts.store.renew(conversation))) throw new LeaseLostError(conversation.promotion)
      try {
        talk = await perform(parts, talk, step)
        memory.failures = 0
      } catch (error) {
        talk = await afterFailure(parts, talk, step, error)
      }
    } catch (error) {
      if (!(error instanceof LeaseLostError)) throw error
      parts.log.info({ promotion: conversation.promotion }, error.message)
      return null
    }
  }
  return null
}
