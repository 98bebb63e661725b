import { isUniqueViolation } from '../../db/conflict.ts'
import { activeRelease, goodRelease, type PromotionRecord } from '../../db/promotions.ts'
import { askAgain, renewIfChanged } from '../approve.ts'
import { appParams } from '../apps.ts'
import { cancelForForced, forcedInQueue, wayBackMissing } from '../force.ts'
import { failBeforeAnyChange } from './fail.ts'
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
  if (promotion.waived === 'policy' && (await appParams(rack.db, rack.name, promotion.app)).approvals > 0) {
    // It was queued when nobody had to approve; now somebody has to.
    await rack.db.transaction((tx) => askAgain(rack, tx, promotion))
    rack.wakeDelivery.call()
    return false
  }
  const missing = await wayBackMissing(rack.db, promotion)
  if (missing !== undefined) return stopForced(job, missing)
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
    await cancelForWaiting(job)
    return true
  } catch (error) {
    if (isUniqueViolation(error)) return false
    throw error
  }
}

/** The rollback that it waited for failed, or somebody else's change stayed: with approvals it asks again, without it ends and says why. */
const stopForced = async (job: Job, before: PromotionRecord): Promise<false> => {
  const { rack } = job
  const promotion = job.promotion()
  if (promotion.waived === null) {
    await rack.db.transaction((tx) => askAgain(rack, tx, promotion))
    rack.wakeDelivery.call()
  } else {
    const how = before.status === 'superseded' ? 'was superseded' : 'could not be rolled back'
    await failBeforeAnyChange(job, { kind: 'not_possible', rule: 'not-possible', message: `${before.releaseId}, which it was to replace, ${how}`, firstSeen: rack.clock().toISOString() })
  }
  return false
}

/** A forced promotion that was queued in the instant in which this one began still goes first. */
const cancelForWaiting = async ({ rack, promotion }: Job): Promise<void> => {
  const { app, id } = promotion()
  await rack.db.transaction(async (tx) => {
    const forced = await forcedInQueue(tx, rack.name, app)
    if (forced !== undefined && forced.id !== id) await cancelForForced(rack, tx, forced)
  })
}
