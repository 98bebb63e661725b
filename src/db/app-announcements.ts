import { and, asc, eq, inArray, isNull, lt, or, sql } from 'drizzle-orm'
import type { Db } from './client.ts'
import { appAnnouncements, type Json } from './schema.ts'
import { isOfOtherClock, lookAgain } from './waits.ts'
import type { DeliveryState } from './words.ts'

export type AppAnnouncementRecord = typeof appAnnouncements.$inferSelect

const open = ['pending', 'sending', 'unknown'] as const satisfies readonly DeliveryState[]

export const insertAppAnnouncement = async (tx: Db, row: { rack: string; app: string; channel: string; fact: Json }): Promise<void> => {
  await tx.insert(appAnnouncements).values(row)
}

/** Leases what is to be said and has no living writer: of each channel the oldest, so that the order is kept. */
export const claimAppAnnouncements = (db: Db, claim: { rack: string; owner: string; seconds: number; limit: number }): Promise<AppAnnouncementRecord[]> =>
  db.transaction(async (tx) => {
    const earlier = sql`exists (select 1 from app_announcements earlier where earlier.rack = ${appAnnouncements.rack} and earlier.channel = ${appAnnouncements.channel}
      and earlier.id < ${appAnnouncements.id} and earlier.state in ('pending', 'sending', 'unknown'))`
    const rows = await tx.select({ id: appAnnouncements.id }).from(appAnnouncements).where(and(
      eq(appAnnouncements.rack, claim.rack), inArray(appAnnouncements.state, [...open]), sql`not ${earlier}`,
      or(isNull(appAnnouncements.notBefore), lt(appAnnouncements.notBefore, sql`now()`), isOfOtherClock(appAnnouncements.notBefore)),
      or(isNull(appAnnouncements.leaseUntil), lt(appAnnouncements.leaseUntil, sql`now()`)),
    )).orderBy(asc(appAnnouncements.id)).limit(claim.limit).for('update', { skipLocked: true })
    if (rows.length === 0) return []
    return tx.update(appAnnouncements)
      .set({ leaseOwner: claim.owner, leaseUntil: sql`now() + ${`${claim.seconds} seconds`}::interval`, epoch: sql`${appAnnouncements.epoch} + 1` })
      .where(inArray(appAnnouncements.id, rows.map((row) => row.id))).returning()
  })

/** Days after which nobody asks any more what was said. */
const keptDays = 30

/** Removes what was said, or given up, long ago. */
export const forgetAppAnnouncements = async (db: Db): Promise<void> => {
  await db.delete(appAnnouncements).where(and(inArray(appAnnouncements.state, ['sent', 'dead']), lt(appAnnouncements.createdAt, sql`now() - ${`${keptDays} days`}::interval`)))
}

/** How a row changes; a lease that is not kept is over with it. */
export interface AnnouncementChange {
  readonly state: DeliveryState
  /** One more attempt is made there: it is counted, the lease is kept, and nobody has looked for it yet. */
  readonly attempt?: { readonly channel: string }
  readonly looks?: number
  readonly ts?: string
  readonly why?: string
  /** Not before so many seconds from now, a minute at most: a longer pause is kept with the lane. */
  readonly laterBy?: number
}

/** Changes a row for the holder of `epoch` only; false means that somebody else has it now. */
export const changeAppAnnouncement = async (db: Db, id: number, epoch: number, { attempt, laterBy, ...set }: AnnouncementChange): Promise<boolean> =>
  (await db.update(appAnnouncements).set({
    ...set,
    ...(attempt === undefined ? { leaseOwner: null, leaseUntil: null } : { attempts: sql`${appAnnouncements.attempts} + 1`, triedChannel: attempt.channel, looks: 0 }),
    ...(laterBy === undefined ? {} : { notBefore: lookAgain(laterBy) }),
  }).where(and(eq(appAnnouncements.id, id), eq(appAnnouncements.epoch, epoch))).returning({ id: appAnnouncements.id })).length === 1
