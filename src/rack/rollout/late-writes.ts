import { findApp } from '../../db/apps.ts'
import { findPromotion, goodRelease, openPromotions } from '../../db/promotions.ts'
import { describeName, nameOf } from '../cluster/objects.ts'
import type { Rack } from '../context.ts'
import { isMoving } from '../promotion.ts'
import { lackedBy, storedInventory } from './plan.ts'
import { isRemovable, removableOf } from './prune.ts'

/** Milliseconds between looks, and from the end of the promotion on: by then a write that was under way has timed out. */
const [lookEvery, settledAfter] = [5_000, 15_000]
/** Milliseconds after which it is not looked for any more. */
const giveUpAfter = 3_600_000

/** What a lease that went in the middle of a rollout may have left under way. */
export interface LateWrites {
  /** This process has lost that promotion to another owner. */
  lost(promotion: string): void
  /** To be called often; asks the database only when there is something to look after. */
  look(): Promise<void>
}

/** Removes what the failed release made after its rollback was over. False while it is too early to tell. */
export const removeLateWrites = async (rack: Rack, id: string): Promise<boolean> => {
  const promotion = await findPromotion(rack.db, id)
  const app = promotion === undefined ? undefined : await findApp(rack.db, rack.name, promotion.app)
  if (promotion === undefined || app === undefined || app.deletingAt !== null) return true
  const open = await openPromotions(rack.db, rack.name, app.name)
  if (promotion.finishedAt === null || open.some(({ status }) => isMoving(status))) return false
  const good = await goodRelease(rack.db, rack.name, app.name)
  // What succeeded owns what it made; what a person or another program stopped is theirs to sort out.
  if (promotion.status !== 'rolled_back' || good === undefined) return true
  const extra = removableOf(lackedBy(await storedInventory(rack, good.promotionId), await storedInventory(rack, promotion.id)))
  for (const object of extra) {
    const name = { ...nameOf(object), namespace: app.namespace }
    const there = await rack.objects.read(name)
    if (there?.metadata.uid === undefined || !isRemovable(rack, there) || there.metadata.labels?.['release'] !== promotion.releaseId) continue
    rack.log.warn({ promotion: id, object: describeName(name) }, 'a write that came after its owner had lost the rollout is undone')
    await rack.objects.remove(name, there.metadata.uid)
  }
  return true
}

/**
 * A create carries no version, so one of ours that was under way when the lease went can still reach the cluster after the new owner has gone back. Whoever
 * lost a rollout looks once it has ended, and removes what only the failed release had (design 4).
 */
export const createLateWrites = (rack: Rack): LateWrites => {
  const waiting = new Map<string, { readonly since: number; lookAt: number }>()
  return {
    lost: (promotion) => void waiting.set(promotion, { since: performance.now(), lookAt: performance.now() + settledAfter }),
    look: async () => {
      for (const [promotion, wait] of waiting) {
        const now = performance.now()
        if (now < wait.lookAt) continue
        wait.lookAt = now + lookEvery
        const done = await removeLateWrites(rack, promotion).catch((error: unknown) => {
          rack.log.info({ promotion, error }, 'what a lost rollout may have left is looked for again')
          return false
        })
        if (done || now - wait.since > giveUpAfter) waiting.delete(promotion)
      }
    },
  }
}
