import { and, asc, eq, getTableColumns, gt, inArray, isNotNull, isNull, lt, lte, notInArray, or, sql } from 'drizzle-orm'
import type { Db } from './client.ts'
import { apps, conversations, goodReleases, outbox, promotions, type Json } from './schema.ts'
import { isOfOtherClock, lookAgain } from './waits.ts'
import type { DeliveryState, OutboxKind } from './words.ts'

export type ConversationRecord = typeof conversations.$inferSelect
type Changes = Partial<typeof conversations.$inferInsert>

export const insertConversation = async (tx: Db, promotionId: string, channel: string): Promise<void> => {
  await tx.insert(conversations).values({ promotionId, channel })
}

const open = ['pending', 'sending', 'unknown'] as const

/** Now, as a column of ours keeps it: a time with microseconds would be rounded up, and then lie ahead of the next look. */
const keptNow = sql`date_trunc('milliseconds', now())`

/** Something of it changed: its sender looks again, at once when `urgent`, else within a quarter of a second of when it would have slept. */
export const markDirty = async (tx: Db, id: string, urgent: boolean): Promise<void> => {
  const wakeAt = urgent ? null : sql`case when ${conversations.wakeAt} is null then null else least(${conversations.wakeAt}, now() + interval '250 milliseconds') end`
  await tx.update(conversations).set({ dirty: true, wakeAt }).where(eq(conversations.promotionId, id))
}

/** Buttons of last messages that nobody should press any more: of one promotion, or of every promotion of an app. */
export const retireButtons = async (tx: Db, which: { promotion: string } | { rack: string; app: string }): Promise<void> => {
  const of = 'promotion' in which
    ? eq(conversations.promotionId, which.promotion)
    : inArray(conversations.promotionId, tx.select({ id: promotions.id }).from(promotions).where(and(eq(promotions.rack, which.rack), eq(promotions.app, which.app))))
  await tx.update(conversations).set({ buttonsUntil: keptNow, wakeAt: null }).where(and(of, sql`${conversations.buttonsUntil} > now()`))
}

/** Hours for which what is kept of an app that is deleted waits at most for what is still to be said of it. */
const saidWithin = 24

/** Whether an app that is being deleted has a card or a thread that is not yet as it stays: something is unsaid, or its last message has buttons. */
export const isStillSpokenOf = async (db: Db, rack: string, app: string): Promise<boolean> =>
  (await db.select({ id: conversations.promotionId }).from(conversations)
    .innerJoin(promotions, eq(promotions.id, conversations.promotionId))
    .innerJoin(apps, and(eq(apps.rack, promotions.rack), eq(apps.name, promotions.app)))
    .where(and(
      eq(apps.rack, rack), eq(apps.name, app), gt(apps.deletingAt, sql`now() - ${`${saidWithin} hours`}::interval`),
      or(eq(conversations.dirty, true), isNotNull(conversations.buttonsUntil)),
    )).limit(1)).length === 1

/** Which conversations to lease: `urgent` are only those that end, or whose rollout just failed. */
export interface ConversationClaim {
  readonly racks: readonly string[]
  readonly owner: string
  /** Leased by this process already. */
  readonly held: readonly string[]
  readonly seconds: number
  readonly limit: number
  readonly which: 'all' | 'urgent'
}

/**
 * Milliseconds after which any process wakes a conversation that is late. Before, only the one that it sleeps with does, which may first look a second later
 * (what another process changes wakes nobody here): a card that changes hands leaves its place in the old one's queue to nobody, and gets none in the new one's.
 */
const sleeperFirst = 1_500

const buttonsDue = () => lte(conversations.buttonsUntil, sql`now()`)

/** Verdicts first, then other ends, then cards that are not there yet, then the rest; buttons that go can wait. */
const urgency = sql`case
  when ${conversations.buttonsUntil} <= now() then 4
  when ${promotions.status} = 'rolling_back' or (${promotions.finishedAt} is not null and ${promotions.status} <> 'succeeded') then 0
  when ${promotions.finishedAt} is not null then 1
  when ${conversations.cardState} <> 'sent' then 2
  else 3 end`

/** A conversation as leased; `buttonsDue`: the buttons of its last message have to go, by the database's clock. */
export type ClaimedConversation = ConversationRecord & { readonly buttonsDue: boolean }

