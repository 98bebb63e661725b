import { and, asc, eq, inArray, isNull, lt, or, sql } from 'drizzle-orm'
import type { Db } from './client.ts'
import { conversations, outbox, promotions, type Json } from './schema.ts'
import type { DeliveryState, OutboxKind } from './words.ts'

export type ConversationRecord = typeof conversations.$inferSelect
type Changes = Partial<typeof conversations.$inferInsert>

export const insertConversation = async (tx: Db, promotionId: string, channel: string): Promise<void> => {
  await tx.insert(conversations).values({ promotionId, channel })
}

const open = ['pending', 'sending', 'unknown'] as const

/** Leases conversations that changed and have no living writer. */
export const claimConversations = async (
  db: Db, claim: { racks: readonly string[]; owner: string; held: readonly string[]; seconds: number; limit: number },
): Promise<ConversationRecord[]> =>
  db.transaction(async (tx) => {
    const rows = await tx.select({ id: conversations.promotionId }).from(conversations)
      .innerJoin(promotions, eq(promotions.id, conversations.promotionId))
      .where(and(eq(conversations.dirty, true), inArray(promotions.rack, [...claim.racks]),
        or(isNull(conversations.leaseUntil), lt(conversations.leaseUntil, sql`now()`), eq(conversations.leaseOwner, claim.owner))))
      .orderBy(asc(promotions.seq)).limit(claim.limit).for('update', { of: conversations, skipLocked: true })
    const free = rows.map((row) => row.id).filter((id) => !claim.held.includes(id))
    if (free.length === 0) return []
    return tx.update(conversations).set({ leaseOwner: claim.owner, leaseUntil: sql`now() + ${`${claim.seconds} seconds`}::interval`, epoch: sql`${conversations.epoch} + 1` })
      .where(inArray(conversations.promotionId, free)).returning()
  })

/** Changes a conversation only for the holder of `epoch`; false means that somebody else writes it now. */
export const changeConversation = async (db: Db, id: string, epoch: number, set: Changes): Promise<boolean> =>
  (await db.update(conversations).set(set).where(and(eq(conversations.promotionId, id), eq(conversations.epoch, epoch))).returning({ id: conversations.promotionId })).length === 1

export const renewConversation = (db: Db, id: string, epoch: number, seconds: number): Promise<boolean> =>
  renewed(db.update(conversations).set({ leaseUntil: sql`now() + ${`${seconds} seconds`}::interval` }).where(and(eq(conversations.promotionId, id), eq(conversations.epoch, epoch))).returning({ id: conversations.promotionId }))

const renewed = async (rows: Promise<unknown[]>): Promise<boolean> => (await rows).length === 1

/** Ends the lease; the conversation stays dirty while there is anything it has not said. */
export const releaseConversation = async (db: Db, id: string, epoch: number): Promise<void> => {
  const openRows = sql`exists (select 1 from outbox where outbox.promotion_id = ${conversations.promotionId} and outbox.state in ('pending', 'sending', 'unknown'))`
  const behind = sql`(${conversations.cardState} <> 'dead' and (select rev from promotions where promotions.id = ${conversations.promotionId}) > ${conversations.cardRev})`
  await db.transaction(async (tx) => {
    // The row lock first, in a statement of its own: the second one then sees whatever a writer committed while we waited for it.
    await tx.select({ id: conversations.promotionId }).from(conversations).where(eq(conversations.promotionId, id)).for('update')
    await tx.update(conversations).set({ leaseUntil: null, leaseOwner: null, dirty: sql`${openRows} or ${behind}` }).where(and(eq(conversations.promotionId, id), eq(conversations.epoch, epoch)))
  })
}

/** Rows still to be said, in order, without those that wait; a row left in `sending` by a dead sender comes back as unknown. */
export const openRows = (db: Db, id: string): Promise<{ seq: number; kind: OutboxKind; fact: Json; state: string; attempts: number; createdAt: Date; notBefore: Date | null }[]> =>
  db.select({ seq: outbox.seq, kind: outbox.kind, fact: outbox.fact, state: outbox.state, attempts: outbox.attempts, createdAt: outbox.createdAt, notBefore: outbox.notBefore })
    .from(outbox).where(and(eq(outbox.promotionId, id), inArray(outbox.state, [...open]))).orderBy(asc(outbox.seq))

/** How rows of the outbox change. */
export interface RowChange {
  readonly state: DeliveryState
  /** One more attempt is counted. */
  readonly attempt?: boolean
  readonly ts?: string
  readonly why?: string
  /** Not before so many seconds from now. */
  readonly laterBy?: number
}

/** Changes rows of the outbox only while `epoch` holds the conversation. */
export const changeRows = async (db: Db, id: string, epoch: number, seqs: readonly number[], change: RowChange): Promise<boolean> =>
  db.transaction(async (tx) => {
    const held = await tx.select({ epoch: conversations.epoch }).from(conversations).where(and(eq(conversations.promotionId, id), eq(conversations.epoch, epoch))).for('update')
    if (held.length === 0) return false
    const { attempt, laterBy, ...set } = change
    const expressions = {
      ...(attempt === true ? { attempts: sql`${outbox.attempts} + 1` } : {}),
      ...(laterBy === undefined ? {} : { notBefore: sql`now() + ${`${laterBy} seconds`}::interval` }),
    }
    if (seqs.length > 0) await tx.update(outbox).set({ ...set, ...expressions }).where(and(eq(outbox.promotionId, id), inArray(outbox.seq, [...seqs])))
    return true
  })

export const findConversation = async (db: Db, id: string): Promise<ConversationRecord | undefined> =>
  (await db.select().from(conversations).where(eq(conversations.promotionId, id)))[0]
