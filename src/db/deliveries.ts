import { and, asc, eq, gt, isNull, lt, sql } from 'drizzle-orm'
import type { Db } from './client.ts'
import { deliveries, questions } from './schema.ts'

/** False when the id is known. */
export const acceptDelivery = async (db: Db, delivery: { id: string; payload: string }): Promise<boolean> =>
  (await db.insert(deliveries).values(delivery).onConflictDoNothing().returning({ id: deliveries.id })).length === 1

/** Idempotent; the payload is forgotten with it. */
export const markHandled = async (db: Db, id: string): Promise<void> => {
  await db.update(deliveries).set({ handledAt: sql`now()`, payload: '' }).where(and(eq(deliveries.id, id), isNull(deliveries.handledAt)))
}

export const unhandledDeliveries = (db: Db, seconds: number): Promise<{ id: string; payload: string; receivedAt: Date }[]> =>
  db.select({ id: deliveries.id, payload: deliveries.payload, receivedAt: deliveries.receivedAt }).from(deliveries)
    .where(and(isNull(deliveries.handledAt), gt(deliveries.receivedAt, sql`now() - ${`${seconds} seconds`}::interval`))).orderBy(asc(deliveries.receivedAt))

export const insertQuestion = async (db: Db, question: { id: string; command: string; expiresAt: Date }): Promise<void> => {
  await db.insert(questions).values(question)
}

export const findQuestion = async (db: Db, id: string): Promise<string | undefined> =>
  (await db.select({ command: questions.command }).from(questions).where(and(eq(questions.id, id), gt(questions.expiresAt, sql`now()`))))[0]?.command

/** Deliveries older than a day and questions past their time; what a delivery still unhandled held goes after 30 minutes. */
export const forgetOld = async (db: Db): Promise<void> => {
  await db.update(deliveries).set({ payload: '', handledAt: sql`now()` }).where(and(isNull(deliveries.handledAt), lt(deliveries.receivedAt, sql`now() - interval '30 minutes'`)))
  await db.delete(deliveries).where(lt(deliveries.receivedAt, sql`now() - interval '1 day'`))
  await db.delete(questions).where(lt(questions.expiresAt, sql`now()`))
}
