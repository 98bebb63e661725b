import { and, desc, eq, inArray, sql } from 'drizzle-orm'
import type { Db } from './client.ts'
import type { LockRecord } from './locks.ts'
import type { PromotionRecord } from './promotions.ts'
import { appLocks, apps, goodReleases, promotions } from './schema.ts'
import type { PromotionStatus } from './words.ts'

const moving = ['rolling_out', 'rolling_back'] as const satisfies readonly PromotionStatus[]
/** Ends of a promotion that has begun, or failed before it could. */
const told = ['succeeded', 'failed', 'superseded', 'rolled_back', 'rollback_failed'] as const satisfies readonly PromotionStatus[]

/** Promotions looked back at: so many may have waited in the queue for each other. */
const lookBack = 50

/** Where an app stands: what moves, what ended last, what is active, and its lock. */
export interface AppStanding {
  readonly app: string
  readonly moving: Pick<PromotionRecord, 'status' | 'targetReleaseId' | 'cancelBy'> | null
  readonly ended: Pick<PromotionRecord, 'status' | 'targetReleaseId' | 'cancelBy'> | null
  readonly active: string | null
  readonly lock: LockRecord | null
}

/** Where apps of a rack stand, by name; one question however many they are. */
export const appStandings = (db: Db, rack: string, names: readonly string[]): Promise<AppStanding[]> => {
  // The one that began last, among those asked for last: a lock lets later ones go first, and an app has one moving at a time.
  const newest = (statuses: readonly PromotionStatus[], as: string) => {
    const asked = db.select({ status: promotions.status, targetReleaseId: promotions.targetReleaseId, cancelBy: promotions.cancelBy, startedAt: promotions.startedAt, seq: promotions.seq }).from(promotions)
      .where(and(eq(promotions.rack, apps.rack), eq(promotions.app, apps.name), inArray(promotions.status, [...statuses])))
      .orderBy(desc(promotions.seq)).limit(lookBack).as(`${as}_asked`)
    return db.select({ status: asked.status, targetReleaseId: asked.targetReleaseId, cancelBy: asked.cancelBy }).from(asked)
      .orderBy(sql`${asked.startedAt} desc nulls last`, desc(asked.seq)).limit(1).as(as)
  }
  const [now, last] = [newest(moving, 'moving_now'), newest(told, 'ended_last')]
  const read = (found: typeof now) => ({ status: found.status, targetReleaseId: found.targetReleaseId, cancelBy: found.cancelBy })
  return db.select({ app: apps.name, moving: read(now), ended: read(last), active: goodReleases.releaseId, lock: appLocks }).from(apps)
    .leftJoinLateral(now, sql`true`).leftJoinLateral(last, sql`true`)
    .leftJoin(goodReleases, and(eq(goodReleases.rack, apps.rack), eq(goodReleases.app, apps.name)))
    .leftJoin(appLocks, and(eq(appLocks.rack, apps.rack), eq(appLocks.app, apps.name)))
    .where(and(eq(apps.rack, rack), inArray(apps.name, [...names]))).orderBy(apps.name)
}
