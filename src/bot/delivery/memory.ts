import type { Conversation } from '../../rack/delivery-store.ts'
import { waitAfter, type Timings } from './timings.ts'

/** What waits by itself after a failure: redraws, looks for what was posted, direct messages; `any`: then nothing is tried. */
export type Tried = 'redraw' | 'look' | 'tell' | 'any'

/** Failures in a row, and until when it is not tried again. */
export interface Retry {
  failures: number
  notBefore: number
}

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
  readonly retries: Readonly<Record<Tried, Retry>>
}

const never = (): Retry => ({ failures: 0, notBefore: 0 })

export const freshMemory = (): Memory => ({
  epoch: 0, redrawnAt: null, newestSeq: -1, newestSince: 0, joined: false, broken: new Set(), leaving: null,
  retries: { redraw: never(), look: never(), tell: never(), any: never() },
})

/** One more failure of it: it waits, longer each time and `atLeast` so many milliseconds. Returns for how many. */
export const putOff = ({ retries }: Pick<Memory, 'retries'>, what: Tried, timings: Pick<Timings, 'backoff' | 'backoffMost'>, now: number, atLeast = 0): number => {
  const retry = retries[what]
  retry.failures += 1
  const wait = Math.max(atLeast, waitAfter(timings, retry.failures))
  retry.notBefore = now + wait
  return wait
}

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
