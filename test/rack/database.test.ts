import { beforeAll, describe, expect, it } from 'vitest'
import { sql } from 'drizzle-orm'
import { insertApp } from '../../src/db/apps.ts'
import { insertBuild } from '../../src/db/builds.ts'
import type { Database, Db } from '../../src/db/client.ts'
import { changeConversation, changeRows, claimConversations, findConversation, insertConversation, markDirty, openRows, releaseConversation } from '../../src/db/conversations.ts'
import { isUniqueViolation } from '../../src/db/conflict.ts'
import { addFacts, addVote, claimRollouts, dropLease, insertPromotion, movePromotion, renewLease, votesOf } from '../../src/db/promotions.ts'
import { insertRelease, newestRelease } from '../../src/db/releases.ts'
import type { PromotionStatus } from '../../src/db/words.ts'
import { DeliveryTakenError, finish } from '../../src/rack/finish.ts'
import { newId } from '../../src/rack/ids.ts'
import { createInbox } from '../../src/rack/inbox.ts'
import { refusedCopyStatuses } from '../../src/rack/promotion.ts'
import { sealEnv } from '../../src/rack/release-env.ts'
import { createSealer } from '../../src/rack/seal.ts'
import { databaseHere } from '../support/database.ts'

const sealer = createSealer([{ id: 'a', bytes: Buffer.alloc(32, 1) }])
const rack = 'convox'
const fails = (): never => expect.fail('every delivery of these tests can be opened')

