import { and, eq, gt, isNull, or, sql } from 'drizzle-orm'
import { schemaMajor, type Db } from './client.ts'
import { deliveries, installation, promotions, questions, releases } from './schema.ts'

/** The id that labels everything this installation makes; `made` is kept on the first call. Also writes down the schema this version needs. */
export const installationId = async (db: Db, made: string): Promise<string> => {
  await db.insert(installation).values({ id: made, schemaMajor }).onConflictDoNothing()
  const rows = await db.update(installation).set({ schemaMajor: sql`greatest(${installation.schemaMajor}, ${schemaMajor})` }).where(eq(installation.one, 1)).returning({ id: installation.id })
  const id = rows[0]?.id
  if (id === undefined) throw new Error('the installation has no id')
  return id
}

/** Ids of the keys that stored values need, and open promotions, which are computed again under the key of their digest. What has expired needs none. */
export const storedKeyIds = async (db: Db): Promise<string[]> => {
  const ids = new Set<string>()
  const sealed = [
    await db.selectDistinct({ id: sql<string>`split_part(${releases.env}, '.', 1)` }).from(releases),
    await db.selectDistinct({ id: sql<string>`split_part(${deliveries.payload}, '.', 1)` }).from(deliveries).where(sql`${deliveries.payload} <> ''`),
    await db.selectDistinct({ id: sql<string>`split_part(${questions.command}, '.', 1)` }).from(questions).where(gt(questions.expiresAt, sql`now()`)),
    await db.selectDistinct({ id: promotions.digestKeyId }).from(promotions)
      .where(and(isNull(promotions.finishedAt), or(isNull(promotions.expiresAt), gt(promotions.expiresAt, sql`now()`)))),
  ]
  for (const rows of sealed) for (const row of rows) ids.add(row.id)
  return [...ids]
}

