import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sql } from 'drizzle-orm'
import { laneRules } from '../../src/bot/delivery/budget.ts'
import { insertApp, markDeleting } from '../../src/db/apps.ts'
import type { Database } from '../../src/db/client.ts'
import { insertConversation, retireButtons } from '../../src/db/conversations.ts'
import { forgetLanes } from '../../src/db/lanes.ts'
import { addFacts, insertPromotion, movePromotion } from '../../src/db/promotions.ts'
import { insertRelease } from '../../src/db/releases.ts'
import { lanes } from '../../src/db/schema.ts'
import type { PromotionStatus } from '../../src/db/words.ts'
import { createDeliveryStore } from '../../src/rack/deliver.ts'
import type { Conversation, DeliveryStore } from '../../src/rack/delivery-store.ts'
import { newId } from '../../src/rack/ids.ts'
import { lineFact, noticeFact } from '../../src/rack/say.ts'
import { sealEnv } from '../../src/rack/release-env.ts'
import { createSealer } from '../../src/rack/seal.ts'
import { plainPolicy } from '../../src/rack/roles.ts'
import { createWake } from '../../src/rack/wake.ts'
import { freshDatabase } from '../support/database.ts'

const sealer = createSealer([{ id: 'a', bytes: Buffer.alloc(32, 1) }])
const rack = 'convox'
const endings = { rolled_back: true, succeeded: true, rolling_out: false, rolling_back: false, awaiting_approval: false } as const

