import type { Conversation } from '../../rack/delivery-store.ts'
import { looksSame, noteRev, postCard, redrawCard } from './card.ts'
import { depart, leave } from './depart.ts'
import { giveUpRows } from './give-up.ts'
import { takeButtons } from './last-word.ts'
import { remember, type Memory } from './memory.ts'
import { peopleInLines } from '../people.ts'
import { nextStep, triedBy, type Planned, type Step } from './plan.ts'
import { settleCard, settleRows } from './settle.ts'
import { SharedChannelError } from './slack-error.ts'
import { LeaseLostError, type DeliveryParts, type Talk } from './talk.ts'
import { tellPerson } from './tell.ts'
import { sendAnnouncement, sendLines, sendNotice } from './thread.ts'
import { afterFailure } from './trouble.ts'
import { fitting } from './words.ts'

const perform = (parts: DeliveryParts, talk: Talk, step: Step): Promise<Talk> => {
  switch (step.do) {
    case 'settle_card': return settleCard(parts, talk)
    case 'post_card': return postCard(parts, talk)
    case 'settle_rows': return settleRows(parts, talk, step.rows)
    case 'redraw': return redrawCard(parts, talk)
    case 'note_rev': return noteRev(parts, talk)
    case 'send_lines': return sendLines(parts, talk, step.seqs, step.lines)
    case 'send_notice': return sendNotice(parts, talk, step.seq)
    case 'send_announcement': return sendAnnouncement(parts, talk, step.seq, step.announcement)
    case 'give_up_rows': return giveUpRows(parts, talk, step.seqs, 'the card could not be posted')
    case 'tell': return tellPerson(parts, talk)
    case 'take_buttons': return takeButtons(parts, talk)
    case 'leave': return leave(parts, talk, step.left)
    case 'depart': return depart(parts, talk)
    case 'wait':
    case 'rest': return Promise.resolve(talk)
  }
}

/** Whether the sender goes on: not while it is being stopped. */
export type Going = () => boolean

const plan = (parts: DeliveryParts, { conversation, view, memory }: Talk): Planned =>
  nextStep(conversation, memory, {
    now: parts.now(), status: view.status, requester: view.requester, looksSame: () => looksSame({ conversation, view }), pace: parts.pace, timings: parts.timings,
    absence: parts.absence(), fitting,
  })

/** What shows or says something in the channel of the conversation. */
const speaking: readonly Step['do'][] = ['post_card', 'redraw', 'send_lines', 'send_notice', 'send_announcement']

/** Does one step under the lease; what Slack says no to is cured, or kept with its reason. */
const take = async (parts: DeliveryParts, talk: Talk, step: Step, uses: boolean): Promise<Talk> => {
  if (!(await parts.store.renew(talk.conversation))) throw new LeaseLostError(talk.conversation.promotion)
  try {
    if (speaking.includes(step.do) && await parts.isShared(talk.conversation.channel)) throw new SharedChannelError()
    const next = await perform(parts, talk, step)
    for (const what of ['any', triedBy(step)] as const) talk.memory.retries[what].failures = 0
    if (uses) parts.pulse.fine()
    return next
  } catch (error) {
    return afterFailure(parts, talk, step, error)
  }
}

/**
 * Says everything that is due in one conversation, step by step, each under the lease and within the budgets. Returns when to come back
 * (milliseconds), or null when only the database can bring news. Throws what is neither Slack's nor the lease's.
 */
export const converse = async (parts: DeliveryParts, conversation: Conversation, memory: Memory, going: Going): Promise<number | null> => {
  remember(memory, conversation, parts.now())
  let talk: Talk = { conversation, view: await parts.store.view(conversation.promotion, peopleInLines(conversation.rows.flatMap(({ fact }) => (fact.kind === 'line' ? [fact.line] : [])))), memory }
  while (going()) {
    const { step, use } = plan(parts, talk)
    if (step.do === 'rest') return null
    if (step.do === 'wait') return step.until
    // Not granted: something else may be possible meanwhile, or it is waited for.
    if (use !== null && (await parts.pace.ask(use.lane, use.wish)) !== null) continue
    try {
      talk = await take(parts, talk, step, use !== null)
    } catch (error) {
      if (!(error instanceof LeaseLostError)) throw error
      parts.log.info({ promotion: conversation.promotion }, error.message)
      return null
    }
  }
  return null
}
