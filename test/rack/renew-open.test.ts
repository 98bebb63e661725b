import { eq, sql } from 'drizzle-orm'
import { beforeAll, expect, it } from 'vitest'
import { findPromotion, lockPromotion } from '../../src/db/promotions.ts'
import { promotions } from '../../src/db/schema.ts'
import { setAppParams } from '../../src/rack/app-params.ts'
import type { Books } from '../../src/rack/context.ts'
import { cancelForForced } from '../../src/rack/force.ts'
import { promote } from '../../src/rack/promote.ts'
import { actingAs, appWithRelease, booksOn, releaseOf } from '../support/books.ts'
import { databaseHere } from '../support/database.ts'

const database = databaseHere()
const [ana, bo] = [actingAs('U0ANA'), actingAs('U0BO', 'admin')]
let rack: Books

beforeAll(() => {
  rack = booksOn(database.db, 'prod', { roles: new Map([['U0ANA', 'approver'], ['U0BO', 'admin']]), groups: new Map() })
})

it('waits for no row that a forced promotion, whose row is kept, is still to keep', async () => {
  const { db } = database
  const { app } = await appWithRelease(rack)
  const approvals = (many: string) => setAppParams(rack, bo, { app, params: [['approvals', many]] })
  await approvals('0')
  const ask = (force: boolean) => promote(rack, ana, { app, release: null, deadlineSeconds: null, confirmed: [], force })
  const rolling = await ask(false)
  const begun = (set: Partial<typeof promotions.$inferInsert>) => db.update(promotions).set(set).where(eq(promotions.id, rolling.id))
  await begun({ status: 'rolling_out', step: 'stability', startedAt: new Date() })
  await releaseOf(rack, app)
  const { id } = await ask(true)
  // As if nobody had cancelled it yet.
  await begun({ cancelBy: null, cancelAt: null })
  const waits = async (): Promise<boolean> =>
    (await db.select({ n: sql<number>`count(*)::int` }).from(sql`pg_stat_activity`).where(sql`datname = current_database() and wait_event_type = 'Lock'`))[0]?.n === 1
  const changed: Promise<unknown>[] = []
  await db.transaction(async (tx) => {
    await lockPromotion(tx, id)
    changed.push(approvals('1'))
    await expect.poll(waits, { timeout: 20_000 }).toBe(true)
    const forced = await findPromotion(tx, id)
    if (forced === undefined) throw new Error('the forced promotion is gone')
    await cancelForForced(rack, tx, forced)
  })
  await Promise.all(changed)
  expect(await findPromotion(db, rolling.id)).toMatchObject({ cancelBy: 'U0ANA' })
})
