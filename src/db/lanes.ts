import { eq, sql } from 'drizzle-orm'
import type { Db } from './client.ts'
import { lanes, presence, type Json } from './schema.ts'

/**
 * Changes what is kept of a lane, one writer at a time; `now` is the database's time in milliseconds since 1970, read once the row is ours.
 * A lane that nobody used yet is `null`.
 */
export const changeLane = <Result>(db: Db, name: string, change: (state: Json, now: number) => { state: Json; result: Result }): Promise<Result> =>
  db.transaction(async (tx) => {
    const [row] = await tx.insert(lanes).values({ name, state: sql`'null'::jsonb` }).onConflictDoUpdate({ target: lanes.name, set: { name } })
      .returning({ state: lanes.state, now: sql<number>`(extract(epoch from clock_timestamp()) * 1000)::float8` })
    if (row === undefined) throw new Error(`no lane ${name}`)
    const { state, result } = change(row.state, Number(row.now))
    await tx.update(lanes).set({ state }).where(eq(lanes.name, name))
    return result
  })

/** Lanes of channels and people that nobody wrote to for a day. Their state is over after minutes. */
export const forgetLanes = async (db: Db): Promise<void> => {
  await db.delete(lanes).where(sql`(${lanes.state} ->> 'due')::float8 < (extract(epoch from now()) * 1000)::float8 - 86400000 and coalesce((${lanes.state} ->> 'pausedUntil')::float8, 0) < (extract(epoch from now()) * 1000)::float8`)
}

export type PresenceRecord = Pick<typeof presence.$inferSelect, 'awayFrom' | 'awayUntil'>

/** Writes that a sender is in touch with Slack now; after `seconds` without any, the gap is kept as the last absence. Returns it. */
export const markPresence = async (db: Db, seconds: number): Promise<PresenceRecord> => {
  const gone = sql`${presence.at} < now() - ${`${seconds} seconds`}::interval`
  const [row] = await db.insert(presence).values({}).onConflictDoUpdate({
    target: presence.one,
    set: {
      at: sql`now()`,
      awayFrom: sql`case when ${gone} then ${presence.at} else ${presence.awayFrom} end`,
      awayUntil: sql`case when ${gone} then now() else ${presence.awayUntil} end`,
    },
  }).returning({ awayFrom: presence.awayFrom, awayUntil: presence.awayUntil })
  return row ?? { awayFrom: null, awayUntil: null }
}
