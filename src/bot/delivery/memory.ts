import type { Conversation } from '../../rack/delivery-store.ts'

/** A message of ours that stays behind where a conversation leaves. */
export interface Left { readonly what: 'card' | 'last_word'; readonly ts: string }

/**
 * What this process remembers of a conversation between two of its steps. Losing it costs a moment, never a message: the truth is in
 * the database. Times are milliseconds of the local clock.
 */
export interface Memory {
  /** The conversation's epoch when this process held it last. */
  epoch: number
  redrawnAt: number | null
  /** The newest outbox row, and since when it is known here. */
  newestSeq: number
  newestSince: number
  /** Joining was tried already. */
  joined: boolean
  /** Channels that took nothing from us. */
  readonly broken: Set<string>
  /**
   * The conversation is about to go on in `to` (null: on a new card in the same channel), because of Slack's word `why`: what stays behind loses its
   * buttons first, unless that takes longer than `until`.
   */
  leaving: { readonly to: string | null; readonly why: string; readonly messages: readonly Left[]; readonly until: number } | null
  /** Failed redraws in a row, and until when none is tried: the thread goes on meanwhile. */
  redrawFailures: number
  redrawNotBefore: number
  /** Other failures in a row, and until when nothing is tried. */
  failures: number
  notBefore: number
}

export const freshMemory = (): Memory => ({
  epoch: 0, redrawnAt: null, newestSeq: -1, newestSince: 0, joined: false, broken: new Set(), leaving: null, redrawFailures: 0, redrawNotBefore: 0, failures: 0, notBefore: 0,
})

/** Brings the memory up to a conversation that was just claimed. Every claim is one epoch: when some are missing, somebody else held it meanwhile. */
export const remember = (memory: Memory, { epoch, rows }: Pick<Conversation, 'epoch' | 'rows'>, now: number): void => {
  // Whoever held it may have left the place, or said there what was refused here.
  if (epoch !== memory.epoch + 1) memory.leaving = null
  memory.epoch = epoch
  const newest = rows.at(-1)?.seq ?? memory.newestSeq
  if (newest !== memory.newestSeq) {
    memory.newestSeq = newest
    memory.newestSince = now
  }
}