/** Leases conversations that changed, are due and have no living writer; the most urgent first. */
export const claimConversations = async (db: Db, claim: ConversationClaim): Promise<ClaimedConversation[]> =>
  db.transaction(async (tx) => {
    const rows = await tx.select({ id: conversations.promotionId }).from(conversations)
      .innerJoin(promotions, eq(promotions.id, conversations.promotionId))
      .where(and(
        or(eq(conversations.dirty, true), buttonsDue()), inArray(promotions.rack, [...claim.racks]),
        or(isNull(conversations.wakeAt), isOfOtherClock(conversations.wakeAt), and(
          // A timer of the sender may be a little early.
          lte(conversations.wakeAt, sql`now() + interval '50 milliseconds'`),
          or(isNull(conversations.sleeper), eq(conversations.sleeper, claim.owner), lte(conversations.wakeAt, sql`now() - ${`${sleeperFirst} milliseconds`}::interval`)),
        )),
        or(isNull(conversations.leaseUntil), lt(conversations.leaseUntil, sql`now()`), eq(conversations.leaseOwner, claim.owner)),
        ...(claim.held.length === 0 ? [] : [notInArray(conversations.promotionId, [...claim.held])]),
        ...(claim.which === 'all' ? [] : [or(eq(promotions.status, 'rolling_back'), sql`${promotions.finishedAt} is not null`)]),
      ))
      .orderBy(urgency, asc(promotions.seq)).limit(claim.limit).for('update', { of: conversations, skipLocked: true })
    if (rows.length === 0) return []
    const leased = await tx.update(conversations).set({
      leaseOwner: claim.owner, leaseUntil: sql`now() + ${`${claim.seconds} seconds`}::interval`, epoch: sql`${conversations.epoch} + 1`,
    }).where(inArray(conversations.promotionId, rows.map((row) => row.id)))
      .returning({ ...getTableColumns(conversations), buttonsDue: sql<boolean>`coalesce(${buttonsDue()}, false)` })
    return rows.flatMap(({ id }) => leased.filter((record) => record.promotionId === id))
  })

/** Changes a conversation only for the holder of `epoch`; false means that somebody else writes it now. */
export const changeConversation = async (db: Db, id: string, epoch: number, set: Changes): Promise<boolean> =>
  (await db.update(conversations).set(set).where(and(eq(conversations.promotionId, id), eq(conversations.epoch, epoch))).returning({ id: conversations.promotionId })).length === 1

export const renewConversation = (db: Db, id: string, epoch: number, seconds: number): Promise<boolean> =>
  renewed(db.update(conversations).set({ leaseUntil: sql`now() + ${`${seconds} seconds`}::interval` }).where(and(eq(conversations.promotionId, id), eq(conversations.epoch, epoch))).returning({ id: conversations.promotionId }))

const renewed = async (rows: Promise<unknown[]>): Promise<boolean> => (await rows).length === 1

/** What a sender knew when it gave a conversation back: what came since is due at once. */
export interface Seen { readonly rev: number; readonly facts: number }

/**
 * Ends the lease; the conversation stays dirty while there is anything it has not said, and sleeps with this process for `wait` ms, a minute at most (null: not
 * at all).
 */
export const releaseConversation = async (db: Db, id: string, epoch: number, seen: Seen, wait: number | null): Promise<void> => {
  const openRows = sql`exists (select 1 from outbox where outbox.promotion_id = ${conversations.promotionId} and outbox.state in ('pending', 'sending', 'unknown'))`
  const behind = sql`(${conversations.cardState} <> 'dead' and (select rev from promotions where promotions.id = ${conversations.promotionId}) > ${conversations.cardRev})`
  const news = sql`(select rev > ${seen.rev} or facts > ${seen.facts} from promotions where promotions.id = ${conversations.promotionId})`
  await db.transaction(async (tx) => {
    // The row lock first, in a statement of its own: the second one then sees whatever a writer committed while we waited for it.
    await tx.select({ id: conversations.promotionId }).from(conversations).where(eq(conversations.promotionId, id)).for('update')
    await tx.update(conversations).set({
      leaseUntil: null, leaseOwner: null, sleeper: sql`${conversations.leaseOwner}`, dirty: sql`${openRows} or ${behind} or ${conversations.telling} is not null`,
      wakeAt: wait === null ? null : sql`case when ${news} then null else ${lookAgain(Math.round(wait) / 1000)} end`,
    }).where(and(eq(conversations.promotionId, id), eq(conversations.epoch, epoch)))
  })
}

/** A row still to be said. `wait`: milliseconds until it may be, by the database's clock. */
export interface OpenRow {
  readonly seq: number
  readonly kind: OutboxKind
  readonly fact: Json
  readonly state: string
  readonly attempts: number
  readonly createdAt: Date
  readonly wait: number
  readonly triedChannel: string | null
  readonly triedThread: string | null
}

/** Rows still to be said, in order; one left in `sending` is a dead sender's. */
export const openRows = (db: Db, id: string): Promise<OpenRow[]> =>
  db.select({
    seq: outbox.seq, kind: outbox.kind, fact: outbox.fact, state: outbox.state, attempts: outbox.attempts, createdAt: outbox.createdAt,
    wait: sql<number>`coalesce(case when ${isOfOtherClock(outbox.notBefore)} then 0 else greatest(0, extract(epoch from ${outbox.notBefore} - now()) * 1000) end, 0)::float8`,
    triedChannel: outbox.triedChannel, triedThread: outbox.triedThread,
  })
    .from(outbox).where(and(eq(outbox.promotionId, id), inArray(outbox.state, [...open]))).orderBy(asc(outbox.seq))

