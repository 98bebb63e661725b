import { findApp } from '../../db/apps.ts'
import { findPromotion, goodRelease, openPromotions, type PromotionRecord } from '../../db/promotions.ts'
import { describeName, nameOf } from '../cluster/objects.ts'
import type { Rack } from '../context.ts'
import { isMoving } from '../promotion.ts'
import { lackedBy, storedInventory } from './plan.ts'
import { isRemovable, removableOf } from './prune.ts'

/** Milliseconds between questions to the database. */
const lookEvery = 5_000
/**
 * When the cluster is looked at, in milliseconds from the end of the promotion: once a write that was under way has timed out at its sender, and once an API
 * server has given up on every request that it had (a minute, unless it was told otherwise).
 */
const looks = [15_000, 75_000] as const
/** Milliseconds from that end after which it is not looked for any more, whatever stood in the way. */
const giveUpAfter = 3_600_000

/** What a rollout that went from one owner to another may have left under way. */
export interface LateWrites {
  /** That promotion went to another owner in the middle: this process lost it, or took it over. */
  changedHands(promotion: string): void
  /** To be called often; asks the database only when there is something to look after. */
  look(): Promise<void>
}

/** Removes what the failed release made after its rollback was over. False while it is too early to tell. */
export const removeLateWrites = async (rack: Rack, id: string): Promise<boolean> => {
  const promotion = await findPromotion(rack.db, id)
  const app = promotion === undefined ? undefined : await findApp(rack.db, rack.name, promotion.app)
  if (promotion === undefined || app === undefined || app.deletingAt !== null) return true
  if (await isStillMoving(rack, promotion)) return false
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

/** It has not ended, or another one of its app moves: what stands on the cluster is not the last word. */
const isStillMoving = async (rack: Rack, { app, finishedAt }: PromotionRecord): Promise<boolean> =>
  finishedAt === null || (await openPromotions(rack.db, rack.name, app)).some(({ status }) => isMoving(status))

interface Wait { lookAt: number; endedAt: number | null; looked: number }

/**
 * A create carries no version, so one that was under way when a lease went can still reach the cluster after the new owner has gone back. Whoever lost a
 * rollout looks once it has ended, and so does who took it over (the other may be gone by then): what only the failed release had is removed (design 4).
 */
export const createLateWrites = (rack: Rack): LateWrites => {
  const waiting = new Map<string, Wait>()
  /** True once there is nothing more to look for. */
  const look = async (id: string, wait: Wait, now: number): Promise<boolean> => {
    const promotion = await findPromotion(rack.db, id)
    if (promotion === undefined) return true
    if (wait.endedAt === null) {
      if (await isStillMoving(rack, promotion)) return false
      wait.endedAt = now
    }
    const due = looks[wait.looked]
    if (due === undefined || now - wait.endedAt > giveUpAfter) return true
    if (now - wait.endedAt >= due && (await removeLateWrites(rack, id))) wait.looked += 1
    return wait.looked === looks.length
  }
  return {
    changedHands: (promotion) => void waiting.set(promotion, { lookAt: performance.now(), endedAt: null, looked: 0 }),
    look: async () => {
      for (const [promotion, wait] of waiting) {
        const now = performance.now()
        if (now < wait.lookAt) continue
        wait.lookAt = now + lookEvery
        const done = await look(promotion, wait, now).catch((error: unknown) => {
          rack.log.info({ promotion, error }, 'what a rollout may have left that changed hands is looked for again')
          return false
        })
        if (done) waiting.delete(promotion)
      }
    },
  }
}
