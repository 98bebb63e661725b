import type { Db } from '../db/client.ts'
import { findPromotion, lockPromotion, openPromotions } from '../db/promotions.ts'
import { renewIfChanged } from './approve.ts'
import type { Books } from './context.ts'
import { isMoving } from './promotion.ts'

/**
 * Asks anew for every open promotion of an app whose approval the change in this transaction voids, so that those who may decide now can. The app's row is
 * locked. What needs no approval is looked at when it begins, and what has expired stays so. True when anything was renewed.
 */
export const renewOpen = async (rack: Books, tx: Db, app: string): Promise<boolean> => {
  let renewed = false
  for (const { id, status } of await openPromotions(tx, rack.name, app)) {
    // What moves is not asked for any more, and its row is the last that a forced one keeps: kept before that one's, each would wait for the other.
    if (isMoving(status)) continue
    // The row first: a vote that falls now is either seen here, or sees what was renewed.
    await lockPromotion(tx, id)
    const promotion = await findPromotion(tx, id)
    if (promotion === undefined || promotion.waived !== null || (promotion.status !== 'awaiting_approval' && promotion.status !== 'queued')) continue
    if (promotion.expiresAt !== null && promotion.expiresAt <= rack.clock()) continue
    renewed = (await renewIfChanged(rack, tx, promotion)) !== null || renewed
  }
  return renewed
}
