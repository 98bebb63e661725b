import { and, asc, desc, eq, gt, isNull, lt, sql } from 'drizzle-orm'
import type { Db } from './client.ts'
import { readPage, type PageAsk, type Paged } from './page.ts'
import { appParams, apps, builds, goodReleases, promotions, releases } from './schema.ts'

export type AppRecord = typeof apps.$inferSelect

/** An app, also one that is being deleted (`deletingAt`). */
export const findApp = async (db: Db, rack: string, name: string): Promise<AppRecord | undefined> =>
  (await db.select().from(apps).where(and(eq(apps.rack, rack), eq(apps.name, name))))[0]

/** The app's row, locked until the transaction ends: whoever creates releases or promotions of it waits here. */
export const lockApp = async (tx: Db, rack: string, name: string): Promise<AppRecord | undefined> =>
  (await tx.select().from(apps).where(and(eq(apps.rack, rack), eq(apps.name, name))).for('update'))[0]

export const listAppRecords = (db: Db, rack: string): Promise<AppRecord[]> =>
  db.select().from(apps).where(and(eq(apps.rack, rack), isNull(apps.deletingAt))).orderBy(asc(apps.name))

/** A page of a rack's apps by name; the key is the name. */
export const pageOfApps = (db: Db, rack: string, ask: PageAsk): Promise<Paged<AppRecord>> =>
  readPage(ask, (walk, limit) => {
    const beyond = walk.from === null ? [] : [walk.way === 'down' ? gt(apps.name, walk.from) : lt(apps.name, walk.from)]
    return db.select().from(apps).where(and(eq(apps.rack, rack), isNull(apps.deletingAt), ...beyond)).orderBy(walk.way === 'down' ? asc(apps.name) : desc(apps.name)).limit(limit)
  }, ({ name }) => name)

/** How many apps (not being deleted) and open promotions each rack has that has any, by name. */
export const countsByRack = async (db: Db): Promise<{ rack: string; apps: number; open: number }[]> => {
  const many = sql<number>`count(*)::int`
  const listed = await db.select({ rack: apps.rack, many }).from(apps).where(isNull(apps.deletingAt)).groupBy(apps.rack)
  const open = await db.select({ rack: promotions.rack, many }).from(promotions).where(isNull(promotions.finishedAt)).groupBy(promotions.rack)
  const of = (rows: readonly { rack: string; many: number }[], name: string): number => rows.find(({ rack }) => rack === name)?.many ?? 0
  return [...new Set([...listed, ...open].map(({ rack }) => rack))].toSorted().map((rack) => ({ rack, apps: of(listed, rack), open: of(open, rack) }))
}

/** False when the name is taken. */
export const insertApp = async (db: Db, app: { rack: string; name: string; namespace: string; createdBy: string }): Promise<boolean> =>
  (await db.insert(apps).values(app).onConflictDoNothing().returning({ name: apps.name })).length === 1

export const setNamespaceUid = async (db: Db, rack: string, name: string, uid: string): Promise<void> => {
  await db.update(apps).set({ namespaceUid: uid }).where(and(eq(apps.rack, rack), eq(apps.name, name)))
}

export const markDeleting = async (db: Db, rack: string, name: string): Promise<void> => {
  await db.update(apps).set({ deletingAt: sql`now()` }).where(and(eq(apps.rack, rack), eq(apps.name, name)))
}

export const listDeleting = (db: Db, rack: string): Promise<AppRecord[]> =>
  db.select().from(apps).where(and(eq(apps.rack, rack), sql`${apps.deletingAt} is not null`))

/** Removes the app with everything that belongs to it; its audit rows stay. */
export const removeApp = async (tx: Db, rack: string, name: string): Promise<void> => {
  for (const table of [goodReleases, promotions, releases, builds] as const) await tx.delete(table).where(and(eq(table.rack, rack), eq(table.app, name)))
  await tx.delete(apps).where(and(eq(apps.rack, rack), eq(apps.name, name)))
}

/** Params as stored: name -> text. */
export const paramsOf = async (db: Db, rack: string, app: string): Promise<Map<string, string>> => {
  const rows = await db.select({ name: appParams.name, value: appParams.value }).from(appParams).where(and(eq(appParams.rack, rack), eq(appParams.app, app)))
  return new Map(rows.map((row) => [row.name, row.value]))
}

export const setParam = async (db: Db, rack: string, app: string, name: string, value: string): Promise<void> => {
  await db.insert(appParams).values({ rack, app, name, value }).onConflictDoUpdate({ target: [appParams.rack, appParams.app, appParams.name], set: { value } })
}

/** Apps with this param; none that is being deleted. */
export const appsWithParam = async (db: Db, rack: string, name: string, value: string): Promise<string[]> => {
  const rows = await db.select({ app: appParams.app }).from(appParams)
    .innerJoin(apps, and(eq(apps.rack, appParams.rack), eq(apps.name, appParams.app), isNull(apps.deletingAt)))
    .where(and(eq(appParams.rack, rack), eq(appParams.name, name), eq(appParams.value, value))).orderBy(asc(appParams.app))
  return rows.map((row) => row.app)
}
