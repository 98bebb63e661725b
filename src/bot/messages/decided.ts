import type { PromotionView } from '../../rack/promotion-view.ts'
import { section, type Message } from '../blocks.ts'
import { appCode, votes } from './promotion-facts.ts'
import { code, link, plain, say, type Phrase } from './phrase.ts'

/** What a click or a command did to a promotion. */
export const decisions = ['approved', 'rejected', 'cancelled', 'left_queue', 'requested', 'trying_again', 'overridden'] as const
export type Decision = (typeof decisions)[number]

const words = (decision: Decision, view: PromotionView): Phrase => {
  const what = say`${code(view.release.id)} for ${appCode(view)}`
  switch (decision) {
    case 'approved':
      return view.status === 'awaiting_approval' ? say`Your approval of ${what} is recorded: ${votes(view)}.` : say`You approved ${what}: ${votes(view)}.`
    case 'rejected': return say`You rejected ${what}.`
    case 'cancelled': return view.status === 'cancelled' ? say`You cancelled ${what} before it started.` : say`You cancelled ${what}; it rolls back now.`
    case 'left_queue': return say`${what} left the queue.`
    case 'requested': return say`You asked for ${what} again.`
    case 'overridden': return say`${what} passes the freeze; its channel hears of it.`
    case 'trying_again': return say`The rollback is tried again: ${what}.`
  }
}

/** The short ephemeral answer to a decision; the card shows the rest. */
export const decidedMessage = (decision: Decision, view: PromotionView): Message => {
  const phrase = words(decision, view)
  return { text: plain(phrase, view.names ?? {}), blocks: [section(phrase)] }
}

/** Show card: where the promotion's card is. */
export const cardLinkMessage = (release: string, permalink: string): Message => {
  const phrase = say`The card of ${code(release)}: ${link(permalink, 'open it')}`
  return { text: `The card of ${release}: ${permalink}`, blocks: [section(phrase)] }
}
