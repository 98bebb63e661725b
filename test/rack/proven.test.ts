import { beforeAll, describe, expect, it } from 'vitest'
import { findPromotion, movePromotion, setGoodRelease } from '../../src/db/promotions.ts'
import { findReleaseAnywhere } from '../../src/db/releases.ts'
import type { PromotionStatus } from '../../src/db/words.ts'
import type { Books } from '../../src/rack/context.ts'
import { verdictOf } from '../../src/rack/gate/state.ts'
import { lockTheApp } from '../../src/rack/lock.ts'
import { promote } from '../../src/rack/promote.ts'
import { wasProven } from '../../src/rack/proven.ts'
import { rollback, tryRollbackAgain } from '../../src/rack/rollback.ts'
import { actingAs, appWithRelease, booksOn, releaseOf } from '../support/books.ts'
import { databaseHere } from '../support/database.ts'

describe('a rollback to what was proven', () => {
  const database = databaseHere()
  let rack: Books
  beforeAll(() => {
    rack = booksOn(database.db, 'prod', { roles: new Map([['U0ANA', 'approver']]), groups: new Map() })
  })

  const ana = actingAs('U0ANA')
  const end = async (app: string, release: string, promotion: string, status: PromotionStatus): Promise<void> => {
    await movePromotion(rack.db, promotion, { from: ['awaiting_approval', 'queued'], set: { status, startedAt: new Date(), finishedAt: new Date() } })
    if (status === 'succeeded') await setGoodRelease(rack.db, { rack: rack.name, app, releaseId: release, promotionId: promotion, verifiedAt: new Date() })
  }

  /** A release whose promotion ended so, copied forward as often as there are more words, each copy from the one before. The last one is what is gone back to. */
  const chain = async ([first, ...copies]: readonly [PromotionStatus, ...PromotionStatus[]]): Promise<{ readonly app: string; readonly last: string }> => {
    const { app, release } = await appWithRelease(rack)
    await end(app, release, (await promote(rack, ana, { app, release, deadlineSeconds: null, confirmed: [] })).id, first)
    let last = release
    for (const status of copies) {
      const made = await rollback(rack, ana, { app, release: last })
      last = made.release
      await end(app, last, made.promotion.id, status)
    }
    return { app, last }
  }

  const cases: readonly (readonly [what: string, chain: readonly [PromotionStatus, ...PromotionStatus[]], proven: boolean])[] = [
    ['a release that succeeded', ['succeeded'], true],
    ['a release that never did', ['rolled_back'], false],
    ['a copy that failed, of a release that succeeded', ['succeeded', 'rolled_back'], true],
    ['a copy that succeeded, of a release that never did', ['rolled_back', 'succeeded'], true],
    ['a copy that failed, of a release that never did', ['rolled_back', 'cancelled'], false],
    ['a copy of a copy, of which the first release alone succeeded', ['succeeded', 'cancelled', 'failed'], true],
    ['a copy of a copy, of which the first copy alone succeeded', ['rolled_back', 'succeeded', 'cancelled'], true],
    ['a copy of a copy, none of which succeeded', ['rolled_back', 'cancelled', 'cancelled'], false],
  ]

  it.each(cases)('is one to %s: by its own record or by that of what it is a copy of', async (_what, statuses, proven) => {
    const { app, last } = await chain(statuses)
    const source = await findReleaseAnywhere(rack.db, last)
    if (source === undefined) throw new Error('the release is gone')
    expect(await wasProven(rack.db, source)).toBe(proven)
    await lockTheApp(rack, actingAs('U0DEE'), { app, reason: 'audit', seconds: null })
    const asked = rollback(rack, ana, { app, release: last })
    if (!proven) {
      await expect(asked).rejects.toMatchObject({ refusal: { code: 'locked' } })
      return
    }
    const { promotion } = await asked
    expect(promotion).toMatchObject({ status: 'queued', approvals: { needed: 0, waived: 'verified_before' }, waits: [], warnings: [{ kind: 'passes_lock', owner: 'U0DEE' }] })
    // The same when it begins.
    const record = await findPromotion(rack.db, promotion.id)
    if (record === undefined) throw new Error('the promotion is gone')
    expect(await verdictOf(rack, rack.db, record)).toEqual({ waits: [], passes: [{ kind: 'lock', owner: 'U0DEE', by: 'rollback' }] })
  })

  it('is what Try again asks for after a failed rollback to such a copy: it needs no approval, as its dialog says', async () => {
    const { app, last } = await chain(['rolled_back', 'succeeded'])
    const { id, target } = await promote(rack, ana, { app, release: await releaseOf(rack, app), deadlineSeconds: null, confirmed: [] })
    expect(target).toBe(last)
    await movePromotion(rack.db, id, { from: ['awaiting_approval'], set: { status: 'rollback_failed', startedAt: new Date(), finishedAt: new Date() } })
    expect(await tryRollbackAgain(rack, ana, { promotion: id })).toMatchObject({ kind: 'rollback', status: 'queued', approvals: { needed: 0, waived: 'verified_before' } })
  })
})
