import { findApp } from '../../db/apps.ts'
import { findPromotion, goodRelease, openPromotions, previousEnd, type PromotionRecord } from '../../db/promotions.ts'
import { ClusterRefusal } from '../cluster/cluster-error.ts'
import type { ObjectName } from '../cluster/kinds.ts'
import { describeName, nameOf, type PlainObject } from '../cluster/objects.ts'
import type { Rack } from '../context.ts'
import { fromJson } from '../json.ts'
import { isMoving } from '../promotion.ts'
import { stopped } from '../render/inventory.ts'
import { releaseJobNameOf } from '../render/jobs.ts'
import { hasWayBack } from './fail.ts'
import type { RolloutState } from './job.ts'
import { lackedBy, storedInventory } from './plan.ts'
import { isRemovable, removableOf } from './prune.ts'
import { hasEnded } from './release-command.ts'

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

/** One object as it is now; undefined when there is none, or it is not ours. */
const oursAt = async (rack: Rack, name: ObjectName): Promise<PlainObject | undefined> => {
  const there = await rack.objects.read(name)
  return there !== undefined && isRemovable(rack, there) ? there : undefined
}

/** The Job of a release command whose promotion ended without success: nobody waits for it. The one that is known to have ended is kept for people. */
const removeLateCommand = async (rack: Rack, namespace: string, promotion: PromotionRecord): Promise<void> => {
  const name = { apiVersion: 'batch/v1', kind: 'Job', name: releaseJobNameOf(promotion.id), namespace }
  const there = await oursAt(rack, name)
  const known = fromJson<RolloutState>(promotion.state)?.command?.made?.uid
  if (there?.metadata.uid === undefined || there.metadata.labels?.['slipway-promotion'] !== promotion.id) return
  if (there.metadata.uid === known && hasEnded(there)) return
  rack.log.warn({ promotion: promotion.id, object: describeName(name) }, 'a release command that was started after its owner had lost the rollout is removed')
  await rack.objects.remove(name, there.metadata.uid)
}

/** A failed first release: its processes are stopped once more, unless something else has been promoted since, or a person started them. */
const stopAgain = async (rack: Rack, namespace: string, promotion: PromotionRecord): Promise<void> => {
  if ((await previousEnd(rack.db, rack.name, promotion.app))?.id !== promotion.id) return
  for (const object of await storedInventory(rack, promotion.id)) {
    const asStopped = stopped(object)
    const there = asStopped && await oursAt(rack, { ...nameOf(object), namespace })
    const version = there?.metadata.resourceVersion
    if (asStopped === undefined || version === undefined || there?.metadata.labels?.['release'] !== promotion.releaseId) continue
    try {
      const now = await rack.objects.apply(asStopped, { force: false, resourceVersion: version })
      if (now.metadata.resourceVersion !== version) rack.log.warn({ promotion: promotion.id, object: describeName(nameOf(object)) }, 'a write that came after its owner had lost the rollout is undone')
    } catch (error) {
      // Fields of somebody else: who scaled it up to look at it goes on looking.
      if (!(error instanceof ClusterRefusal) || error.status !== 409 || error.causes.length === 0) throw error
    }
  }
}

/** Undoes what a former owner did on the cluster after its promotion was over. False while it is too early to tell. */
export const removeLateWrites = async (rack: Rack, id: string): Promise<boolean> => {
  const promotion = await findPromotion(rack.db, id)
  const app = promotion === undefined ? undefined : await findApp(rack.db, rack.name, promotion.app)
  if (promotion === undefined || app === undefined || app.deletingAt !== null) return true
  if (await isStillMoving(rack, promotion)) return false
  if (promotion.status !== 'succeeded') await removeLateCommand(rack, app.namespace, promotion)
  if (promotion.status === 'failed' && !hasWayBack(promotion)) await stopAgain(rack, app.namespace, promotion)
  const good = await goodRelease(rack.db, rack.name, app.name)
  // What succeeded owns what it made; what a person or another program stopped is theirs to sort out.
  if (promotion.status !== 'rolled_back' || good === undefined) return true
  const extra = removableOf(lackedBy(await storedInventory(rack, good.promotionId), await storedInventory(rack, promotion.id)))
  for (const object of extra) {
    const name = { ...nameOf(object), namespace: app.namespace }
    const there = await oursAt(rack, name)
    if (there?.metadata.uid === undefined || there.metadata.labels?.['release'] !== promotion.releaseId) continue
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
 * rollout looks once it has ended, and so does who took it over (the other may be gone by then): what only the failed release had is removed (design 4),
 * the processes of a failed first release are stopped again, and a release command that nobody waits for is removed.
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
