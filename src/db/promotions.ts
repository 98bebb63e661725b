import { and, asc, desc, eq, gt, gte, inArray, isNull, lt, notInArray, notLike, or, sql, type SQL } from 'drizzle-orm'
import type { Db } from './client.ts'
import { markDirty } from './conversations.ts'
import { readPage, type PageAsk, type Paged } from './page.ts'
import { approvals, goodReleases, inventories, outbox, promotions, promotionStepRows, type Json } from './schema.ts'
import type { OutboxKind, PromotionStatus, PromotionStep } from './words.ts'

export type PromotionRecord = typeof promotions.$inferSelect
type Changes = Partial<typeof promotions.$inferInsert>

export const insertPromotion = async (tx: Db, promotion: Omit<typeof promotions.$inferInsert, 'seq'>): Promise<PromotionRecord> => {
  const row = (await tx.insert(promotions).values(promotion).returning())[0]
  if (row === undefined) throw new Error('the promotion was not written')
  return row
}

export const findPromotion = async (db: Db, id: string): Promise<PromotionRecord | undefined> => (await db.select().from(promotions).where(eq(promotions.id, id)))[0]

/**
 * The one way a promotion changes: only from `from`, only by the holder of `epoch` when given; bumps `rev` and wakes the sender.
 * Undefined means conflict: somebody else was first.
 */
export const movePromotion = async (
  tx: Db, id: string, change: { from: readonly PromotionStatus[]; epoch?: number; set: Changes },
): Promise<PromotionRecord | undefined> => {
  const rows = await tx.update(promotions).set({ ...change.set, rev: sql`${promotions.rev} + 1` }).where(and(
    eq(promotions.id, id), inArray(promotions.status, [...change.from]),
    ...(change.epoch === undefined ? [] : [eq(promotions.epoch, change.epoch)]),
  )).returning()
  if (rows[0] !== undefined) await markDirty(tx, id, change.set.status !== undefined)
  return rows[0]
}

/** Appends facts to a promotion's outbox in order; the row lock of the counter serialises writers. */
export const addFacts = async (tx: Db, id: string, facts: readonly { kind: OutboxKind; fact: Json }[]): Promise<void> => {
  if (facts.length === 0) return
  const rows = await tx.update(promotions).set({ facts: sql`${promotions.facts} + ${facts.length}` }).where(eq(promotions.id, id)).returning({ facts: promotions.facts })
  const last = rows[0]?.facts
  if (last === undefined) throw new Error(`no promotion ${id}`)
  await tx.insert(outbox).values(facts.map((fact, index) => ({ promotionId: id, seq: last - facts.length + index + 1, ...fact })))
  await markDirty(tx, id, facts.some(({ kind }) => kind !== 'line'))
}

export const factsOf = (db: Db, id: string): Promise<{ kind: string; fact: Json }[]> =>
  db.select({ kind: outbox.kind, fact: outbox.fact }).from(outbox).where(eq(outbox.promotionId, id)).orderBy(asc(outbox.seq))

/** The app's last verified good release and the promotion whose inventory proves it. */
export const goodRelease = async (db: Db, rack: string, app: string): Promise<{ releaseId: string; promotionId: string; verifiedAt: Date } | undefined> =>
  (await db.select().from(goodReleases).where(and(eq(goodReleases.rack, rack), eq(goodReleases.app, app))))[0]

/**
 * The release of the app's last succeeded promotion: the one written with that success. Not found by its time, because the clocks of two replicas
 * need not agree, nor one clock with itself an hour ago.
 */
export const activeRelease = async (db: Db, rack: string, app: string): Promise<string | null> => (await goodRelease(db, rack, app))?.releaseId ?? null

export const setGoodRelease = async (tx: Db, good: { rack: string; app: string; releaseId: string; promotionId: string; verifiedAt: Date }): Promise<void> => {
  const { releaseId, promotionId, verifiedAt } = good
  await tx.insert(goodReleases).values(good).onConflictDoUpdate({ target: [goodReleases.rack, goodReleases.app], set: { releaseId, promotionId, verifiedAt } })
}

