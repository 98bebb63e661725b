import type { Logger } from 'pino'
import type { Absence, Conversation, DeliveryStore, Looks, OutboxRow, ShownCard, Telling } from '../../rack/delivery-store.ts'
import type { PromotionView } from '../../rack/promotion-view.ts'
import { mrkdwn } from '../messages/phrase.ts'
import { printedCommand, type OnRack } from '../messages/printed-command.ts'
import type { Memory } from './memory.ts'
import type { Pace } from './pace.ts'
import type { Pulse } from './pulse.ts'
import type { SlackCalls } from './slack-calls.ts'
import type { Timings } from './timings.ts'
import type { Payload } from './words.ts'

/** What every step of the delivery works with. */
export interface DeliveryParts {
  /** `also`: whom the view has to know by name besides those it names itself. */
  readonly store: DeliveryStore & { view(promotion: string, also?: readonly string[]): Promise<PromotionView> }
  readonly calls: SlackCalls
  readonly pace: Pace
  readonly pulse: Pulse
  readonly timings: Timings
  /** Our own bot id: only its messages are ever adopted. */
  readonly botId: () => string | undefined
  /** Who is told when the person who asked cannot be: Slack ids, the first one first. */
  readonly admins: () => Promise<readonly string[]>
  /** Whether people of another company read along there; never throws. */
  readonly isShared: (channel: string) => Promise<boolean>
  /** The last time that nobody was in touch with Slack. */
  readonly absence: () => Absence | null
  readonly log: Logger
  /** Milliseconds. */
  readonly now: () => number
}

/** One conversation while it is ours: as claimed, plus what this run has done to it since. */
export interface Talk {
  readonly conversation: Conversation
  readonly view: PromotionView
  readonly memory: Memory
}

/** Somebody else writes this conversation now; whatever we know of it is old. */
export class LeaseLostError extends Error {
  constructor(promotion: string) {
    super(`the conversation of ${promotion} is another sender's now`)
    this.name = 'LeaseLostError'
  }
}

/** Ends the run unless the store took the write. */
export const hold = async (talk: Talk, written: Promise<boolean>): Promise<void> => {
  if (!(await written)) throw new LeaseLostError(talk.conversation.promotion)
}

/** The payload without what Slack refused: the facts still arrive, with the command instead of the buttons. */
export const plainOf = (payload: Pick<Payload, 'text'>, view: OnRack & Pick<PromotionView, 'id'>): Payload =>
  ({ text: `${payload.text}\nMore: ${mrkdwn([printedCommand(view, `promotions info ${view.id}`)])}`, blocks: [] })

const withRows = (talk: Talk, rows: readonly OutboxRow[]): Talk => ({ ...talk, conversation: { ...talk.conversation, rows } })

/** The talk without these rows: sent or given up. */
export const rowsDone = (talk: Talk, seqs: readonly number[]): Talk => withRows(talk, talk.conversation.rows.filter((row) => !seqs.includes(row.seq)))

/** `row`: what is known of these rows now. */
export const rowsAre = (talk: Talk, seqs: readonly number[], row: Pick<OutboxRow, 'state'> & Partial<Pick<OutboxRow, 'tried'>>): Talk =>
  withRows(talk, talk.conversation.rows.map((one) => (seqs.includes(one.seq) ? { ...one, ...row } : one)))

/** Looks in vain for what is unclear now. */
export const looksAre = (talk: Talk, looks: Looks): Talk => ({ ...talk, conversation: { ...talk.conversation, looks } })

export const tellingsAre = (talk: Talk, tellings: readonly Telling[]): Talk => ({ ...talk, conversation: { ...talk.conversation, tellings } })

export const buttonsAre = (talk: Talk, buttons: Conversation['buttons']): Talk => ({ ...talk, conversation: { ...talk.conversation, buttons } })

export const cardIs = (talk: Talk, card: Partial<Conversation['card']>): Talk => ({
  ...talk, conversation: { ...talk.conversation, card: { ...talk.conversation.card, ...card } },
})

/** The card shows `shown` from now on. */
export const cardShows = (talk: Talk, shown: ShownCard): Talk => {
  const next = cardIs(talk, { ...shown, state: 'sent' })
  return { ...next, conversation: { ...next.conversation, rev: Math.max(next.conversation.rev, shown.rev) } }
}
