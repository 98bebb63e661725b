import { and, asc, count, desc, eq, gt, inArray, lt, notExists, sql } from 'drizzle-orm'
import type { Db } from './client.ts'
import { readPage, type PageAsk, type Paged } from './page.ts'
import { promotions, releases } from './schema.ts'
import type { PromotionStatus } from './words.ts'

export type ReleaseRecord = typeof releases.$inferSelect

export const insertRelease = async (tx: Db, release: Omit<typeof releases.$inferInsert, 'seq'>): Promise<ReleaseRecord> => {
  const row = (await tx.insert(releases).values(release).returning())[0]
  if (row === undefined) throw new Error('the release was not written')
  return row
}

/** The release that the first half of a delivery made. */
export const releaseOfDelivery = async (db: Db, delivery: string): Promise<ReleaseRecord | undefined> =>
  (await db.select().from(releases).where(eq(releases.delivery, delivery)))[0]

/** By id alone, whatever its app. */
export const findReleaseAnywhere = async (db: Db, id: string): Promise<ReleaseRecord | undefined> =>
  (await db.select().from(releases).where(eq(releases.id, id)))[0]

/**
 * The newest release that is not a refused copy: a copy (rollback) all of whose promotions ended with one of `refused`
 * never counts as newest (answers.md, "Base of a new release").
 */
export const newestRelease = async (db: Db, rack: string, app: string, refused: readonly PromotionStatus[]): Promise<ReleaseRecord | undefined> => {
  const refusedCopy = db.select({ one: sql`1` }).from(promotions)
    .where(and(eq(promotions.releaseId, releases.id), eq(releases.origin, 'rollback'), inArray(promotions.status, [...refused])))
  return (await db.select().from(releases)
    .where(and(eq(releases.rack, rack), eq(releases.app, app), notExists(refusedCopy)))
    .orderBy(desc(releases.seq)).limit(1))[0]
}

export const listReleaseRecords = (db: Db, rack: string, app: string, limit: number): Promise<ReleaseRecord[]> =>
  db.select().from(releases).where(and(eq(releases.rack, rack), eq(releases.app, app))).orderBy(desc(releases.seq)).limit(limit)

const seqOf = (id: string) => sql`(select seq from ${releases} where id = ${id})`

/** A page of an app's releases, newest first; the key is a release's id. */
export const pageOfReleases = (db: Db, rack: string, app: string, ask: PageAsk): Promise<Paged<ReleaseRecord>> =>
  readPage(ask, (walk, limit) => {
    const beyond = walk.from === null ? [] : [walk.way === 'down' ? lt(releases.seq, seqOf(walk.from)) : gt(releases.seq, seqOf(walk.from))]
    return db.select().from(releases).where(and(eq(releases.rack, rack), eq(releases.app, app), ...beyond))
      .orderBy(walk.way === 'down' ? desc(releases.seq) : asc(releases.seq)).limit(limit)
  }, ({ id }) => id)

/** How many releases an app has, those newer than `above` alone when it is given; no more than `most` are counted. */
export const countReleases = async (db: Db, rack: string, app: string, most: number, above?: number): Promise<number> => {
  const some = db.select({ one: sql`1`.as('one') }).from(releases)
    .where(and(eq(releases.rack, rack), eq(releases.app, app), ...(above === undefined ? [] : [gt(releases.seq, above)]))).limit(most).as('some')
  return (await db.select({ total: count() }).from(some))[0]?.total ?? 0
}

/** Releases whose env another key than `keyId` has sealed. */
export const releasesSealedOtherwise = (db: Db, keyId: string, limit: number): Promise<{ id: string; env: string }[]> =>
  db.select({ id: releases.id, env: releases.env }).from(releases).where(sql`split_part(${releases.env}, '.', 1) <> ${keyId}`).limit(limit)

/** Replaces a sealed env only as it was read. */
export const replaceSealedEnv = async (db: Db, id: string, before: string, after: string): Promise<boolean> =>
  (await db.update(releases).set({ env: after }).where(and(eq(releases.id, id), eq(releases.env, before))).returning({ id: releases.id })).length === 1