/** Of each app a word that changes whenever one of its promotions does: an older one may move while the newest waits. */
export const promotionMarks = async (db: Db, rack: string): Promise<Map<string, string>> => {
  const rows = await db.select({ app: promotions.app, asked: sql<string>`count(*)`, revs: sql<string>`sum(${promotions.rev})` }).from(promotions).where(eq(promotions.rack, rack)).groupBy(promotions.app)
  return new Map(rows.map(({ app, asked, revs }) => [app, `${asked}/${revs}`]))
}

/** Keeps the row to this transaction; false when there is none. */
export const lockPromotion = async (tx: Db, id: string): Promise<boolean> =>
  (await tx.select({ id: promotions.id }).from(promotions).where(eq(promotions.id, id)).for('update')).length === 1

/** Who asked to cancel it; keeps the row to this transaction: until that ends nobody asks. */
export const cancelAskedBy = async (tx: Db, id: string): Promise<string | null> =>
  (await tx.select({ by: promotions.cancelBy }).from(promotions).where(eq(promotions.id, id)).for('update'))[0]?.by ?? null

/** Promotions of an app that have not ended, oldest first. */
export const openPromotions = (db: Db, rack: string, app: string): Promise<PromotionRecord[]> =>
  db.select().from(promotions).where(and(eq(promotions.rack, rack), eq(promotions.app, app), isNull(promotions.finishedAt))).orderBy(asc(promotions.seq))

export const listPromotionRecords = (db: Db, rack: string, app: string, limit: number): Promise<PromotionRecord[]> =>
  db.select().from(promotions).where(and(eq(promotions.rack, rack), eq(promotions.app, app))).orderBy(desc(promotions.seq)).limit(limit)

const seqOf = (id: string) => sql`(select seq from ${promotions} where id = ${id})`

/** A page of an app's promotions, newest first; the key is a promotion's id. */
export const pageOfPromotions = (db: Db, rack: string, app: string, ask: PageAsk): Promise<Paged<PromotionRecord>> =>
  readPage(ask, (walk, limit) => {
    const beyond = walk.from === null ? [] : [walk.way === 'down' ? lt(promotions.seq, seqOf(walk.from)) : gt(promotions.seq, seqOf(walk.from))]
    return db.select().from(promotions).where(and(eq(promotions.rack, rack), eq(promotions.app, app), ...beyond))
      .orderBy(walk.way === 'down' ? desc(promotions.seq) : asc(promotions.seq)).limit(limit)
  }, ({ id }) => id)

/** The promotion of a release that was asked for last. */
export const lastPromotionOf = async (db: Db, releaseId: string): Promise<PromotionRecord | undefined> =>
  (await db.select().from(promotions).where(eq(promotions.releaseId, releaseId)).orderBy(desc(promotions.seq)).limit(1))[0]

/** The newest promotion of an app that came before `seq` and has ended. */
export const previousPromotion = async (db: Db, rack: string, app: string, seq: number): Promise<PromotionRecord | undefined> =>
  (await db.select().from(promotions)
    .where(and(eq(promotions.rack, rack), eq(promotions.app, app), lt(promotions.seq, seq), sql`${promotions.finishedAt} is not null`))
    .orderBy(desc(promotions.seq)).limit(1))[0]

/** The promotion of an app that moved and ended last. */
export const previousEnd = async (db: Db, rack: string, app: string): Promise<PromotionRecord | undefined> =>
  (await db.select().from(promotions)
    .where(and(eq(promotions.rack, rack), eq(promotions.app, app), sql`${promotions.finishedAt} is not null`, sql`${promotions.startedAt} is not null`))
    .orderBy(desc(promotions.finishedAt), desc(promotions.seq)).limit(1))[0]

/** Promotions looked back at for what they left on the cluster. */
const mostUnproven = 20

const endedSince = async (db: Db, rack: string, app: string, since: Date | null, how: SQL | undefined): Promise<string[]> =>
  (await db.select({ id: promotions.id }).from(promotions).where(and(
    eq(promotions.rack, rack), eq(promotions.app, app), how, sql`${promotions.startedAt} is not null`, ...(since === null ? [] : [gte(promotions.finishedAt, since)]),
  )).orderBy(desc(promotions.seq)).limit(mostUnproven)).map(({ id }) => id)

