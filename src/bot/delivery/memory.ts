import type { PromotionStatus } from '../../db/words.ts'

/**
 * What this process remembers of a conversation between two of its steps. Losing it costs a moment, never a message: the truth is in
 * the database. Times are milliseconds of the local clock.
 */
export interface Memory {
  /** Status on the card as this process drew it last; null when it has not yet. */
  shown: PromotionStatus | null
  redrawnAt: number | null
  /** The newest outbox row, and since when it is known here. */
  newestSeq: number
  newestSince: number
  /** Looks taken for a post whose answer was lost. */
  looks: number
  lookedAt: number
  /** The same for a direct message that tells of what could not be said. */
  tellLooks: number
  tellLookedAt: number
  /** Looked for twice and not found: may be sent again. */
  resendCard: boolean
  readonly resendRows: Set<number>
  /** Joining was tried already. */
  joined: boolean
  /** Channels that took nothing from us. */
  readonly broken: Set<string>
  /** Failed redraws in a row, and until when none is tried: the thread goes on meanwhile. */
  redrawFailures: number
  redrawNotBefore: number
  /** Other failures in a row, and until when nothing is tried. */
  failures: number
  notBefore: number
}

export const freshMemory = (): Memory => ({
  shown: null, redrawnAt: null, newestSeq: -1, newestSince: 0, looks: 0, lookedAt: 0, tellLooks: 0, tellLookedAt: 0, resendCard: false, resendRows: new Set(),
  joined: false, broken: new Set(), redrawFailures: 0, redrawNotBefore: 0, failures: 0, notBefore: 0,
})
