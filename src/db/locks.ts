import { and, asc, eq, isNotNull, lte } from 'drizzle-orm'
import type { Db } from './client.ts'
import { appLocks } from './schema.ts'

export type LockRecord = typeof appLocks.$inferSelect

/** The app's lock, also one whose time is over and that nobody has cleared away yet. */
export const findLock = async (db: Db, rack: string, app: string): Promise<LockRecord | undefined> =>
  (await db.select().from(appLocks).where(and(eq(appLocks.rack, rack), eq(appLocks.app, app))))[0]

/** Every lock of a rack. */
export const locksOf = (db: Db, rack: string): Promise<LockRecord[]> => db.select().from(appLocks).where(eq(appLocks.rack, rack)).orderBy(asc(appLocks.app))

/** Claims it; false when there is one. */
export const insertLock = async (tx: Db, lock: LockRecord): Promise<boolean> =>
  (await tx.insert(appLocks).values(lock).onConflictDoNothing().returning({ app: appLocks.app })).length === 1

/** Changes the lock of `owner`; false when it is not theirs (any more). */
export const changeLock = async (tx: Db, rack: string, app: string, owner: string, set: Partial<Omit<LockRecord, 'rack' | 'app'>>): Promise<boolean> =>
  (await tx.update(appLocks).set(set).where(and(eq(appLocks.rack, rack), eq(appLocks.app, app), eq(appLocks.owner, owner))).returning({ app: appLocks.app })).length === 1

/** Removes the lock of `owner`; false when it is not theirs (any more). */
export const removeLock = async (tx: Db, rack: string, app: string, owner: string): Promise<boolean> =>
  (await tx.delete(appLocks).where(and(eq(appLocks.rack, rack), eq(appLocks.app, app), eq(appLocks.owner, owner))).returning({ app: appLocks.app })).length === 1

/** Apps of a rack whose lock is over by `now`. */
export const locksOver = async (db: Db, rack: string, now: Date): Promise<string[]> =>
  (await db.select({ app: appLocks.app }).from(appLocks).where(and(eq(appLocks.rack, rack), isNotNull(appLocks.until), lte(appLocks.until, now)))).map(({ app }) => app)

/** Removes an app's lock that is over by `now`; the lock, when this call did. */
export const removeLockOver = async (tx: Db, rack: string, app: string, now: Date): Promise<LockRecord | undefined> =>
  (await tx.delete(appLocks).where(and(eq(appLocks.rack, rack), eq(appLocks.app, app), isNotNull(appLocks.until), lte(appLocks.until, now))).returning())[0]
