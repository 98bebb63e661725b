import { writeAudit } from '../db/audit.ts'
import type { Db } from '../db/client.ts'
import { findPromotion, lockPromotion, movePromotion, openPromotions, previousEnd, type PromotionRecord } from '../db/promotions.ts'
import { verdictOf, type GateRack } from './gate/state.ts'
import { isProven, isStopping } from './promotion.ts'

const mayCancel = (other: PromotionRecord): boolean => other.status === 'rolling_out' && other.cancelBy === null && !isProven(other) && !isStopping(other)

/**
 * A forced promotion is next in line: what rolls out on its app is cancelled in the requester's name and goes back first. One that already goes back, a
 * first one that is being stopped, and one that is proven and only tidies up are waited for, and while a lock or a freeze keeps the forced one from
 * starting nothing is cancelled for it. In the caller's transaction.
 */
export const cancelForForced = async (rack: GateRack, tx: Db, forced: PromotionRecord): Promise<void> => {
  const found = (await openPromotions(tx, forced.rack, forced.app)).find((other) => other.status === 'rolling_out')
  if (found === undefined || found.id === forced.id || !mayCancel(found)) return
  // Kept from here on: it may have been proven, or have failed, since it was found, and a cancel that comes then is none.
  await lockPromotion(tx, found.id)
  const rolling = await findPromotion(tx, found.id)
  if (rolling === undefined || !mayCancel(rolling)) return
  if ((await verdictOf(rack, tx, forced)).waits.length > 0) return
  const moved = await movePromotion(tx, rolling.id, { from: ['rolling_out'], set: { cancelBy: forced.requester, cancelAt: rack.clock() } })
  if (moved === undefined) return
  await writeAudit(tx, { rack: rolling.rack, app: rolling.app, actor: forced.requester, action: 'promotion.cancel', promotionId: rolling.id, decision: 'cancelled', digest: moved.digest, detail: { status: rolling.status, forcedBy: forced.id } })
}

/** The forced promotion that waits for this app's slot; undefined when none does. */
export const forcedInQueue = async (db: Db, rack: string, app: string): Promise<PromotionRecord | undefined> =>
  (await openPromotions(db, rack, app)).find((promotion) => promotion.status === 'queued' && promotion.force && !promotion.held)

/** What the forced promotion waited for did not come back as it should: the app is in a state that nobody approved. */
export const wayBackMissing = async (db: Db, forced: PromotionRecord): Promise<PromotionRecord | undefined> => {
  if (!forced.force || forced.queuedAt === null) return undefined
  const before = await previousEnd(db, forced.rack, forced.app)
  if (before === undefined || (before.status !== 'rollback_failed' && before.status !== 'superseded')) return undefined
  // What was cancelled for it ended after it, even when its end was being written already, with an earlier time.
  const since = forced.queuedAt
  return [before.finishedAt, before.cancelAt].some((at) => at !== null && at >= since) ? before : undefined
}
