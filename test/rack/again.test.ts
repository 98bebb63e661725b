import { eq, sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { insertConversation } from '../../src/db/conversations.ts'
import { findPromotion, movePromotion, setGoodRelease } from '../../src/db/promotions.ts'
import { findReleaseAnywhere } from '../../src/db/releases.ts'
import { conversations } from '../../src/db/schema.ts'
import type { PromotionStatus } from '../../src/db/words.ts'
import type { Books } from '../../src/rack/context.ts'
import { lockTheApp } from '../../src/rack/lock.ts'
import { promote, requestAgain } from '../../src/rack/promote.ts'
import { rollback, tryRollbackAgain } from '../../src/rack/rollback.ts'
import { createWake } from '../../src/rack/wake.ts'
import { actingAs, appWithRelease, booksOn } from '../support/books.ts'
import { databaseHere } from '../support/database.ts'

describe('what is asked for again', () => {
  const database = databaseHere()
  let rack: Books
  beforeAll(() => {
    rack = booksOn(database.db, 'prod', { roles: new Map([['U0ANA', 'approver']]), groups: new Map() })
  })

  const ana = actingAs('U0ANA')

  /** An ended promotion, whose last message has buttons for a day. */
  const ended = async (status: PromotionStatus): Promise<{ readonly id: string; readonly app: string }> => {
    const { app, release } = await appWithRelease(rack)
    const { id } = await promote(rack, ana, { app, release, deadlineSeconds: null, confirmed: [] })
    await insertConversation(rack.db, id, 'C0SHOP')
    await setGoodRelease(rack.db, { rack: rack.name, app, releaseId: release, promotionId: id, verifiedAt: new Date() })
    await movePromotion(rack.db, id, { from: ['awaiting_approval'], set: { status, startedAt: new Date(), finishedAt: new Date(), targetReleaseId: release } })
    await rack.db.update(conversations).set({ buttonsUntil: sql`now() + interval '24 hours'` }).where(eq(conversations.promotionId, id))
    return { id, app }
  }
  const hasButtons = async (id: string): Promise<boolean> =>
    (await rack.db.select({ live: sql<boolean>`${conversations.buttonsUntil} > now()` }).from(conversations).where(eq(conversations.promotionId, id)))[0]?.live === true

  /** Dies as soon as the request is written. */
  const dying = (): Books => ({
    ...rack,
    wakeRollouts: {
      ...createWake(),
      call: () => {
        throw new Error('killed')
      },
    },
  })

  const ways = [
    ['a request', 'rejected', requestAgain],
    ['a rollback that failed', 'rollback_failed', tryRollbackAgain],
  ] as const

  it.each(ways)('takes the buttons of %s with it, whatever dies after that', async (_what, status, again) => {
    const { id } = await ended(status)
    expect(await hasButtons(id)).toBe(true)
    await expect(again(dying(), ana, { promotion: id })).rejects.toThrow('killed')
    expect(await hasButtons(id)).toBe(false)
  })

  it.each(ways)('leaves the buttons of %s where it is refused', async (_what, status, again) => {
    const { id } = await ended(status)
    await expect(again(rack, actingAs('U0CY', 'viewer'), { promotion: id })).rejects.toMatchObject({ refusal: { code: 'forbidden' } })
    expect(await hasButtons(id)).toBe(true)
  })

  /** A rollback to what the app runs that ended so, before or after it began. */
  const endedRollback = async (proven: boolean, status: PromotionStatus): Promise<{ readonly id: string; readonly app: string; readonly source: string; readonly copy: string }> => {
    const { app, release: source } = await appWithRelease(rack)
    if (proven) {
      const { id } = await promote(rack, ana, { app, release: source, deadlineSeconds: null, confirmed: [] })
      await movePromotion(rack.db, id, { from: ['awaiting_approval'], set: { status: 'succeeded', startedAt: new Date(), finishedAt: new Date() } })
    }
    const { release: copy, promotion } = await rollback(rack, ana, { app, release: source })
    await insertConversation(rack.db, promotion.id, 'C0SHOP')
    await movePromotion(rack.db, promotion.id, { from: ['awaiting_approval', 'queued'], set: { status, startedAt: status === 'rolled_back' ? new Date() : null, finishedAt: new Date() } })
    await rack.db.update(conversations).set({ buttonsUntil: sql`now() + interval '24 hours'` }).where(eq(conversations.promotionId, promotion.id))
    return { id: promotion.id, app, source, copy }
  }
  const madeOf = async (promotion: { readonly release: { readonly id: string } }): Promise<string | null | undefined> => (await findReleaseAnywhere(rack.db, promotion.release.id))?.rollbackOf

  it.each(['cancelled', 'failed', 'rolled_back'] as const)('is a rollback again where one to a proven release ended %s: without approval, past a lock, as if it were typed', async (status) => {
    const { id, app, source, copy } = await endedRollback(true, status)
    await lockTheApp(rack, actingAs('U0DEE'), { app, reason: 'audit', seconds: null })
    const made = await requestAgain(rack, ana, { promotion: id })
    expect(made).toMatchObject({ kind: 'rollback', status: 'queued', approvals: { needed: 0, waived: 'verified_before' }, waits: [], warnings: [{ kind: 'passes_lock' }] })
    expect(made.release.id).not.toBe(copy)
    expect(await madeOf(made)).toBe(source)
    expect(await hasButtons(id)).toBe(false)
  })

  it('is a rollback again to a release that never succeeded, with new votes', async () => {
    const { id, source } = await endedRollback(false, 'expired')
    const made = await requestAgain(rack, ana, { promotion: id })
    expect(made).toMatchObject({ kind: 'rollback', status: 'awaiting_approval', approvals: { needed: 1, votes: [] } })
    expect(await madeOf(made)).toBe(source)
    const other = await endedRollback(false, 'expired')
    await lockTheApp(rack, actingAs('U0DEE'), { app: other.app, reason: 'audit', seconds: null })
    await expect(requestAgain(rack, ana, { promotion: other.id })).rejects.toMatchObject({ refusal: { code: 'locked', again: { kind: 'rollback', release: other.source } } })
  })

  it('is a promotion of the same release where it was one, and stops nothing that moves though it was forced', async () => {
    const { app, release } = await appWithRelease(rack)
    const { id } = await promote(rack, ana, { app, release, deadlineSeconds: 90, confirmed: [], force: true })
    await movePromotion(rack.db, id, { from: ['awaiting_approval'], set: { status: 'expired', finishedAt: new Date() } })
    const made = await requestAgain(rack, ana, { promotion: id })
    expect(made).toMatchObject({ kind: 'promote', release: { id: release }, deadlineSeconds: 90, status: 'awaiting_approval' })
    expect((await findPromotion(rack.db, made.id))?.force).toBe(false)
  })
})
