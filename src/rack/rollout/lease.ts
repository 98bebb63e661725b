import { renewLease } from '../../db/promotions.ts'
import type { Db } from '../../db/client.ts'

/** Design 4: lifetime 10 s, heartbeat 3 s. */
export const leaseSeconds = 10
const heartbeat = 3_000

/** A promotion held by this process. */
export interface Lease {
  readonly epoch: number
  /** Milliseconds in which a cluster write must be over; 0 when nothing may be written now. */
  remaining(): number
  /** Aborts when another owner has taken over, or the promotion has ended elsewhere. */
  readonly lost: AbortSignal
  /** Slack id of who cancelled it. */
  cancelBy(): string | null
  /** Renews at once: there may be news (a cancel). */
  look(): Promise<void>
  onNews(callback: () => void): () => void
  stop(): void
}

/** When a lease was asked for, in ms of both clocks: it counts from the question, since nobody knows how long the answer was on its way. */
export interface Asked { readonly monotonic: number; readonly wall: number }

export const askedNow = (): Asked => ({ monotonic: performance.now(), wall: Date.now() })

/**
 * Keeps a claimed promotion's lease alive. It is over when either the monotonic or the wall clock says so: a suspended machine stops the first,
 * a clock that is set moves the second. While the database is away the lease runs out, nothing is written, and it goes on when it answers again.
 */
export const holdLease = (db: Db, promotion: string, epoch: number, claimed: Asked): Lease => {
  const lost = new AbortController()
  const listeners = new Set<() => void>()
  let monotonic = claimed.monotonic + leaseSeconds * 1000
  let wall = claimed.wall + leaseSeconds * 1000
  let cancelBy: string | null = null

  let asking = 0
  const look = async (): Promise<void> => {
    if (lost.signal.aborted) return
    const asked = askedNow()
    asking += 1
    const row = await renewLease(db, promotion, epoch, leaseSeconds).catch(() => null)
    asking -= 1
    if (row === null) return
    if (row === undefined) {
      lost.abort(new Error(`${promotion} has another owner`))
    } else {
      monotonic = asked.monotonic + leaseSeconds * 1000
      wall = asked.wall + leaseSeconds * 1000
      if (row.cancelBy === cancelBy) return
      cancelBy = row.cancelBy
    }
    for (const listener of listeners) listener()
  }
  // One that is not answered (its row is locked, the database is slow) takes no second connection from others.
  const timer = setInterval(() => {
    if (asking === 0) void look()
  }, heartbeat)
  timer.unref()
  return {
    epoch,
    remaining: () => (lost.signal.aborted ? 0 : Math.max(0, Math.min(monotonic - performance.now(), wall - Date.now()))),
    lost: lost.signal,
    cancelBy: () => cancelBy,
    look,
    onNews: (callback) => {
      listeners.add(callback)
      return () => void listeners.delete(callback)
    },
    stop: () => {
      clearInterval(timer)
      if (!lost.signal.aborted) lost.abort(new Error('stopped'))
    },
  }
}
