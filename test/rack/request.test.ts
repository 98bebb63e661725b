import { beforeAll, describe, expect, it } from 'vitest'
import { movePromotion } from '../../src/db/promotions.ts'
import type { PromotionStatus } from '../../src/db/words.ts'
import type { Books } from '../../src/rack/context.ts'
import { promote } from '../../src/rack/promote.ts'
import { actingAs, appWithRelease, booksOn } from '../support/books.ts'
import { databaseHere } from '../support/database.ts'

describe('a request after a rollback that failed', () => {
  const database = databaseHere()
  let rack: Books
  beforeAll(() => {
    rack = booksOn(database.db, 'prod', { roles: new Map(), groups: new Map() })
  })
  const ana = actingAs('U0ANA', 'admin')

  const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000)

  /** Two promotions in the order in which they were asked for; how long ago each ended. */
  const after = async (...ends: readonly (readonly [PromotionStatus, number])[]): Promise<readonly string[]> => {
    const { app, release } = await appWithRelease(rack)
    const ask = () => promote(rack, ana, { app, release, deadlineSeconds: null, confirmed: ['older', 'active'] })
    for (const [status, ended] of ends) {
      const { id } = await ask()
      await movePromotion(rack.db, id, { from: ['awaiting_approval', 'queued'], set: { status, startedAt: minutesAgo(ended + 1), finishedAt: minutesAgo(ended) } })
    }
    return (await ask()).warnings.map(({ kind }) => kind)
  }

  it('says so when that is what ended last, although another one was asked for later', async () => {
    expect(await after(['rollback_failed', 1], ['failed', 5])).toContain('last_rollback_failed')
  })

  it('says nothing of it once something else ended, although that was asked for before', async () => {
    expect(await after(['failed', 1], ['rollback_failed', 5])).not.toContain('last_rollback_failed')
  })
})
