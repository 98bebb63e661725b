import type { PromotionStatus } from '../db/words.ts'
import type { Announcement } from './announcement.ts'
import type { LaneRule, Urgency } from './lane.ts'
import type { PromotionView } from './promotion-view.ts'
import type { ThreadLine } from './thread-line.ts'

/** One row of the outbox: a fact the rack wrote in its own transaction. `seq` orders the rows of one promotion. */
export interface OutboxRow {
  readonly seq: number
  readonly fact: { readonly kind: 'line'; readonly line: ThreadLine } | { readonly kind: 'announcement'; readonly announcement: Announcement } | { readonly kind: 'notice' }
  readonly state: 'pending' | 'unknown'
  readonly attempts: number
  readonly createdAt: Date
  /** Where it was tried last; null when it never was. */
  readonly tried: Place | null
}

/** A thread, or (null) a channel itself. */
export interface Place { readonly channel: string; readonly threadTs: string | null }

/** Looks in vain for a post whose answer was lost, and when the last of them was. Whoever speaks next goes on from here. */
export interface Looks { readonly count: number; readonly at: Date | null }

/**
 * What a person has to be told by direct message, because the conversation could not say it (reference/slack.md 4.5). `why` is Slack's own word.
 * `moved`: it goes on in `to`; `unsaid_…`: given up for good, and `unsaid_lines` stands for all lines that are. `sending`: it is under way to the direct
 * message channel `direct` since `at`, and was looked for in vain `looks` times, the last time at `lookedAt`.
 */
export interface Telling {
  readonly what: 'moved' | 'unsaid_card' | 'unsaid_lines' | 'unsaid_change' | 'unsaid_end'
  readonly channel: string
  readonly why: string
  /** What the channel was to hear: of `unsaid_change`. */
  readonly announcement?: Announcement
  readonly to?: string
  readonly sending?: { readonly direct: string; readonly at: string; readonly looks?: number; readonly lookedAt?: string }
}

/** When nobody was in touch with Slack. */
export interface Absence { readonly from: Date; readonly until: Date }

/** What a card shows now. */
export interface ShownCard { readonly ts: string; readonly rev: number; readonly status: PromotionStatus | null; readonly hash: string }

/** The card and thread of one promotion, leased to one sender: nobody else writes them meanwhile. */
export interface Conversation {
  readonly promotion: string
  /** Grows with each take-over; every write below is refused (`false`) once it is not the newest. */
  readonly epoch: number
  readonly channel: string
  readonly card: {
    readonly ts: string | null
    /** The promotion's rev and status and the payload hash last shown; the status is null where that is not known. */
    readonly rev: number
    readonly status: PromotionStatus | null
    readonly hash: string | null
    /** `unknown`: a post whose answer was lost; `at` is when it was tried, or (`sent`) when the card was last as it should be. */
    readonly state: 'none' | 'sending' | 'unknown' | 'sent' | 'dead'
    readonly at: Date | null
  }
  /** An earlier card in this channel, that was left for another one; null when there is none. */
  readonly leftTs: string | null
  readonly looks: Looks
  /** The promotion's rev now. */
  readonly rev: number
  readonly final: boolean
  /** Not sent yet, by `seq`. */
  readonly rows: readonly OutboxRow[]
  /** Rows behind these have to wait until then; null when there are none. */
  readonly rowsAt: Date | null
  /** The last message of the thread while it has buttons; `due`: they have to go. */
  readonly buttons: { readonly ts: string; readonly due: boolean } | null
  /** In order; the first one first. */
  readonly tellings: readonly Telling[]
}

/** What the sender needs of the database. Times are the database's. */
export interface DeliveryStore {
  /** Conversations with something to say whose lease is free or ours, the most urgent first; leases them for 10 s. What slept elsewhere is left to that process for a moment. `urgent`: only ends and verdicts. */
  claim(limit: number, which: 'all' | 'urgent'): Promise<readonly Conversation[]>
  /** Prolongs the lease by 10 s; false when it was lost. */
  renew(conversation: Conversation): Promise<boolean>
  /** Nothing is due before `wait` ms unless something changes; null: as soon as there is something. */
  release(conversation: Conversation, wait: number | null): Promise<void>
  view(promotion: string): Promise<PromotionView>
  /** Where the promotion's card stands; null while it is not posted. */
  cardOf(promotion: string): Promise<{ readonly channel: string; readonly ts: string } | null>

  /** Written before the call to Slack. */
  cardSending(conversation: Conversation): Promise<boolean>
  cardSent(conversation: Conversation, shown: ShownCard): Promise<boolean>
  cardUnknown(conversation: Conversation): Promise<boolean>
  /** It is certain that nothing was stored: it may be posted again. */
  cardUnsent(conversation: Conversation): Promise<boolean>
  /** The message is gone: the next card is a new one that says so. */
  cardLost(conversation: Conversation): Promise<boolean>
  cardDead(conversation: Conversation, why: string): Promise<boolean>

  /** Written before the call to Slack, with where it goes: the thread of the card. */
  rowsSending(conversation: Conversation, seqs: readonly number[]): Promise<boolean>
  rowsSent(conversation: Conversation, seqs: readonly number[], ts: string): Promise<boolean>
  /** The last word is said; `buttons`: with buttons, which go after 24 h at the latest. */
  noticeSent(conversation: Conversation, seq: number, ts: string, buttons: boolean): Promise<boolean>
  buttonsGone(conversation: Conversation): Promise<boolean>
  rowsUnknown(conversation: Conversation, seqs: readonly number[]): Promise<boolean>
  /** Given up; `why` is kept. */
  rowsDead(conversation: Conversation, seqs: readonly number[], why: string): Promise<boolean>
  /** Whether lines of it were given up before. */
  linesGivenUp(conversation: Conversation): Promise<boolean>
  /** Try again not before `seconds` from now. */
  rowsLater(conversation: Conversation, seqs: readonly number[], seconds: number): Promise<boolean>
  /** What was looked for in vain; of the card or of rows, one after the other. A new attempt begins at none. */
  looked(conversation: Conversation, looks: Looks): Promise<boolean>
  /** The channel cannot be posted to: the conversation goes on in another one. A last word that was said is out of reach from then on. */
  reroute(conversation: Conversation, channel: string, tellings: readonly Telling[]): Promise<boolean>
  /** The app's channel as it is set now, when the conversation is in another one. */
  otherChannel(conversation: Conversation): Promise<string | null>
  tell(conversation: Conversation, tellings: readonly Telling[]): Promise<boolean>

  /** One use of a lane that all replicas share, for what has `waited` so long (ms): 0 when it is ours, else milliseconds after which to ask again. */
  takeLane(name: string, rule: LaneRule, urgency: Urgency, waited: number): Promise<number>
  /** Nobody uses the lane for so many milliseconds. */
  pauseLane(name: string, ms: number): Promise<void>
  /** Says that this process is in touch with Slack; the last time that none was. */
  present(): Promise<Absence | null>

  /** Calls back when there may be new work in this process; other replicas' work is found by polling. Returns a way to stop. */
  onWork(callback: () => void): () => void
}
