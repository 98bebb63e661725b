import { sql } from 'drizzle-orm'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { forgetSaid, insertConversation } from '../../src/db/conversations.ts'
import { acceptDelivery, forgetOld, isHandled, markHandled } from '../../src/db/deliveries.ts'
import { addFacts, insertPromotion, setGoodRelease } from '../../src/db/promotions.ts'
import type { Books } from '../../src/rack/context.ts'
import { newId } from '../../src/rack/ids.ts'
import { announcementFact, lineFact, noticeFact } from '../../src/rack/say.ts'
import { appWithRelease, booksOn } from '../support/books.ts'
import { databaseHere } from '../support/database.ts'

const line = lineFact({ kind: 'status', at: new Date(0).toISOString(), from: 'Running', to: 'Pending' })
const drift = announcementFact({ kind: 'drift', at: '2026-11-24T14:06:20Z', service: 'web', what: 'changed' }, 'drift/web/changed//')

describe('what is forgotten', () => {
  const here = databaseHere()
  let rack: Books

  beforeAll(() => {
    rack = booksOn(here.db, 'prod', { roles: new Map(), groups: new Map() })
  })
  beforeEach(async () => {
    await rack.db.execute(sql`truncate good_releases, promotions, deliveries cascade`)
  })

  /** A promotion that ended so many days ago; what it said was all sent, a day before that. */
  const ended = async (days: number, facts: Parameters<typeof addFacts>[2] = [line, line, noticeFact]): Promise<{ readonly id: string; readonly app: string; readonly release: string }> => {
    const { app, release } = await appWithRelease(rack)
    const id = newId('P')
    const at = new Date(Date.now() - days * 24 * 3_600_000)
    await insertPromotion(rack.db, {
      id, rack: rack.name, app, kind: 'promote', status: 'succeeded', releaseId: release, requester: 'U1', approvalsNeeded: 0, approvers: [], digest: 'd', digestKeyId: 'a', digestParts: {},
      deadlineSeconds: 600, stabilitySeconds: 30, change: {}, warnings: [], startedAt: at, finishedAt: at,
    })
    await insertConversation(rack.db, id, 'C1')
    await addFacts(rack.db, id, facts)
    await rack.db.execute(sql`update outbox set state = 'sent', ts = '1.1', created_at = now() - ${`${days + 1} days`}::interval where promotion_id = ${id}`)
    return { id, app, release }
  }
  const left = async (id: string): Promise<number> => (await rack.db.query.outbox.findMany({ where: (row, { eq }) => eq(row.promotionId, id) })).length

  it('is what was said of a promotion that ended more than 30 days ago, and no other', async () => {
    const [old, young] = [await ended(31), await ended(29.5)]
    expect(await forgetSaid(rack.db)).toBe(3)
    expect([await left(old.id), await left(young.id)]).toEqual([0, 3])
    expect(await forgetSaid(rack.db)).toBe(0)
  })

  it.each(['pending', 'sending', 'unknown', 'dead'])('is not what is %s', async (state) => {
    const { id } = await ended(31)
    await rack.db.execute(sql`update outbox set state = ${state} where promotion_id = ${id} and seq = 2`)
    expect(await forgetSaid(rack.db)).toBe(2)
    expect(await left(id)).toBe(1)
  })

  it('is not what was said late', async () => {
    const { id } = await ended(31)
    await rack.db.execute(sql`update outbox set created_at = now() where promotion_id = ${id} and kind = 'notice'`)
    expect([await forgetSaid(rack.db), await left(id)]).toEqual([2, 1])
  })

  it('is not what tells of the promotion that an app runs: what was announced is not announced again', async () => {
    const { id, app, release } = await ended(31, [line, noticeFact, drift])
    await setGoodRelease(rack.db, { rack: rack.name, app, releaseId: release, promotionId: id, verifiedAt: new Date() })
    expect([await forgetSaid(rack.db), await left(id)]).toEqual([0, 3])
    const next = await ended(0, [])
    await setGoodRelease(rack.db, { rack: rack.name, app, releaseId: next.release, promotionId: next.id, verifiedAt: new Date() })
    expect([await forgetSaid(rack.db), await left(id)]).toEqual([3, 0])
  })

  it.each([
    ['its last word has buttons', sql`buttons_until = now() + interval '1 hour'`],
    ['somebody has to be told what could not be said', sql`telling = '[{"what":"unsaid_end","channel":"C1","why":"x"}]'`],
  ])('is not what was said while %s', async (_name, set) => {
    const { id } = await ended(31)
    await rack.db.execute(sql`update conversations set ${set} where promotion_id = ${id}`)
    expect([await forgetSaid(rack.db), await left(id)]).toEqual([0, 3])
  })

  it('goes a thousand rows at a time, and twice at once no row is waited for', async () => {
    const { id } = await ended(31, Array.from({ length: 1_500 }, () => line))
    const removed = await Promise.all([here.db, (await here.open()).db].map((db) => forgetSaid(db)))
    expect(removed.every((count) => count <= 1_000)).toBe(true)
    while ((await forgetSaid(rack.db)) > 0);
    expect(await left(id)).toBe(0)
  })

  it('leaves the numbers as they were: what is said later comes after it', async () => {
    const { id } = await ended(31)
    await forgetSaid(rack.db)
    await addFacts(rack.db, id, [drift])
    expect(await rack.db.query.outbox.findMany({ where: (row, { eq }) => eq(row.promotionId, id) })).toMatchObject([{ seq: 4, kind: 'announcement' }])
  })

  it('is a delivery of more than a day ago, handled or not, and of one that nobody handles its payload first', async () => {
    const age = (id: string, hours: number) => rack.db.execute(sql`update deliveries set received_at = now() - ${`${hours} hours`}::interval where id = ${id}`)
    for (const id of ['handled', 'never', 'lately', 'open']) await acceptDelivery(rack.db, { id, payload: 'sealed' })
    await markHandled(rack.db, 'handled')
    await age('handled', 25)
    await age('never', 25)
    await age('lately', 1)
    await forgetOld(rack.db)
    expect((await rack.db.query.deliveries.findMany({ orderBy: (row, { asc }) => asc(row.id) })).map(({ id, payload }) => [id, payload])).toEqual([['lately', ''], ['open', 'sealed']])
    expect([await isHandled(rack.db, 'lately'), await isHandled(rack.db, 'open')]).toEqual([true, false])
  })
})