describe('what a sender finds in the database', () => {
  let databases: readonly Database[]
  let drop: () => Promise<void>
  let stores: readonly DeliveryStore[]
  let apps = 0

  beforeAll(async () => {
    const fresh = await freshDatabase()
    databases = [await fresh.open(), await fresh.open()]
    drop = fresh.drop
  })
  afterAll(async () => {
    for (const database of databases) await database.close()
    await drop()
  })
  const db = () => {
    const [first] = databases
    if (first === undefined) throw new Error('no database')
    return first.db
  }
  beforeEach(async () => {
    await db().execute(sql`delete from promotions`)
    await db().execute(sql`delete from lanes`)
    await db().execute(sql`delete from presence`)
    stores = databases.map((database, index) => createDeliveryStore({
      name: rack, severalRacks: false, instance: `replica-${index}`, db: database.db, clock: () => new Date(), wakeDelivery: createWake(), roles: plainPolicy([], []),
    }))
  })
  const store = (index = 0): DeliveryStore => {
    const found = stores[index]
    if (found === undefined) throw new Error(`no replica ${index}`)
    return found
  }

  /** A promotion with its conversation, in an app of its own. */
  const begin = async (status: keyof typeof endings = 'rolling_out', app?: string): Promise<string> => {
    apps += 1
    const name = app ?? `shop${apps}`
    if (app === undefined) await insertApp(db(), { rack, name, namespace: `convox-${name}`, createdBy: 'U1' })
    const [release, id] = [newId('R'), newId('P')]
    await insertRelease(db(), { id: release, rack, app: name, buildId: null, env: sealEnv(sealer, release, {}), description: 'x', origin: 'build', createdBy: 'U1' })
    await insertPromotion(db(), {
      id, rack, app: name, kind: 'promote', status: status satisfies PromotionStatus, releaseId: release, requester: 'U1', approvalsNeeded: 0, approvers: [], digest: 'd', digestKeyId: 'a', digestParts: {},
      deadlineSeconds: 600, stabilitySeconds: 30, change: {}, warnings: [], queuedAt: new Date(), startedAt: new Date(), finishedAt: endings[status] ? new Date() : null,
    })
    await insertConversation(db(), id, 'C1')
    return id
  }
  const line = lineFact({ kind: 'status', at: new Date(0).toISOString(), from: 'Running', to: 'Pending' })
  const claim = async (limit = 50, which: 'all' | 'urgent' = 'all', replica = 0) => store(replica).claim(limit, which)
  const one = async (replica = 0): Promise<Conversation> => {
    const [claimed] = await claim(1, 'all', replica)
    if (claimed === undefined) throw new Error('nothing to claim')
    return claimed
  }
  const shown = async (conversation: Conversation, rev = 1): Promise<void> => void (await store().cardSent(conversation, { ts: '1.1', rev, status: 'rolling_out', hash: 'h' }))

  describe('claims', () => {
    it('hand out the most urgent first, however many are older', async () => {
      for (let count = 0; count < 5; count += 1) {
        const id = await begin()
        await db().execute(sql`update conversations set card_state = 'sent', card_ts = '1.1' where promotion_id = ${id}`)
      }
      const [fresh, good, back, end] = [await begin(), await begin('succeeded'), await begin('rolling_back'), await begin('rolled_back')]
      expect((await claim(4)).map(({ promotion }) => promotion)).toEqual([back, end, good, fresh])
    })

    it('may be of ends and verdicts alone', async () => {
      await begin()
      const back = await begin('rolling_back')
      expect((await claim(50, 'urgent')).map(({ promotion }) => promotion)).toEqual([back])
    })

    it('find what is free though more than the limit is held', async () => {
      const ids = [await begin(), await begin(), await begin()]
      expect(await claim(2)).toHaveLength(2)
      expect((await claim(2)).map(({ promotion }) => promotion)).toEqual(ids.slice(2))
    })

    it('give each conversation to one replica', async () => {
      for (let count = 0; count < 8; count += 1) await begin()
      const claimed = (await Promise.all([claim(50, 'all', 0), claim(50, 'all', 1)])).flat().map(({ promotion }) => promotion)
      expect(new Set(claimed).size).toBe(claimed.length)
      expect(claimed).toHaveLength(8)
    })
  })

  it('every replica knows when a card was last as it should be, and which status it shows: only another one is worth going before others for', async () => {
    await begin()
    const held = await one()
    expect(held.card.status).toBeNull()
    await shown(held)
    await store().release(held, null)
    await db().execute(sql`update conversations set dirty = true`)
    const next = await one(1)
    expect(next.card.at).toBeInstanceOf(Date)
    expect(next.card.status).toBe('rolling_out')
    await store(1).cardLost(next)
    await store(1).release(next, null)
    expect((await one()).card.status).toBeNull()
  })

  describe('what was looked for in vain', () => {
    const at = new Date(1_700_000_000_000)

    it('is known to whoever speaks next, until something is tried again', async () => {
      await begin()
      const held = await one()
      await store().looked(held, { count: 1, at })
      await store().release(held, null)
      const next = await one(1)
      expect(next.looks).toEqual({ count: 1, at })
      await store(1).cardSending(next)
      await store(1).release(next, null)
      expect((await one()).looks.count).toBe(0)
    })

    it('begins anew with the next attempt at a row', async () => {
      const id = await begin()
      await addFacts(db(), id, [line])
      const held = await one()
      await shown(held, held.rev)
      await store().looked(held, { count: 1, at })
      await store().rowsSending(held, [1])
      await store().release(held, null)
      expect((await one()).looks.count).toBe(0)
    })

    it('is looked for where it was tried, wherever the conversation is by then', async () => {
      const id = await begin()
      await addFacts(db(), id, [line])
      const posting = await one()
      await shown(posting)
      await store().release(posting, null)
      const held = await one(1)
      await store(1).rowsSending(held, [1])
      await store(1).cardLost(held)
      await store(1).release(held, null)
      const next = await one()
      expect(next.rows).toMatchObject([{ seq: 1, state: 'unknown', tried: { channel: 'C1', threadTs: '1.1' } }])
      expect(next).toMatchObject({ leftTs: '1.1', card: { ts: null, state: 'none' } })
      await store().reroute(next, 'C2', [])
      await store().release(next, null)
      expect(await one(1)).toMatchObject({ channel: 'C2', leftTs: null, rows: [{ tried: { channel: 'C1', threadTs: '1.1' } }] })
    })

    it('is posted again once it is certain that nothing was stored', async () => {
      await begin()
      const held = await one()
      await store().cardSending(held)
      await store().cardUnsent(held)
      await store().release(held, null)
      expect((await one()).card).toMatchObject({ state: 'none', ts: null })
    })
  })

  describe('a conversation that waits', () => {
    it('sleeps as long as it said, for every replica', async () => {
      await begin()
      await store().release(await one(), 60_000)
      expect(await claim(50, 'all', 1)).toEqual([])
    })

    it('wakes at once for another status and for the last word', async () => {
      const id = await begin()
      await store().release(await one(), 60_000)
      await movePromotion(db(), id, { from: ['rolling_out'], set: { status: 'rolling_back' } })
      await store().release(await one(), 60_000)
      await addFacts(db(), id, [noticeFact])
      expect(await claim()).toHaveLength(1)
    })

    it('wakes soon, not at once, for a line', async () => {
      const id = await begin()
      await store().release(await one(), 60_000)
      await addFacts(db(), id, [line])
      expect(await claim()).toEqual([])
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(await claim()).toHaveLength(1)
    })

    it('does not sleep over what came while it was held', async () => {
      const id = await begin()
      const held = await one()
      await movePromotion(db(), id, { from: ['rolling_out'], set: {} })
      await store().release(held, 60_000)
      expect(await claim()).toHaveLength(1)
    })

    it('is looked at again after a minute, however long it wanted to sleep', async () => {
      await begin()
      await store().release(await one(), 600_000)
      expect(await claim(50, 'all', 1)).toEqual([])
      await db().execute(sql`update conversations set wake_at = wake_at - interval '62 seconds'`)
      expect(await claim(50, 'all', 1)).toHaveLength(1)
    })

    it('wakes, with what it has to say, when the database\'s clock was set back', async () => {
      const id = await begin()
      await addFacts(db(), id, [line])
      const held = await one()
      await store().rowsLater(held, [1], 30)
      await store().release(held, 30_000)
      expect(await claim()).toEqual([])
      await db().execute(sql`update conversations set wake_at = wake_at + interval '10 minutes'`)
      await db().execute(sql`update outbox set not_before = not_before + interval '10 minutes'`)
      const [woken] = await claim(50, 'all', 1)
      expect(woken).toMatchObject({ promotion: id, rows: [{ seq: 1 }], rowsAt: null })
    })

    it('puts its rows off for a minute at most', async () => {
      const id = await begin()
      await addFacts(db(), id, [line])
      const held = await one()
      await store().rowsLater(held, [1], 600)
      await store().release(held, null)
      const [claimed] = await claim()
      const wait = (claimed?.rowsAt?.getTime() ?? 0) - Date.now()
      expect([wait > 0, wait <= 60_000]).toEqual([true, true])
    })

    it('is done when nothing is left', async () => {
      await begin()
      const held = await one()
      await shown(held)
      await store().release(held, null)
      expect(await claim()).toEqual([])
    })
  })

  it('goes by the clock of the database, whatever its own says', async () => {
    const behind = createDeliveryStore({
      name: rack, severalRacks: false, instance: 'behind', db: db(), clock: () => new Date(Date.now() - 600_000), wakeDelivery: createWake(), roles: plainPolicy([], []),
    })
    const id = await begin('rolled_back')
    await addFacts(db(), id, [noticeFact])
    const held = await one()
    await shown(held, held.rev)
    await store().rowsLater(held, [1], 0)
    await store().release(held, null)
    const [due] = await behind.claim(1, 'all')
    expect(due).toMatchObject({ promotion: id, rows: [{ seq: 1 }], rowsAt: null })
    if (due === undefined) throw new Error('nothing to claim')
    await behind.rowsLater(due, [1], 60)
    await behind.release(due, null)
    const [later] = await behind.claim(1, 'all')
    expect(later?.rows).toEqual([])
    expect((later?.rowsAt?.getTime() ?? 0) - (Date.now() - 600_000)).toBeGreaterThan(50_000)
    if (later === undefined) throw new Error('nothing to claim')
    await behind.noticeSent(later, 1, '2.2', true)
    await behind.release(later, null)
    await retireButtons(db(), { promotion: id })
    expect(await behind.claim(1, 'all')).toMatchObject([{ buttons: { ts: '2.2', due: true } }])
  })

  describe('buttons of a last word', () => {
    const ended = async (app?: string): Promise<string> => {
      const id = await begin('rolled_back', app)
      await addFacts(db(), id, [noticeFact])
      const held = await one()
      await shown(held, held.rev)
      await store().noticeSent(held, 1, '2.2', true)
      await store().release(held, null)
      expect(await claim()).toEqual([])
      return id
    }

    it('go when they were used', async () => {
      const id = await ended()
      await retireButtons(db(), { promotion: id })
      const due = await one()
      expect(due).toMatchObject({ promotion: id, buttons: { ts: '2.2', due: true } })
      await store().buttonsGone(due)
      await store().release(due, null)
      expect(await claim()).toEqual([])
    })

    it("go when the app's next promotion starts, not another app's", async () => {
      const id = await ended()
      await retireButtons(db(), { rack, app: 'another' })
      expect(await claim()).toEqual([])
      await retireButtons(db(), { rack, app: `shop${apps}` })
      expect((await claim()).map(({ promotion }) => promotion)).toEqual([id])
    })

    it('go at once when the last word comes after the next promotion began', async () => {
      const id = await begin('rolled_back')
      await addFacts(db(), id, [noticeFact])
      await begin('rolling_out', `shop${apps}`)
      await db().execute(sql`update promotions set started_at = now() + interval '1 second' where id <> ${id}`)
      const held = await one()
      expect(held.promotion).toBe(id)
      await shown(held, held.rev)
      await store().noticeSent(held, 1, '2.2', true)
      await store().release(held, null)
      expect((await claim()).find(({ promotion }) => promotion === id)).toMatchObject({ buttons: { ts: '2.2', due: true } })
    })

    it('go at once when the last word comes after its app was deleted', async () => {
      const id = await begin('rolled_back')
      await addFacts(db(), id, [noticeFact])
      await markDeleting(db(), rack, `shop${apps}`)
      const held = await one()
      await shown(held, held.rev)
      await store().noticeSent(held, 1, '2.2', true)
      await store().release(held, null)
      expect(await one()).toMatchObject({ promotion: id, buttons: { ts: '2.2', due: true } })
    })

    it('are known before they have to go, and out of reach once the conversation goes on elsewhere', async () => {
      const id = await ended()
      await addFacts(db(), id, [line])
      const held = await one()
      expect(held).toMatchObject({ buttons: { ts: '2.2', due: false } })
      await store().reroute(held, 'C2', [])
      await store().release(held, null)
      await retireButtons(db(), { promotion: id })
      expect(await one()).toMatchObject({ promotion: id, channel: 'C2', buttons: null })
    })

    it('are forgotten where there is no last word to take them from', async () => {
      const id = await ended()
      await db().execute(sql`delete from outbox where promotion_id = ${id}`)
      await retireButtons(db(), { promotion: id })
      const due = await one()
      expect(due.buttons).toBeNull()
      await store().release(due, null)
      expect(await claim()).toEqual([])
    })

    it('are due in the same moment, whatever fraction of a millisecond it is', async () => {
      const id = await ended()
      for (let count = 0; count < 12; count += 1) {
        await db().execute(sql`update conversations set buttons_until = now() + interval '1 hour'`)
        const due = await db().transaction(async (tx) => {
          await retireButtons(tx, { promotion: id })
          return tx.execute(sql`select buttons_until <= now() as due from conversations where promotion_id = ${id}`)
        })
        expect(due).toMatchObject([{ due: true }])
      }
    })

    it('go after a day', async () => {
      const id = await ended()
      await db().execute(sql`update conversations set buttons_until = buttons_until - interval '24 hours'`)
      expect(await one()).toMatchObject({ promotion: id, buttons: { ts: '2.2', due: true } })
    })
  })

  it('knows whether lines of a thread were given up', async () => {
    const id = await begin()
    await db().execute(sql`insert into outbox (promotion_id, seq, kind, fact) values (${id}, 901, 'line', '{}'), (${id}, 902, 'announcement', '{}')`)
    const held = await one()
    await store().rowsDead(held, [902], 'x')
    expect(await store().linesGivenUp(held)).toBe(false)
    await store().rowsDead(held, [901], 'x')
    expect(await store().linesGivenUp(held)).toBe(true)
  })

  it('remembers whom to tell of what could not be said, until it is told', async () => {
    await begin()
    const held = await one()
    const telling = { what: 'moved', channel: 'C1', why: 'is_archived', to: 'D1' } as const
    await store().reroute(held, 'D1', [telling])
    await store().release(held, null)
    const next = await one()
    expect(next).toMatchObject({ channel: 'D1', tellings: [telling], card: { state: 'none' } })
    await shown(next)
    await store().release(next, null)
    const again = await one()
    await store().tell(again, [])
    await store().release(again, null)
    expect(await claim()).toEqual([])
  })

  describe('lanes', () => {
    /** So slow that a busy machine makes no difference. */
    const slow = { ...laneRules.update, every: 600_000, ahead: { ...laneRules.update.ahead, ordinary: 600_000 } }
    const take = (replica: number, urgency: 'urgent' | 'ordinary' = 'ordinary') => store(replica).takeLane('chat.update', slow, urgency, 0)

    it('are one for all replicas', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => take(index % 2)))
      expect(answers.filter((wait) => wait === 0)).toHaveLength(2)
      expect(await Promise.all(Array.from({ length: 10 }, (_, index) => take(index % 2, 'urgent')))).toEqual(Array.from({ length: 10 }, () => 0))
    })

    it('know how long what each replica asks for has waited', async () => {
      await take(0)
      await take(0)
      await Promise.all([store(0).takeLane('chat.update', slow, 'ordinary', 5_000), store(1).takeLane('chat.update', slow, 'ordinary', 30_000)])
      const rows = await db().select({ owner: sql`w.key`, ms: sql`round((w.value ->> 'until')::float8 - (w.value ->> 'since')::float8)::int` })
        .from(sql`lanes, jsonb_each(lanes.state -> 'waiting') w`).orderBy(sql`w.key`)
      // Both are expected back within ten seconds, and two more.
      expect(rows).toEqual([{ owner: 'replica-0', ms: 5_000 + 12_000 }, { owner: 'replica-1', ms: 30_000 + 12_000 }])
    })

    it('pause for all replicas, each by itself', async () => {
      await store(0).pauseLane('chat.update', 30_000)
      expect(await take(1, 'urgent')).toBeGreaterThan(29_000)
      expect(await store(1).takeLane('chat.postMessage C1', laneRules.post, 'ordinary', 0)).toBe(0)
    })

    it('are forgotten a day after their last use', async () => {
      await take(0)
      await db().execute(sql`insert into lanes values ('chat.postMessage C9', '{"due": 1000, "uses": [], "pausedUntil": 0, "wantedAt": 0}')`)
      await forgetLanes(db())
      expect((await db().select({ name: lanes.name }).from(lanes)).map(({ name }) => name)).toEqual(['chat.update'])
    })
  })

  it('knows when nobody was in touch with Slack', async () => {
    expect(await store(0).present()).toBeNull()
    expect(await store(1).present()).toBeNull()
    await db().execute(sql`update presence set at = now() - interval '7 minutes'`)
    const absence = await store(1).present()
    expect((absence?.until.getTime() ?? 0) - (absence?.from.getTime() ?? 0)).toBeGreaterThan(6.9 * 60_000)
    expect(await store(0).present()).toEqual(absence)
  })
})
