import type { Announcement } from './announcement.ts'
import type { PromotionView } from './promotion-view.ts'
import type { ThreadLine } from './thread-line.ts'

/** One row of the outbox: a fact the rack wrote in its own transaction. `seq` orders the rows of one promotion. */
export interface OutboxRow {
  readonly seq: number
  readonly fact: { readonly kind: 'line'; readonly line: ThreadLine } | { readonly kind: 'announcement'; readonly announcement: Announcement } | { readonly kind: 'notice' }
  readonly state: 'pending' | 'unknown'
  readonly attempts: number
  readonly createdAt: Date
}

/** The card and thread of one promotion, leased to one sender: nobody else writes them meanwhile. */
export interface Conversation {
  readonly promotion: string
  /** Grows with each take-over; every write below is refused (`false`) once it is not the newest. */
  readonly epoch: number
  readonly channel: string
  readonly card: {
    readonly ts: string | null
    /** The promotion's rev and the payload hash last shown. */
    readonly rev: number
    readonly hash: string | null
    /** `unknown`: a post whose answer was lost; `at` is when it was tried. */
    readonly state: 'none' | 'sending' | 'unknown' | 'sent' | 'dead'
    readonly at: Date | null
  }
  /** The promotion's rev now. */
  readonly rev: number
  readonly final: boolean
  /** Not sent yet, by `seq`. */
  readonly rows: readonly OutboxRow[]
}

/** What the sender needs of the database. Times are the database's. */
export interface DeliveryStore {
  /** Conversations with something to say whose lease is free or ours; leases them for 10 s. */
  claim(limit: number): Promise<readonly Conversation[]>
  /** Prolongs the lease by 10 s; false when it was lost. */
  renew(conversation: Conversation): Promise<boolean>
  release(conversation: Conversation): Promise<void>
  view(promotion: string): Promise<PromotionView>
  /** Where the promotion's card stands; null while it is not posted. */
  cardOf(promotion: string): Promise<{ readonly channel: string; readonly ts: string } | null>

  /** Written before the call to Slack. */
  cardSending(conversation: Conversation): Promise<boolean>
  cardSent(conversation: Conversation, shown: { ts: string; rev: number; hash: string }): Promise<boolean>
  cardUnknown(conversation: Conversation): Promise<boolean>
  /** The message is gone: the next card is a new one that says so. */
  cardLost(conversation: Conversation): Promise<boolean>
  cardDead(conversation: Conversation, why: string): Promise<boolean>

  rowsSending(conversation: Conversation, seqs: readonly number[]): Promise<boolean>
  rowsSent(conversation: Conversation, seqs: readonly number[], ts: string): Promise<boolean>
  rowsUnknown(conversation: Conversation, seqs: readonly number[]): Promise<boolean>
  /** Given up; `why` is kept. */
  rowsDead(conversation: Conversation, seqs: readonly number[], why: string): Promise<boolean>
  /** Try again not before `seconds` from now. */
  rowsLater(conversation: Conversation, seqs: readonly number[], seconds: number): Promise<boolean>
  /** The channel cannot be posted to: the conversation goes on in another one. */
  reroute(conversation: Conversation, channel: string): Promise<boolean>

  /** Calls back when there may be new work in this process; other replicas' work is found by polling. Returns a way to stop. */
  onWork(callback: () => void): () => void
}
