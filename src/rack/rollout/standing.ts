import { changedHandsSince, goodRelease, unprovenSince } from '../../db/promotions.ts'
import type { PlainObject } from '../cluster/objects.ts'
import { objectKey } from '../render/inventory.ts'
import type { Job } from './job.ts'
import { storedInventory } from './plan.ts'

/** The objects of several inventories, each once: of two of one name that of the earlier list. Pure. */
export const merged = (...inventories: readonly (readonly PlainObject[])[]): readonly PlainObject[] => {
  const found = new Map<string, PlainObject>()
  for (const object of inventories.flat()) if (!found.has(objectKey(object))) found.set(objectKey(object), object)
  return [...found.values()]
}

/**
 * What may stand on the cluster besides this promotion's own objects: those of the release that was proven last, and of every promotion since then that
 * ended without a way back (superseded, a failed rollback, a failed first release), whose additions nobody has removed yet.
 */
export const standingBefore = async (job: Job): Promise<readonly PlainObject[]> => {
  const { rack } = job
  const { app, id, targetPromotionId } = job.promotion()
  const good = await goodRelease(rack.db, rack.name, app)
  const left = (await unprovenSince(rack.db, rack.name, app, good?.verifiedAt ?? null)).filter((other) => other !== id)
  return merged(...await Promise.all([targetPromotionId, ...left].map((promotion) => storedInventory(rack, promotion))))
}

/**
 * What promotions since the last proven one may have left that went back and had more than one owner: the first one's creates may have arrived after the
 * last one had removed what it saw, and both processes may be gone since. Objects only to remove: nobody is to take them for what runs.
 */
export const perhapsLate = async (job: Job): Promise<readonly PlainObject[]> => {
  const { rack } = job
  const { app, id } = job.promotion()
  const good = await goodRelease(rack.db, rack.name, app)
  const others = (await changedHandsSince(rack.db, rack.name, app, good?.verifiedAt ?? null)).filter((other) => other !== id)
  return merged(...await Promise.all(others.map((promotion) => storedInventory(rack, promotion))))
}
