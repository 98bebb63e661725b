import type { KnownBlock } from '@slack/types'
import type { PromotionView } from '../../rack/promotion-view.ts'
import type { ThreadLine } from '../../rack/thread-line.ts'

/** A message as Slack takes it. */
export interface Payload { readonly text: string; readonly blocks: readonly KnownBlock[] }

/** The words of a conversation; all pure. `src/bot/messages` has them, the delivery only decides when they are said. */
export interface Words {
  card(view: PromotionView): Payload
  /** Stands once, at the head of the thread. */
  firstLine(view: PromotionView): string
  /** Lines as one message's text. */
  chunk(lines: readonly ThreadLine[], first: string | null): string
  /** Ends the thread of a promotion that has no notice. */
  lastLine(view: PromotionView): string
  notice(view: PromotionView): (Payload & { readonly broadcast: boolean }) | null
  /** Told to the requester when the conversation goes on in their direct messages (reference/cards.md 7, rows 36 and 37). */
  moved(channel: string, why: string): string
}