/** Where the last word of a promotion stands; undefined while it is not said. */
export const noticeTs = async (db: Db, id: string): Promise<string | undefined> =>
  (await db.select({ ts: outbox.ts }).from(outbox).where(and(eq(outbox.promotionId, id), eq(outbox.kind, 'notice'), eq(outbox.state, 'sent'))))[0]?.ts ?? undefined

/** Whether a line of this promotion's thread was given up. */
export const hasDeadLines = async (db: Db, id: string): Promise<boolean> =>
  (await db.select({ seq: outbox.seq }).from(outbox).where(and(eq(outbox.promotionId, id), eq(outbox.kind, 'line'), eq(outbox.state, 'dead'))).limit(1)).length === 1

/** How rows of the outbox change. */
export interface RowChange {
  readonly state: DeliveryState
  /** The message has buttons, for so many hours. */
  readonly buttonHours?: number
  /** One more attempt is made there: it is counted, and nothing is known of it yet. */
  readonly attempt?: { readonly channel: string; readonly threadTs: string | null }
  readonly ts?: string
  readonly why?: string
  /** Not before so many seconds from now, a minute at most: a longer pause is kept with the lane. */
  readonly laterBy?: number
}

/** Another promotion of the app has begun since this one ended, or the app is being deleted: its last word comes late, and what it offers is overtaken. */
const overtaken = sql`(exists (select 1 from promotions mine join promotions other on other.rack = mine.rack and other.app = mine.app and other.started_at > mine.finished_at where mine.id = ${conversations.promotionId})
  or exists (select 1 from promotions mine join apps on apps.rack = mine.rack and apps.name = mine.app where mine.id = ${conversations.promotionId} and apps.deleting_at is not null))`

/** Changes rows of the outbox only while `epoch` holds the conversation. */
export const changeRows = async (db: Db, id: string, epoch: number, seqs: readonly number[], change: RowChange): Promise<boolean> =>
  db.transaction(async (tx) => {
    const held = await tx.select({ epoch: conversations.epoch }).from(conversations).where(and(eq(conversations.promotionId, id), eq(conversations.epoch, epoch))).for('update')
    if (held.length === 0) return false
    const { attempt, laterBy, buttonHours, ...set } = change
    const expressions = {
      ...(attempt === undefined ? {} : { attempts: sql`${outbox.attempts} + 1`, triedChannel: attempt.channel, triedThread: attempt.threadTs }),
      ...(laterBy === undefined ? {} : { notBefore: lookAgain(laterBy) }),
    }
    if (seqs.length > 0) await tx.update(outbox).set({ ...set, ...expressions }).where(and(eq(outbox.promotionId, id), inArray(outbox.seq, [...seqs])))
    if (attempt !== undefined) await tx.update(conversations).set({ looks: 0 }).where(eq(conversations.promotionId, id))
    if (buttonHours !== undefined) await tx.update(conversations).set({ buttonsUntil: sql`case when ${overtaken} then ${keptNow} else now() + ${`${buttonHours} hours`}::interval end` }).where(eq(conversations.promotionId, id))
    return true
  })

/** Days after a promotion's end for which what was said of it is kept. */
const keptDays = 30
/** Rows that go at once: each replica runs it often, and holds nobody up. */
const mostForgotten = 1_000

/**
 * Removes rows that were said of promotions that ended long ago; returns how many. What is still read stays: everything of the promotion that an app runs
 * (its announcements tell what was announced), of one whose last word has buttons, and of one of which somebody has to be told something; and whatever was
 * given up, with its reason.
 */
export const forgetSaid = async (db: Db): Promise<number> => {
  const before = sql`now() - ${`${keptDays} days`}::interval`
  const old = db.select({ promotionId: outbox.promotionId, seq: outbox.seq }).from(outbox)
    .innerJoin(promotions, eq(promotions.id, outbox.promotionId)).innerJoin(conversations, eq(conversations.promotionId, outbox.promotionId))
    .where(and(
      // The literal, so that the planner sees that the index of what was said serves.
      sql`${outbox.state} = 'sent'`, lt(outbox.createdAt, before), lt(promotions.finishedAt, before), isNull(conversations.telling), isNull(conversations.buttonsUntil),
      notInArray(outbox.promotionId, db.select({ id: goodReleases.promotionId }).from(goodReleases)),
    ))
    .orderBy(asc(outbox.createdAt)).limit(mostForgotten).for('update', { of: outbox, skipLocked: true })
  return (await db.delete(outbox).where(sql`(${outbox.promotionId}, ${outbox.seq}) in ${old}`).returning({ seq: outbox.seq })).length
}

export const findConversation = async (db: Db, id: string): Promise<ConversationRecord | undefined> =>
  (await db.select().from(conversations).where(eq(conversations.promotionId, id)))[0]
