import { and, asc, desc, eq, gt, inArray, lt, notExists, sql, type SQL } from 'drizzle-orm'
import type { Db } from './client.ts'
import { readPage, type PageAsk, type Paged } from './page.ts'
import { goodReleases, promotions, releases } from './schema.ts'
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

/** What a list shows of a release: not its env, which may be large. `last`: how its newest promotion stands; null before any. */
export type ListedRelease = Pick<ReleaseRecord, 'id' | 'seq' | 'buildId' | 'description' | 'createdAt'> & { readonly last: PromotionStatus | null }

/** A page of an app's releases, newest first; the key is a release's id. */
export const pageOfReleases = (db: Db, rack: string, app: string, ask: PageAsk): Promise<Paged<ListedRelease>> =>
  readPage(ask, (walk, limit) => {
    const beyond = walk.from === null ? [] : [walk.way === 'down' ? lt(releases.seq, seqOf(walk.from)) : gt(releases.seq, seqOf(walk.from))]
    const { id, seq, buildId, description, createdAt } = releases
    // By its written name: of a single table drizzle leaves it out, and the id would be the promotion's.
    const last = sql<PromotionStatus | null>`(select status from ${promotions} of where of.release_id = releases.id order by of.seq desc limit 1)`
    return db.select({ id, seq, buildId, description, createdAt, last }).from(releases).where(and(eq(releases.rack, rack), eq(releases.app, app), ...beyond))
      .orderBy(walk.way === 'down' ? desc(releases.seq) : asc(releases.seq)).limit(limit)
  }, ({ id }) => id)

/** What stands above a list of releases. */
export interface ReleaseTotals {
  /** How many there are, and how many of them are newer than `above`; no more than `most` are counted. */
  readonly total: number
  readonly above: number
  /** The release of the app's last succeeded promotion (`activeRelease`). */
  readonly active: string | null
}

/** `above` null: nothing counts as above. */
export const totalsOfReleases = async (db: Db, rack: string, app: string, most: number, above: number | null): Promise<ReleaseTotals> => {
  const count = (newer: SQL) => sql<number>`(select count(*)::int from (select 1 from ${releases} r where r.rack = ${rack} and r.app = ${app}${newer} limit ${most}) counted)`
  const [row] = await db.select({
    total: count(sql``), above: above === null ? sql<number>`0` : count(sql` and r.seq > ${above}`),
    active: sql<string | null>`(select release_id from ${goodReleases} g where g.rack = ${rack} and g.app = ${app})`,
  }).from(sql`(select 1) as one`)
  if (row === undefined) throw new Error('the database counts no releases')
  return row
}

/** Releases whose env another key than `keyId` has sealed. */
export const releasesSealedOtherwise = (db: Db, keyId: string, limit: number): Promise<{ id: string; env: string }[]> =>
  db.select({ id: releases.id, env: releases.env }).from(releases).where(sql`split_part(${releases.env}, '.', 1) <> ${keyId}`).limit(limit)

/** Replaces a sealed env only as it was read. */
export const replaceSealedEnv = async (db: Db, id: string, before: string, after: string): Promise<boolean> =>
  (await db.update(releases).set({ env: after }).where(and(eq(releases.id, id), eq(releases.env, before))).returning({ id: releases.id })).length === 1
