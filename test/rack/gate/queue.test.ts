import { pino } from 'pino'
import { beforeAll, describe, expect, it } from 'vitest'
import { lockApp } from '../../../src/db/apps.ts'
import type { Database, Db } from '../../../src/db/client.ts'
import { findLock, insertLock } from '../../../src/db/locks.ts'
import { claimRollouts, findPromotion, movePromotion, type PromotionRecord } from '../../../src/db/promotions.ts'
import { approve } from '../../../src/rack/approve.ts'
import { setAppParams } from '../../../src/rack/app-params.ts'
import { cancel } from '../../../src/rack/cancel.ts'
import type { Books } from '../../../src/rack/context.ts'
import { addFreeze, dropFreeze } from '../../../src/rack/freeze.ts'
import { keepQueue, keepQueues } from '../../../src/rack/gate/keep-queue.ts'
import { letBegin } from '../../../src/rack/gate/let-begin.ts'
import { endLocks, lockTheApp, takeLock, unlockTheApp } from '../../../src/rack/lock.ts'
import { overrideFreeze } from '../../../src/rack/override-freeze.ts'
import { promote } from '../../../src/rack/promote.ts'
import { promotionView } from '../../../src/rack/promotions.ts'
import { RefusalError } from '../../../src/rack/refusal.ts'
import { rollback } from '../../../src/rack/rollback.ts'
import { plainPolicy } from '../../../src/rack/roles.ts'
import { actingAs, appWithRelease, booksOn, releaseOf } from '../../support/books.ts'
import { databaseHere } from '../../support/database.ts'

const [ana, dee, cy] = [actingAs('U0ANA'), actingAs('U0DEE'), actingAs('U0CY')]
const bo = actingAs('U0BO', 'admin')
const always = { cron: '0 0 * * *', seconds: 24 * 3600, zone: 'UTC' }

