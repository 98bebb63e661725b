import { and, asc, eq, gt, inArray, isNotNull, isNull, lt, lte, ne, sql } from 'drizzle-orm'
import type { Db } from './client.ts'
import { deliveries, questions } from './schema.ts'

const keep = async (db: Db, { id, payload }: { id: string; payload: string }): Promise<boolean> =>
  (await db.insert(deliveries).values({ id, payload }).onConflictDoNothing().returning({ id: deliveries.id })).length === 1

/** Milliseconds between two clicks of a double click; who clicks again because nothing happened takes longer. */
const doubleClick = 1_000

/**
 * False when the id is known. `click` names who clicked what: a second one of it within a second is the same click (a row of its own
 * holds the time of the last one; one that lies further ahead is of a clock that was set back since), on whichever replica it arrives.
 */
export const acceptDelivery = (db: Db, delivery: { id: string; payload: string; click?: string | undefined }): Promise<boolean> => {
  const { click } = delivery
  if (click === undefined) return keep(db, delivery)
  return db.transaction(async (tx) => {
    const first = await tx.insert(deliveries).values({ id: click, payload: '', handledAt: sql`now()` })
      .onConflictDoUpdate({ target: deliveries.id, set: { receivedAt: sql`excluded.received_at` }, setWhere: sql`abs(extract(epoch from excluded.received_at - ${deliveries.receivedAt})) * 1000 > ${doubleClick}` })
      .returning({ id: deliveries.id })
    return first.length === 1 && keep(tx, delivery)
  })
}

/** Idempotent; the payload is forgotten with it. False when that changed nothing: it was handled already, or is not known. */
export const markHandled = async (db: Db, id: string): Promise<boolean> =>
  (await db.update(deliveries).set({ handledAt: sql`now()`, payload: '' }).where(and(eq(deliveries.id, id), isNull(deliveries.handledAt))).returning({ id: deliveries.id })).length === 1

export const isHandled = async (db: Db, id: string): Promise<boolean> =>
  (await db.select({ id: deliveries.id }).from(deliveries).where(and(eq(deliveries.id, id), isNotNull(deliveries.handledAt)))).length === 1

/** Handled for good, even when its own insert is still on the way: that one then finds its id known. */
export const refuseDelivery = async (db: Db, id: string): Promise<void> => {
  await db.insert(deliveries).values({ id, payload: '', handledAt: sql`now()` })
    .onConflictDoUpdate({ target: deliveries.id, set: { handledAt: sql`coalesce(${deliveries.handledAt}, now())`, payload: '' } })
}

/** Says that a process is at these, so that no other one takes them over. */
export const holdDeliveries = async (db: Db, ids: readonly string[]): Promise<void> => {
  if (ids.length > 0) await db.update(deliveries).set({ takenAt: sql`now()` }).where(and(inArray(deliveries.id, [...ids]), isNull(deliveries.handledAt)))
}

const ago = (seconds: number) => sql`now() - ${`${seconds} seconds`}::interval`

/**
 * Takes over what is not handled and what nobody has been at for `idle` seconds: each row goes to one caller. One older than
 * `worth` seconds, or begun `tries` times already, is left alone. Oldest first.
 */
export const takeOverDeliveries = async (db: Db, { idle, worth, tries }: { idle: number; worth: number; tries: number }): Promise<{ id: string; payload: string; receivedAt: Date }[]> => {
  const idleOnes = db.select({ id: deliveries.id }).from(deliveries)
    .where(and(
      isNull(deliveries.handledAt), ne(deliveries.payload, ''), gt(deliveries.receivedAt, ago(worth)), lt(deliveries.attempts, tries),
      lte(sql`coalesce(${deliveries.takenAt}, ${deliveries.receivedAt})`, ago(idle)),
    )).orderBy(asc(deliveries.receivedAt)).for('update', { skipLocked: true })
  const taken = await db.update(deliveries).set({ takenAt: sql`now()`, attempts: sql`${deliveries.attempts} + 1` }).where(inArray(deliveries.id, idleOnes))
    .returning({ id: deliveries.id, payload: deliveries.payload, receivedAt: deliveries.receivedAt })
  return taken.toSorted((one, other) => one.receivedAt.getTime() - other.receivedAt.getTime())
}

export const insertQuestion = async (db: Db, question: { id: string; command: string; expiresAt: Date }): Promise<void> => {
  await db.insert(questions).values(question)
}

export const findQuestion = async (db: Db, id: string): Promise<string | undefined> =>
  (await db.select({ command: questions.command }).from(questions).where(and(eq(questions.id, id), gt(questions.expiresAt, sql`now()`))))[0]?.command

const byAnother = (sealed: typeof deliveries.payload | typeof questions.command, keyId: string) => and(ne(sealed, ''), sql`split_part(${sealed}, '.', 1) <> ${keyId}`)

/** Payloads that another key than `keyId` has sealed. */
export const deliveriesSealedOtherwise = (db: Db, keyId: string): Promise<{ id: string; sealed: string }[]> =>
  db.select({ id: deliveries.id, sealed: deliveries.payload }).from(deliveries).where(byAnother(deliveries.payload, keyId))

/** The same of questions that can still be answered. */
export const questionsSealedOtherwise = (db: Db, keyId: string): Promise<{ id: string; sealed: string }[]> =>
  db.select({ id: questions.id, sealed: questions.command }).from(questions).where(and(byAnother(questions.command, keyId), gt(questions.expiresAt, sql`now()`)))

/** Replaces a sealed payload only as it was read: one that is handled meanwhile stays forgotten. */
export const replaceSealedPayload = async (db: Db, id: string, before: string, after: string): Promise<boolean> =>
  (await db.update(deliveries).set({ payload: after }).where(and(eq(deliveries.id, id), eq(deliveries.payload, before))).returning({ id: deliveries.id })).length === 1

/** Replaces a sealed command only as it was read. */
export const replaceSealedCommand = async (db: Db, id: string, before: string, after: string): Promise<boolean> =>
  (await db.update(questions).set({ command: after }).where(and(eq(questions.id, id), eq(questions.command, before))).returning({ id: questions.id })).length === 1

/** Deliveries older than a day and questions past their time; what a delivery still unhandled held goes after 30 minutes. */
export const forgetOld = async (db: Db): Promise<void> => {
  await db.update(deliveries).set({ payload: '', handledAt: sql`now()` }).where(and(isNull(deliveries.handledAt), lt(deliveries.receivedAt, sql`now() - interval '30 minutes'`)))
  await db.delete(deliveries).where(and(isNotNull(deliveries.handledAt), lt(deliveries.receivedAt, sql`now() - interval '1 day'`)))
  await db.delete(questions).where(lt(questions.expiresAt, sql`now()`))
}
