import { and, asc, desc, eq, sql } from 'drizzle-orm'
import type { Db } from './client.ts'
import { readPage, type PageAsk, type Paged } from './page.ts'
import { builds, releases } from './schema.ts'

export type BuildRecord = typeof builds.$inferSelect

export const insertBuild = async (tx: Db, build: typeof builds.$inferInsert): Promise<void> => {
  await tx.insert(builds).values(build)
}

export const findBuild = async (db: Db, rack: string, app: string, id: string): Promise<BuildRecord | undefined> =>
  (await db.select().from(builds).where(and(eq(builds.rack, rack), eq(builds.app, app), eq(builds.id, id))))[0]

export const listBuildRecords = (db: Db, rack: string, app: string, limit: number): Promise<BuildRecord[]> =>
  db.select().from(builds).where(and(eq(builds.rack, rack), eq(builds.app, app))).orderBy(desc(builds.createdAt), desc(builds.id)).limit(limit)

/** A page of an app's builds, newest first; the key is a build's id. */
export const pageOfBuilds = (db: Db, rack: string, app: string, ask: PageAsk): Promise<Paged<BuildRecord>> =>
  readPage(ask, (walk, limit) => {
    const [place, order] = [sql`(${builds.createdAt}, ${builds.id})`, walk.way === 'down' ? desc : asc]
    const from = sql`(select created_at, id from ${builds} where id = ${walk.from})`
    const beyond = walk.from === null ? [] : [walk.way === 'down' ? sql`${place} < ${from}` : sql`${place} > ${from}`]
    return db.select().from(builds).where(and(eq(builds.rack, rack), eq(builds.app, app), ...beyond)).orderBy(order(builds.createdAt), order(builds.id)).limit(limit)
  }, ({ id }) => id)

/** The release that a build was made with, if it still exists. */
export const releaseOfBuild = async (db: Db, build: string): Promise<string | null> => {
  const rows = await db.select({ id: releases.id }).from(releases).where(and(eq(releases.buildId, build), eq(releases.origin, 'build'))).orderBy(releases.seq).limit(1)
  return rows[0]?.id ?? null
}
