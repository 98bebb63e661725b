import { and, asc, eq, isNull, or, sql } from 'drizzle-orm'
import type { Db } from './client.ts'
import { apps, freezes } from './schema.ts'

export type FreezeRecord = typeof freezes.$inferSelect

/** The freezes of an app: its own and those of every app of the rack; oldest first. */
export const freezesOf = (db: Db, rack: string, app: string): Promise<FreezeRecord[]> =>
  db.select().from(freezes).where(and(eq(freezes.rack, rack), or(isNull(freezes.app), eq(freezes.app, app)))).orderBy(asc(freezes.createdAt), asc(freezes.id))

/** Those of every app of the rack alone. */
export const freezesOfRack = (db: Db, rack: string): Promise<FreezeRecord[]> =>
  db.select().from(freezes).where(and(eq(freezes.rack, rack), isNull(freezes.app))).orderBy(asc(freezes.createdAt), asc(freezes.id))

export const findFreeze = async (db: Db, rack: string, id: string): Promise<FreezeRecord | undefined> =>
  (await db.select().from(freezes).where(and(eq(freezes.rack, rack), eq(freezes.id, id))))[0]

/** Its time is the one at which it is written, by the clock of the database. The caller keeps the rows of the apps. */
export const insertFreeze = async (tx: Db, freeze: Omit<FreezeRecord, 'createdAt'>): Promise<void> => {
  await tx.insert(freezes).values({ ...freeze, createdAt: sql`clock_timestamp()` })
}

/** The time by the clock that freezes are dated with: what is older than this moment was there before. One clock for all replicas. */
export const freezeTime = async (tx: Db): Promise<Date> => {
  const [row] = await tx.select({ ms: sql<number>`(extract(epoch from clock_timestamp()) * 1000)::float8` }).from(sql`(select 1) as one`)
  if (row === undefined) throw new Error('the database does not tell the time')
  return new Date(Math.ceil(row.ms))
}

/** False when somebody else removed it. */
export const removeFreeze = async (tx: Db, rack: string, id: string): Promise<boolean> =>
  (await tx.delete(freezes).where(and(eq(freezes.rack, rack), eq(freezes.id, id))).returning({ id: freezes.id })).length === 1

/** Every app of a rack, its row kept to this transaction, always in the same order: no promotion begins meanwhile. */
export const lockApps = async (tx: Db, rack: string): Promise<string[]> =>
  (await tx.select({ name: apps.name }).from(apps).where(and(eq(apps.rack, rack), isNull(apps.deletingAt))).orderBy(asc(apps.name)).for('update')).map(({ name }) => name)
