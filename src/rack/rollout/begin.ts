import { isUniqueViolation } from '../../db/conflict.ts'
import { activeRelease, goodRelease } from '../../db/promotions.ts'
import { renewIfChanged } from '../approve.ts'
import type { Job } from './job.ts'

/**
 * Starts a queued promotion: what was approved is computed once more, right before the first write; then it moves, with the way back fixed.
 * False when it did not start: it asks again, or another promotion of the app was quicker.
 */
export const begin = async (job: Job): Promise<boolean> => {
  const { rack } = job
  const promotion = job.promotion()
  if (promotion.waived === null) {
    const renewed = await rack.db.transaction((tx) => renewIfChanged(rack, tx, promotion))
    if (renewed !== null) {
      rack.wakeDelivery.call()
      return false
    }
  }
  const good = await goodRelease(rack.db, rack.name, promotion.app)
  job.show({ phase: 'checking', applied: { done: 0, total: 0 }, services: [] })
  try {
    await job.commit({
      status: 'rolling_out', step: 'dry_run', say: ['Pending'],
      set: {
        startedAt: rack.clock(), fromReleaseId: await activeRelease(rack.db, rack.name, promotion.app),
        targetReleaseId: good?.releaseId ?? null, targetPromotionId: good?.promotionId ?? null,
      },
    })
    return true
  } catch (error) {
    if (isUniqueViolation(error)) return false
    throw error
  }
}