describe('what the database keeps', () => {
  const database = databaseHere()
  let other: Database
  let db: Db
  let app = 0
  let name = ''

  beforeAll(async () => {
    other = await database.open()
    db = database.db
  })

  const newApp = async (): Promise<string> => {
    app += 1
    name = `shop${app}`
    await insertApp(db, { rack, name, namespace: `convox-${name}`, createdBy: 'U1' })
    return name
  }
  const release = async (more: { origin?: 'build' | 'rollback' } = {}): Promise<string> => {
    const id = newId('R')
    await insertRelease(db, { id, rack, app: name, buildId: null, env: sealEnv(sealer, id, {}), description: 'x', origin: more.origin ?? 'build', createdBy: 'U1' })
    return id
  }
  const promotion = async (status: PromotionStatus, of?: string, more: object = {}): Promise<string> => {
    const id = newId('P')
    const final = !['awaiting_approval', 'queued', 'rolling_out', 'rolling_back'].includes(status)
    await insertPromotion(db, {
      id, rack, app: name, kind: 'promote', status, releaseId: of ?? (await release()), requester: 'U1', approvalsNeeded: 1, approvers: [], digest: 'd', digestKeyId: 'a', digestParts: {},
      deadlineSeconds: 600, stabilitySeconds: 30, change: {}, warnings: [], queuedAt: new Date(), startedAt: new Date(), finishedAt: final ? new Date() : null, ...more,
    })
    return id
  }
  const violates = (work: Promise<unknown>): Promise<boolean> => work.then(() => false, (error: unknown) => isUniqueViolation(error))

  it('refuses a second moving promotion of one app, not one of another', async () => {
    await newApp()
    await promotion('rolling_out')
    expect(await violates(promotion('rolling_back'))).toBe(true)
    const waiting = await promotion('queued')
    expect(await violates(movePromotion(db, waiting, { from: ['queued'], set: { status: 'rolling_out' } }))).toBe(true)
    await newApp()
    expect(await violates(promotion('rolling_out'))).toBe(false)
  })

  it('refuses ids of another form, and an end without its time', async () => {
    await newApp()
    await expect(insertRelease(db, { id: 'XABC', rack, app: name, env: '', description: '', origin: 'build', createdBy: 'U1' })).rejects.toThrow()
    await expect(insertBuild(db, { id: 'B1', rack, app: name, description: '', manifest: '', images: {}, createdBy: 'U1', startedAt: new Date() })).rejects.toThrow()
    await expect(promotion('succeeded', undefined, { finishedAt: null })).rejects.toThrow()
    await expect(promotion('rolling_out', undefined, { startedAt: null })).rejects.toThrow()
  })

  it('takes one vote of a person for one digest, and counts each digest apart', async () => {
    await newApp()
    const id = await promotion('awaiting_approval')
    const vote = (digest: string, person: string) => addVote(db, { promotionId: id, digest, person, at: new Date() })
    expect(await Promise.all([vote('d', 'U2'), vote('d', 'U2')]).then((taken) => taken.filter(Boolean).length)).toBe(1)
    expect(await vote('e', 'U2')).toBe(true)
    expect((await votesOf(db, id, 'd')).map(({ person }) => person)).toEqual(['U2'])
  })

  it('moves a promotion from where it is only, once, and only for the holder of its epoch', async () => {
    await newApp()
    const id = await promotion('awaiting_approval')
    const moved = await Promise.all([database, other].map((each) => movePromotion(each.db, id, { from: ['awaiting_approval'], set: { status: 'queued' } })))
    expect(moved.filter((row) => row !== undefined)).toHaveLength(1)
    expect(await movePromotion(db, id, { from: ['queued'], epoch: 7, set: {} })).toBeUndefined()
    expect((await movePromotion(db, id, { from: ['queued'], epoch: 0, set: {} }))?.rev).toBe(3)
  })

  it('leases a rollout to one owner, and to the next one when it has run out or was given back', async () => {
    await newApp()
    const id = await promotion('rolling_out')
    const claim = async (owner: string, more: { running?: string[]; takeOwn?: boolean; from?: Db } = {}) =>
      (await claimRollouts(more.from ?? db, { rack, owner, running: more.running ?? [], takeOwn: more.takeOwn ?? false, seconds: 10, limit: 50 })).find((row) => row.id === id)
    const both = await Promise.all([claim('one'), claim('two', { from: other.db })])
    expect(both.filter((row) => row !== undefined)).toHaveLength(1)
    const owner = both[0] === undefined ? 'two' : 'one'
    expect(await claim('three')).toBeUndefined()
    // The same instance, started again, takes back what its dead predecessor held; what it runs itself it leaves alone.
    expect(await claim(owner, { takeOwn: true, running: [id] })).toBeUndefined()
    expect((await claim(owner, { takeOwn: true }))?.epoch).toBe(2)
    expect(await renewLease(db, id, 1, 10)).toBeUndefined()
    expect(await renewLease(db, id, 2, 10)).toMatchObject({ cancelBy: null })
    await db.execute(sql`update promotions set lease_until = now() - interval '1 second' where id = ${id}`)
    expect(await claim('three', { running: [id] })).toBeUndefined()
    expect((await claim('three'))?.epoch).toBe(3)
    await dropLease(db, id, 3)
    expect((await claim('four'))?.epoch).toBe(4)
  })

  it('gives out the head of an idle app\'s queue, in order', async () => {
    await newApp()
    const moving = await promotion('rolling_out')
    const first = await promotion('queued', undefined, { queuedAt: new Date(1_000) })
    const second = await promotion('queued', undefined, { queuedAt: new Date(2_000) })
    const mine = [moving, first, second]
    const claim = async () => (await claimRollouts(db, { rack, owner: 'q', running: [], takeOwn: false, seconds: 10, limit: 50 })).map((row) => row.id).filter((id) => mine.includes(id))
    expect(await claim()).toEqual([moving])
    await movePromotion(db, moving, { from: ['rolling_out'], set: { status: 'failed', finishedAt: new Date() } })
    expect(await claim()).toEqual([first])
    await movePromotion(db, first, { from: ['queued'], set: { status: 'cancelled', finishedAt: new Date() } })
    expect(await claim()).toEqual([second])
  })

  it('forks from the newest release that is not a refused copy', async () => {
    await newApp()
    const good = await release()
    const copy = await release({ origin: 'rollback' })
    expect((await newestRelease(db, rack, name, refusedCopyStatuses))?.id).toBe(copy)
    await promotion('rejected', copy)
    expect((await newestRelease(db, rack, name, refusedCopyStatuses))?.id).toBe(good)
  })

  it('keeps facts in order, one notice, and gives a conversation to one writer at a time', async () => {
    await newApp()
    const id = await promotion('rolling_out')
    await insertConversation(db, id, 'C1')
    const line = (text: string) => ({ kind: 'line' as const, fact: { text } })
    await Promise.all([addFacts(db, id, [line('a'), line('b')]), addFacts(other.db, id, [line('c'), line('d')])])
    expect((await openRows(db, id)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
    await addFacts(db, id, [{ kind: 'notice', fact: {} }])
    expect(await violates(addFacts(db, id, [{ kind: 'notice', fact: {} }]))).toBe(true)
    const claim = async (owner: string) => (await claimConversations(db, { racks: [rack], owner, held: [], seconds: 10, limit: 50, which: 'all' })).find((row) => row.promotionId === id)
    const held = await claim('one')
    expect(held?.epoch).toBe(1)
    expect(await claim('two')).toBeUndefined()
    expect(await changeRows(db, id, 1, [1, 2, 3, 4, 5], { state: 'sent', ts: '1.1' })).toBe(true)
    expect(await changeRows(db, id, 0, [5], { state: 'pending' })).toBe(false)
    expect(await changeConversation(db, id, 1, { cardState: 'sent', cardRev: 1, cardTs: '1.0' })).toBe(true)
    await releaseConversation(db, id, 1, { rev: 99, facts: 99 }, null)
    expect((await findConversation(db, id))?.dirty).toBe(false)
    expect(await claim('two')).toBeUndefined()
    await movePromotion(db, id, { from: ['rolling_out'], set: {} })
    expect((await claim('two'))?.epoch).toBe(2)
    expect(await changeConversation(db, id, 1, { cardRev: 9 })).toBe(false)
  })

  it('wakes where it fell asleep, a moment later anywhere, and at once anywhere when it became urgent', async () => {
    await newApp()
    const id = await promotion('rolling_out')
    await insertConversation(db, id, 'C1')
    const claim = async (owner: string) => (await claimConversations(db, { racks: [rack], owner, held: [], seconds: 10, limit: 50, which: 'all' })).find((row) => row.promotionId === id)
    const sleep = (epoch: number, ms: number) => releaseConversation(db, id, epoch, { rev: 99, facts: 99 }, ms)
    expect((await claim('one'))?.epoch).toBe(1)
    await sleep(1, 0)
    expect(await claim('two')).toBeUndefined()
    expect((await claim('one'))?.epoch).toBe(2)
    await sleep(2, 0)
    await expect.poll(() => claim('two'), { timeout: 5_000 }).toMatchObject({ epoch: 3 })
    await sleep(3, 60_000)
    expect(await claim('one')).toBeUndefined()
    expect(await claim('two')).toBeUndefined()
    await markDirty(db, id, true)
    expect((await claim('one'))?.epoch).toBe(4)
  })

  it('stays dirty while there is anything it has not said', async () => {
    await newApp()
    const id = await promotion('rolling_out')
    await insertConversation(db, id, 'C1')
    await changeConversation(db, id, 0, { cardState: 'sent', cardRev: 99 })
    await addFacts(db, id, [{ kind: 'line', fact: {} }])
    await releaseConversation(db, id, 0, { rev: 99, facts: 99 }, null)
    expect((await findConversation(db, id))?.dirty).toBe(true)
  })

  it('takes a delivery once, sealed, forgets it when handled, and keeps commands behind buttons for a while', async () => {
    const inbox = createInbox(db, sealer, () => new Date(), fails)
    expect(await inbox.accept({ id: 'e1', payload: 'env set A=hunter2hunter2' })).toBe(true)
    expect(await createInbox(other.db, sealer, () => new Date(), fails).accept({ id: 'e1', payload: 'x' })).toBe(false)
    const stored = async () => JSON.stringify(await db.execute(sql`select * from deliveries`))
    expect(await stored()).not.toContain('hunter2')
    expect((await inbox.takeOver(0)).map(({ id, payload }) => [id, payload])).toEqual([['e1', 'env set A=hunter2hunter2']])
    await inbox.handled('e1')
    await inbox.handled('e1')
    expect(await inbox.takeOver(0)).toEqual([])
    const question = await inbox.keepQuestion('releases -a shop')
    expect(await inbox.readQuestion(question)).toBe('releases -a shop')
    await expect(inbox.readQuestion('nope')).rejects.toMatchObject({ refusal: { code: 'question_too_old' } })
    const past = createInbox(db, sealer, () => new Date(Date.now() - 16 * 60_000), fails)
    await expect(inbox.readQuestion(await past.keepQuestion('x'))).rejects.toMatchObject({ refusal: { code: 'question_too_old' } })
  })

  it('undoes an operation whose delivery another replica has done meanwhile, and takes what it does not know of as its own', async () => {
    const inbox = createInbox(db, sealer, () => new Date(), fails)
    await inbox.accept({ id: 'frozen', payload: 'apps create' })
    const operation = (delivery: string, result: string) => db.transaction(async (tx) => {
      await tx.execute(sql`insert into deliveries (id, payload) values (${`effect of ${result}`}, '')`)
      await finish(tx, { actor: { id: 'U1', name: 'ana', role: 'approver' }, delivery })
    })
    await operation('frozen', 'the first')
    await expect(operation('frozen', 'the second')).rejects.toThrow(DeliveryTakenError)
    await operation('nobody kept this', 'a third')
    const kept = JSON.stringify(await db.execute(sql`select id from deliveries`))
    expect(['the first', 'the second', 'a third'].filter((result) => kept.includes(`effect of ${result}`))).toEqual(['the first', 'a third'])
    await inbox.handled('frozen')
  })
})