/** Promotions that began, ended without a proven release on the cluster, and did so after `since` (null: ever); the newest first. */
export const unprovenSince = (db: Db, rack: string, app: string, since: Date | null): Promise<string[]> =>
  endedSince(db, rack, app, since, inArray(promotions.status, ['failed', 'superseded', 'rollback_failed']))

/** Promotions that went back and had more than one owner, ended after `since`; the newest first. */
export const changedHandsSince = (db: Db, rack: string, app: string, since: Date | null): Promise<string[]> =>
  endedSince(db, rack, app, since, and(eq(promotions.status, 'rolled_back'), gt(promotions.epoch, 1)))

/** True when a promotion of this release once succeeded on this app. */
export const wasVerified = async (db: Db, rack: string, app: string, release: string): Promise<boolean> =>
  (await db.select({ id: promotions.id }).from(promotions)
    .where(and(eq(promotions.rack, rack), eq(promotions.app, app), eq(promotions.releaseId, release), eq(promotions.status, 'succeeded'))).limit(1)).length > 0

export const votesOf = (db: Db, id: string, digest: string): Promise<{ person: string; at: Date }[]> =>
  db.select({ person: approvals.person, at: approvals.at }).from(approvals).where(and(eq(approvals.promotionId, id), eq(approvals.digest, digest))).orderBy(asc(approvals.at))

/** Who voted on this promotion at any time, under any digest. */
export const votersOf = async (db: Db, id: string): Promise<string[]> =>
  (await db.selectDistinct({ person: approvals.person }).from(approvals).where(eq(approvals.promotionId, id))).map((row) => row.person)

/** False when this person has voted on this digest already. */
export const addVote = async (tx: Db, vote: { promotionId: string; digest: string; person: string; at: Date }): Promise<boolean> =>
  (await tx.insert(approvals).values(vote).onConflictDoNothing().returning({ person: approvals.person })).length === 1

/** One vote that no longer counts. */
export const dropVote = async (tx: Db, { promotionId, digest, person }: { promotionId: string; digest: string; person: string }): Promise<void> => {
  await tx.delete(approvals).where(and(eq(approvals.promotionId, promotionId), eq(approvals.digest, digest), eq(approvals.person, person)))
}

const voided = 'void'

/** What was asked has changed: no vote cast so far counts again, even if the same digest returns. They stay, for who voted before. `rev`: of that change. */
export const voidVotes = async (tx: Db, id: string, rev: number): Promise<void> => {
  await tx.update(approvals).set({ digest: sql`${`${voided}:${rev}:`} || ${approvals.digest}` }).where(and(eq(approvals.promotionId, id), notLike(approvals.digest, `${voided}:%`)))
}

/** Votes on the very same thing that no longer count: it has to be asked again. */
export const clearVotes = async (tx: Db, id: string): Promise<void> => {
  await tx.delete(approvals).where(eq(approvals.promotionId, id))
}

/** Writes that a step begins, before its side effect. */
export const beginStep = async (tx: Db, id: string, step: PromotionStep, epoch: number): Promise<void> => {
  await tx.insert(promotionStepRows).values({ promotionId: id, step, epoch }).onConflictDoNothing()
}

export const saveInventory = async (tx: Db, id: string, objects: Json): Promise<void> => {
  await tx.insert(inventories).values({ promotionId: id, objects }).onConflictDoUpdate({ target: inventories.promotionId, set: { objects } })
}

export const inventoryOf = async (db: Db, id: string): Promise<Json | undefined> =>
  (await db.select({ objects: inventories.objects }).from(inventories).where(eq(inventories.promotionId, id)))[0]?.objects

const leaseFree = (owner: string, takeOwn: boolean) => or(isNull(promotions.leaseUntil), lt(promotions.leaseUntil, sql`now()`), ...(takeOwn ? [eq(promotions.leaseOwner, owner)] : []))

/**
 * Leases promotions that move and have no living owner, and the head of each idle app's queue; who is held by a lock or a freeze is not in its way.
 * `takeOwn`: this process holds the instance's session lock, so rows of its own id are a dead predecessor's.
 */
