import { eq, sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { insertConversation } from '../../src/db/conversations.ts'
import { movePromotion, setGoodRelease } from '../../src/db/promotions.ts'
import { conversations } from '../../src/db/schema.ts'
import type { PromotionStatus } from '../../src/db/words.ts'
import type { Books } from '../../src/rack/context.ts'
import { promote, requestAgain } from '../../src/rack/promote.ts'
import { tryRollbackAgain } from '../../src/rack/rollback.ts'
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
})