describe('locks, freezes and the queue, on a real database', () => {
  const database = databaseHere()
  let second: Database
  let rack: Books
  /** The same rack in another process. */
  let other: Books

  beforeAll(async () => {
    second = await database.open()
    const staff = { roles: new Map([['U0BO', 'admin' as const], ['U0DEE', 'approver' as const]]), groups: new Map() }
    rack = booksOn(database.db, 'prod', staff)
    other = { ...booksOn(second.db, 'prod', staff), instance: 'two' }
  })

  const newApp = async (): Promise<{ app: string; release: string }> => {
    const made = await appWithRelease(rack)
    await setAppParams(rack, bo, { app: made.app, params: [['approvals', '0']] })
    return made
  }
  const ask = async (who: typeof ana, app: string, release: string, more: { queue?: boolean; force?: boolean; override?: boolean } = {}): Promise<string> =>
    (await promote(rack, who, { app, release, deadlineSeconds: null, confirmed: ['older', 'active'], ...more })).id
  const record = async (id: string): Promise<PromotionRecord> => {
    const found = await findPromotion(database.db, id)
    if (found === undefined) throw new Error(`no ${id}`)
    return found
  }
  const codeOf = (work: Promise<unknown>): Promise<string> => work.then(() => 'done', (error: unknown) => (error instanceof RefusalError ? error.refusal.code : String(error)))
  const claimed = async (): Promise<string[]> =>
    (await claimRollouts(database.db, { rack: 'prod', owner: 'one', running: [], takeOwn: true, seconds: 0, limit: 50 })).map(({ id }) => id)
  const beginNow = (db: Db, id: string): Promise<boolean> => db.transaction(async (tx) => {
    if ((await letBegin(rack, tx, await record(id))) === null) return false
    return (await movePromotion(tx, id, { from: ['queued'], set: { status: 'rolling_out', startedAt: new Date(), held: false, waits: null } })) !== undefined
  })
  const end = (id: string): Promise<unknown> => movePromotion(database.db, id, { from: ['rolling_out'], set: { status: 'failed', finishedAt: new Date() } })
  /** True when it has not settled within so many ms: it waits for a lock of the database. */
  const isHeldUp = async (work: Promise<unknown>, ms = 300): Promise<boolean> => {
    const late = Symbol('late')
    return (await Promise.race([work, new Promise((resolve) => setTimeout(() => resolve(late), ms))])) === late
  }

  /** A place in the middle of a transaction, where it stays until it may go on. */
  const halfway = (): { stay(): Promise<void>; readonly there: Promise<void>; goOn(): void } => {
    let go = (): void => undefined
    const gone = new Promise<void>((resolve) => { go = resolve })
    let arrive = (): void => undefined
    const there = new Promise<void>((resolve) => { arrive = resolve })
    const stay = (): Promise<void> => {
      arrive()
      return gone
    }
    return { stay, there, goOn: () => go() }
  }

  describe('a lock against a beginning', () => {
    it('waits for the one that begins, which then has begun', async () => {
      const { app, release } = await newApp()
      const id = await ask(ana, app, release)
      const middle = halfway()
      const beginning = database.db.transaction(async (tx) => {
        expect(await letBegin(rack, tx, await record(id))).toEqual({ waits: [], passes: [] })
        await middle.stay()
        await movePromotion(tx, id, { from: ['queued'], set: { status: 'rolling_out', startedAt: new Date() } })
      })
      await middle.there
      const locking = lockTheApp(other, dee, { app, reason: 'later', seconds: null })
      expect(await isHeldUp(locking)).toBe(true)
      middle.goOn()
      await beginning
      await locking
      expect(await record(id)).toMatchObject({ status: 'rolling_out', held: false })
      await end(id)
    })

    it('is seen by the one that waits for it, which then does not begin', async () => {
      const { app, release } = await newApp()
      const id = await ask(ana, app, release)
      const middle = halfway()
      const locking = second.db.transaction(async (tx) => {
        await lockApp(tx, 'prod', app)
        await middle.stay()
        await insertLock(tx, { rack: 'prod', app, owner: 'U0DEE', reason: 'sooner', since: new Date(), until: null })
      })
      await middle.there
      const beginning = beginNow(database.db, id)
      expect(await isHeldUp(beginning)).toBe(true)
      middle.goOn()
      await locking
      expect(await beginning).toBe(false)
      expect((await record(id)).status).toBe('queued')
    })

    it('of twenty at once, each app either has begun or waits, never both', async () => {
      const apps = await Promise.all(Array.from({ length: 20 }, newApp))
      const asked = await Promise.all(apps.map(async ({ app, release }) => ({ app, id: await ask(ana, app, release) })))
      const began = await Promise.all(asked.map(async ({ app, id }, at) => {
        const work = [() => beginNow(database.db, id), () => lockTheApp(other, dee, { app, reason: 'race', seconds: null })]
        const done = await Promise.all((at % 2 === 0 ? work : work.toReversed()).map((each) => each()))
        return done.includes(true)
      }))
      for (const [at, { app, id }] of asked.entries()) {
        await keepQueue(rack, app)
        const after = await record(id)
        expect([after.status, after.held]).toEqual(began[at] === true ? ['rolling_out', false] : ['queued', true])
        if (began[at] === true) await end(id)
      }
    })
  })

  it('one of two who lock at once has it', async () => {
    const { app } = await newApp()
    const codes = await Promise.all([codeOf(lockTheApp(rack, ana, { app, reason: 'a', seconds: null })), codeOf(lockTheApp(other, dee, { app, reason: 'b', seconds: null }))])
    expect(codes.toSorted()).toEqual(['done', 'lock_of_other'])
  })

  it('one of two who take it over at once has it, and the other is told whose it is now', async () => {
    const { app } = await newApp()
    await lockTheApp(rack, ana, { app, reason: 'a', seconds: null })
    const codes = await Promise.all([codeOf(takeLock(rack, dee, { app, from: 'U0ANA' })), codeOf(takeLock(other, cy, { app, from: 'U0ANA' }))])
    expect(codes.toSorted()).toEqual(['done', 'lock_of_other'])
  })

  it('a lock that is over is cleared away once, whoever comes first', async () => {
    const { app } = await newApp()
    await setAppParams(rack, bo, { app, params: [['channel', 'C0SHOP']] })
    await lockTheApp(rack, ana, { app, reason: 'short', seconds: 1 })
    const later = { ...rack, clock: () => new Date(Date.now() + 2_000) }
    await Promise.all([endLocks(later), endLocks({ ...other, clock: later.clock })])
    const { rows } = { rows: await database.db.query.appAnnouncements.findMany({ where: (row, { eq }) => eq(row.app, app) }) }
    expect(rows.map(({ fact }) => fact)).toMatchObject([{ kind: 'locked' }, { kind: 'lock_over', owner: 'U0ANA' }])
    // Whoever locks before the timer comes round finds nobody's.
    await lockTheApp(rack, ana, { app, reason: 'short', seconds: 1 })
    expect(await codeOf(lockTheApp(later, dee, { app, reason: 'next', seconds: null }))).toBe('done')
  })

  it('the same person under another id has the same lock', async () => {
    const { app, release } = await newApp()
    const several = { ...rack, roles: { ...plainPolicy([], []), people: { U0DEE: 'dee', U0DEE2: 'dee' } } }
    await lockTheApp(several, dee, { app, reason: 'mine', seconds: null })
    expect((await promote(several, actingAs('U0DEE2'), { app, release, deadlineSeconds: null, confirmed: [] })).warnings).toMatchObject([{ kind: 'passes_lock', owner: 'U0DEE' }])
    expect(await codeOf(unlockTheApp(several, actingAs('U0DEE2'), { app }))).toBe('done')
  })

  it('starts in the order of the queue, those that are held not in the way; forced first', async () => {
    const { app, release } = await newApp()
    await lockTheApp(rack, dee, { app, reason: 'order', seconds: null })
    const held = await ask(ana, app, release, { queue: true })
    const held2 = await ask(cy, app, await releaseOf(rack, app), { queue: true })
    expect(await claimed()).not.toContain(held)
    const own = await ask(dee, app, await releaseOf(rack, app))
    const view = await promotionView(rack, await record(held2))
    expect([view.queue, view.waits]).toMatchObject([{ position: 2, of: 3 }, [{ kind: 'lock', owner: 'U0DEE' }]])
    expect((await promotionView(rack, await record(own))).queue).toBeNull()
    expect(await claimed()).toContain(own)
    expect(await beginNow(database.db, held)).toBe(false)
    expect(await beginNow(database.db, own)).toBe(true)
    const forced = await ask(dee, app, await releaseOf(rack, app), { force: true })
    expect((await record(own)).cancelBy).toBe('U0DEE')
    await end(own)
    await unlockTheApp(rack, dee, { app })
    expect((await record(held)).held).toBe(false)
    expect(await beginNow(database.db, held)).toBe(false)
    expect(await beginNow(database.db, forced)).toBe(true)
    await end(forced)
    expect(await beginNow(database.db, held2)).toBe(false)
    expect(await beginNow(database.db, held)).toBe(true)
    await end(held)
    expect(await beginNow(database.db, held2)).toBe(true)
    await end(held2)
  })

  it('tells each card of its place when it changes, and only then', async () => {
    const { app, release } = await newApp()
    const first = await ask(ana, app, release)
    await beginNow(database.db, first)
    const [second2, third] = [await ask(cy, app, await releaseOf(rack, app), { queue: true }), await ask(dee, app, await releaseOf(rack, app), { queue: true })]
    expect((await promotionView(rack, await record(third))).queue).toMatchObject({ position: 2, of: 2, behindRequester: 'U0ANA' })
    const { rev } = await record(third)
    await keepQueue(rack, app)
    expect((await record(third)).rev).toBe(rev)
    await cancel(rack, cy, { promotion: second2 })
    await keepQueues(rack)
    expect((await promotionView(rack, await record(third))).queue).toMatchObject({ position: 1, of: 1 })
    expect((await record(third)).rev).toBe(rev + 1)
    // Two replicas that see the same write it once.
    await end(first)
    await Promise.all([keepQueue(rack, app), keepQueue(other, app)])
    expect((await record(third)).rev).toBe(rev + 2)
    expect((await promotionView(rack, await record(third))).queue).toBeNull()
    await cancel(rack, dee, { promotion: third })
  })

  it('says once in the thread what it waits for', async () => {
    const { app, release } = await newApp()
    await lockTheApp(rack, dee, { app, reason: 'x', seconds: null })
    const id = await ask(ana, app, release, { queue: true })
    await Promise.all([keepQueue(rack, app), keepQueue(other, app)])
    await addFreeze(rack, bo, { app, ...always, reason: 'sale' })
    await unlockTheApp(rack, dee, { app })
    await lockTheApp(rack, dee, { app, reason: 'again', seconds: null })
    const lines = await database.db.query.outbox.findMany({ where: (row, { eq }) => eq(row.promotionId, id), orderBy: (row, { asc }) => asc(row.seq) })
    expect(lines.map(({ fact }) => fact)).toMatchObject([{ kind: 'asked' }, { kind: 'waits', lock: 'U0DEE' }, { kind: 'waits', freeze: 'sale' }, { kind: 'waits', lock: 'U0DEE' }])
    await cancel(rack, ana, { promotion: id })
  })

  it.each(['when it was asked for', 'while it waited'] as const)('an override %s passes the freezes that there were, and none that was added after it', async (when) => {
    const { app, release } = await newApp()
    const mine = async (id: string): Promise<unknown> => (await promotionView(rack, await record(id))).waits
    // Of a replica whose clock is behind, the freeze was there before the override all the same.
    const behind = { ...other, clock: () => new Date(Date.now() - 60_000) }
    await addFreeze(rack, bo, { app, ...always, reason: 'sale' })
    const id = await ask(when === 'while it waited' ? ana : bo, app, release, when === 'while it waited' ? { queue: true } : { override: true })
    if (when === 'while it waited') await overrideFreeze(behind, bo, { promotion: id })
    expect([await mine(id), (await record(id)).held]).toEqual([[], false])
    await addFreeze(behind, bo, { app, ...always, reason: 'incident' })
    expect([await mine(id), (await record(id)).held]).toMatchObject([[{ kind: 'freeze', reason: 'incident' }], true])
    expect(await beginNow(database.db, id)).toBe(false)
    await overrideFreeze(behind, bo, { promotion: id })
    expect(await beginNow(database.db, id)).toBe(true)
    // Nobody voted: nobody is said to have approved it.
    await expect(overrideFreeze(rack, bo, { promotion: id })).rejects.toMatchObject({ refusal: { code: 'already_decided', by: null, status: 'rolling_out' } })
    await end(id)
  })

  /** What each of them changed is committed; then the first read fails. */
  it.each<[string, (broken: Books, app: string, release: string) => Promise<unknown>]>([
    ['lock', (broken, app) => lockTheApp(broken, ana, { app, reason: 'x', seconds: null })],
    ['freeze', (broken, app) => addFreeze(broken, bo, { app, ...always, reason: 'sale' })],
    ['promotion', (broken, app, release) => promote(broken, ana, { app, release, deadlineSeconds: null, confirmed: [] })],
    ['rollback', (broken, app, release) => rollback(broken, ana, { app, release })],
  ])('a %s that is done is not said to have failed because the queue could not be looked at', async (_, change) => {
    const { app, release } = await newApp()
    const logged: string[] = []
    let fails = false
    const db = new Proxy(database.db, {
      get: (target, key): unknown => {
        if (key === 'transaction') {
          return async (work: Parameters<Db['transaction']>[0]): Promise<unknown> => {
            const done = await target.transaction(work)
            fails = logged.length === 0
            return done
          }
        }
        if (String(key).startsWith('select') && fails) {
          fails = false
          throw new Error('the connection is gone')
        }
        return Reflect.get(target, key)
      },
    })
    await change({ ...rack, db, log: pino({}, { write: (line: string) => { logged.push(line) } }) }, app, release)
    expect(logged.map((line): unknown => JSON.parse(line))).toMatchObject([{ err: { message: 'the connection is gone' } }])
    const promotions = await database.db.query.promotions.findMany({ where: (row, { eq }) => eq(row.app, app) })
    const written = [await findLock(database.db, 'prod', app), ...(await database.db.query.freezes.findMany({ where: (row, { eq }) => eq(row.app, app) })), ...promotions]
    expect(written.filter((row) => row !== undefined)).toHaveLength(1)
    for (const { id } of promotions) await cancel(rack, ana, { promotion: id })
  })

  it('refuses what may not begin, and what was refused left nothing behind', async () => {
    const { app, release } = await newApp()
    const freeze = await addFreeze(rack, bo, { app, ...always, reason: 'sale' })
    expect(await codeOf(ask(ana, app, release))).toBe('frozen')
    expect(await codeOf(ask(ana, app, release, { force: true }))).toBe('frozen')
    expect(await codeOf(rollback(rack, ana, { app, release }))).toBe('frozen')
    await lockTheApp(rack, dee, { app, reason: 'x', seconds: null })
    expect(await codeOf(ask(ana, app, release))).toBe('locked')
    expect(await codeOf(ask(dee, app, release))).toBe('frozen')
    expect(await database.db.query.promotions.findMany({ where: (row, { eq }) => eq(row.app, app) })).toEqual([])
    expect(await database.db.query.releases.findMany({ where: (row, { eq }) => eq(row.app, app) })).toHaveLength(1)
    expect(await codeOf(dropFreeze(rack, ana, { freeze: freeze.id }))).toBe('forbidden')
    await dropFreeze(rack, bo, { freeze: freeze.id })
    expect(await codeOf(ask(dee, app, release))).toBe('done')
  })

  it('a queued one that was approved waits for the lock that was set meanwhile', async () => {
    const { app, release } = await newApp()
    await setAppParams(rack, bo, { app, params: [['approvals', '1']] })
    const id = await ask(ana, app, release)
    const { rev } = await record(id)
    await lockTheApp(rack, cy, { app, reason: 'x', seconds: null })
    // Whoever decides sees what an approval would not open yet.
    expect([(await record(id)).rev, (await record(id)).held]).toEqual([rev + 1, false])
    expect((await promotionView(rack, await record(id))).waits).toMatchObject([{ kind: 'lock', owner: 'U0CY' }])
    await keepQueues(rack)
    expect((await record(id)).rev).toBe(rev + 1)
    const view = await approve(rack, dee, { promotion: id, rev: null })
    expect([view.status, view.waits]).toMatchObject(['queued', [{ kind: 'lock', owner: 'U0CY' }]])
    expect(await beginNow(database.db, id)).toBe(false)
    await keepQueue(rack, app)
    expect(await claimed()).not.toContain(id)
    await unlockTheApp(rack, cy, { app })
    expect(await claimed()).toContain(id)
  })
})