export const claimRollouts = async (
  db: Db, claim: { rack: string; owner: string; running: readonly string[]; takeOwn: boolean; seconds: number; limit: number },
): Promise<PromotionRecord[]> =>
  db.transaction(async (tx) => {
    const movingInApp = sql`exists (select 1 from promotions other where other.rack = ${promotions.rack} and other.app = ${promotions.app} and other.status in ('rolling_out', 'rolling_back'))`
    const earlierInQueue = sql`exists (select 1 from promotions other where other.rack = ${promotions.rack} and other.app = ${promotions.app} and other.status = 'queued' and not other.held
      and (not other.force, other.queued_at, other.seq) < (not ${promotions.force}, ${promotions.queuedAt}, ${promotions.seq}))`
    const rows = await tx.select({ id: promotions.id }).from(promotions).where(and(
      eq(promotions.rack, claim.rack), isNull(promotions.finishedAt),
      or(inArray(promotions.status, ['rolling_out', 'rolling_back']), and(eq(promotions.status, 'queued'), eq(promotions.held, false), sql`not ${movingInApp}`, sql`not ${earlierInQueue}`)),
      leaseFree(claim.owner, claim.takeOwn),
      // Ours that run are never claimed again: after the database was away their leases look free, and a new epoch would take them from ourselves.
      ...(claim.running.length === 0 ? [] : [notInArray(promotions.id, [...claim.running])]),
    )).orderBy(asc(promotions.seq)).limit(claim.limit).for('update', { skipLocked: true })
    if (rows.length === 0) return []
    return tx.update(promotions).set({
      leaseOwner: claim.owner, leaseUntil: sql`now() + ${`${claim.seconds} seconds`}::interval`, epoch: sql`${promotions.epoch} + 1`,
    }).where(inArray(promotions.id, rows.map((row) => row.id))).returning()
  })

/** Prolongs a lease; undefined when another owner has taken over. Tells of a cancel on the way. */
export const renewLease = async (db: Db, id: string, epoch: number, seconds: number): Promise<{ cancelBy: string | null; status: PromotionStatus } | undefined> =>
  (await db.update(promotions).set({ leaseUntil: sql`now() + ${`${seconds} seconds`}::interval` })
    .where(and(eq(promotions.id, id), eq(promotions.epoch, epoch), isNull(promotions.finishedAt)))
    .returning({ cancelBy: promotions.cancelBy, status: promotions.status }))[0]

export const dropLease = async (db: Db, id: string, epoch: number): Promise<void> => {
  await db.update(promotions).set({ leaseUntil: null, leaseOwner: null }).where(and(eq(promotions.id, id), eq(promotions.epoch, epoch)))
}

/** Requests whose time to be approved is over. */
export const expiredRequests = (db: Db, rack: string): Promise<PromotionRecord[]> =>
  db.select().from(promotions).where(and(eq(promotions.rack, rack), eq(promotions.status, 'awaiting_approval'), lt(promotions.expiresAt, sql`now()`)))

/** Every promotion that has not ended, of every rack. */
export const openPromotionsOfAllApps = (db: Db): Promise<PromotionRecord[]> => db.select().from(promotions).where(isNull(promotions.finishedAt)).orderBy(asc(promotions.seq))

/** The same facts under another key: promotion, votes and override move together, only as they were read. */
export const replaceDigest = (db: Db, id: string, before: string, now: { digest: string; digestKeyId: string; digestParts: Readonly<Record<string, string>> }): Promise<boolean> =>
  db.transaction(async (tx) => {
    const overrideDigest = sql`case when ${promotions.overrideDigest} = ${before} then ${now.digest} else ${promotions.overrideDigest} end`
    const moved = await tx.update(promotions).set({ ...now, overrideDigest }).where(and(eq(promotions.id, id), eq(promotions.digest, before), isNull(promotions.finishedAt))).returning({ id: promotions.id })
    if (moved.length === 0) return false
    await tx.update(approvals).set({ digest: now.digest }).where(and(eq(approvals.promotionId, id), eq(approvals.digest, before)))
    return true
  })
