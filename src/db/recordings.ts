import { asc, eq, inArray, lt, sql } from 'drizzle-orm'
import type { Db } from './client.ts'
import { recordings } from './schema.ts'

/** One part of a recording; an empty chunk is one that was dropped. */
export type RecordingPart = typeof recordings.$inferSelect
/** A part without its bytes. */
export type PartSize = Pick<RecordingPart, 'id' | 'segment' | 'size'>

/** Adds a part (once, however often it is tried); `drop` is shown all parts in their order and names the ids whose bytes go. */
export const addRecordingPart = (db: Db, part: Omit<typeof recordings.$inferInsert, 'size'>, drop: (parts: readonly PartSize[]) => readonly string[]): Promise<void> =>
  db.transaction(async (tx) => {
    await tx.insert(recordings).values({ ...part, size: part.chunk.length }).onConflictDoNothing()
    const parts = await tx.select({ id: recordings.id, segment: recordings.segment, size: recordings.size }).from(recordings)
      .where(eq(recordings.promotionId, part.promotionId)).orderBy(asc(recordings.seq))
    const gone = drop(parts)
    if (gone.length > 0) await tx.update(recordings).set({ chunk: new Uint8Array(), size: 0 }).where(inArray(recordings.id, [...gone]))
  })

/** The parts of a promotion's recording, in the order in which they were written. */
export const recordingParts = (db: Db, promotionId: string): Promise<RecordingPart[]> =>
  db.select().from(recordings).where(eq(recordings.promotionId, promotionId)).orderBy(asc(recordings.seq))

/** Removes what is older than so many days. */
export const forgetRecordings = async (db: Db, days: number): Promise<void> => {
  await db.delete(recordings).where(lt(recordings.writtenAt, sql`now() - ${`${days} days`}::interval`))
}
