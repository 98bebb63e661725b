import { eq, sql } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { storedKeyIds } from '../../src/db/installation.ts'
import { findPromotion, movePromotion, setGoodRelease, votesOf, type PromotionRecord } from '../../src/db/promotions.ts'
import { findReleaseAnywhere } from '../../src/db/releases.ts'
import { promotions } from '../../src/db/schema.ts'
import { setAppParams } from '../../src/rack/app-params.ts'
import { approve, isStillApproved, renewIfChanged } from '../../src/rack/approve.ts'
import type { Books } from '../../src/rack/context.ts'
import { createInbox } from '../../src/rack/inbox.ts'
import { promote } from '../../src/rack/promote.ts'
import { reencrypt, reencryptedWords, type Reencrypted } from '../../src/rack/reencrypt.ts'
import { openEnv } from '../../src/rack/release-env.ts'
import { createSealer } from '../../src/rack/seal.ts'
import { actingAs, appWithRelease, booksOn, releaseOf } from '../support/books.ts'
import { databaseHere } from '../support/database.ts'

const [ana, bo, cy] = [actingAs('U0ANA', 'admin'), actingAs('U0BO'), actingAs('U0CY')]
const [a, b] = [{ id: 'a', bytes: Buffer.alloc(32, 1) }, { id: 'b', bytes: Buffer.alloc(32, 2) }]
const fails = (): never => expect.fail('every delivery of these tests can be opened')

describe('after another key was put first and everything was sealed anew, without the old key', () => {
  const database = databaseHere()
  let before: Books
  /** Both keys, the new one first. */
  let both: Books
  let after: Books

  beforeEach(async () => {
    await database.db.execute(sql`truncate apps, builds, releases, promotions, deliveries, questions cascade`)
    before = booksOn(database.db, 'prod', { roles: new Map([['U0ANA', 'admin'], ['U0BO', 'approver'], ['U0CY', 'approver']]), groups: new Map() })
    both = { ...before, sealer: createSealer([b, a]) }
    after = { ...before, sealer: createSealer([b]) }
  })

  const rotate = (): Promise<Reencrypted> => reencrypt(database.db, both.sealer, both.roles)
  const record = async (id: string): Promise<PromotionRecord> => {
    const found = await findPromotion(database.db, id)
    if (found === undefined) throw new Error('no promotion')
    return found
  }
  const voters = async (id: string): Promise<string[]> => (await votesOf(database.db, id, (await record(id)).digest)).map(({ person }) => person)
  const vote = (rack: Books, who: typeof bo, promotion: string) => approve(rack, who, { promotion, rev: null })
  /** Ana's request for an app's release that needs so many approvals. */
  const ask = async (approvals: string): Promise<{ readonly id: string; readonly app: string; readonly release: string }> => {
    const { app, release } = await appWithRelease(before)
    await setAppParams(before, ana, { app, params: [['approvals', approvals], ['stability', '1s']] })
    const { id } = await promote(before, ana, { app, release, deadlineSeconds: null, confirmed: [] })
    return { id, app, release }
  }
  /** As if another release of the app had been proven meanwhile. */
  const activate = async (app: string, promotionId: string): Promise<string> => {
    const releaseId = await releaseOf(both, app)
    await setGoodRelease(database.db, { rack: 'prod', app, releaseId, promotionId, verifiedAt: new Date() })
    return releaseId
  }

  it('envs can be read, and a vote on an unchanged request and the override of a freeze for it still count', async () => {
    const { id, app } = await ask('2')
    const release = await releaseOf(before, app, { A: 'value-of-a' })
    await vote(before, bo, id)
    const asked = await record(id)
    await database.db.update(promotions).set({ overrideBy: 'U0ANA', overrideAt: new Date(), overrideDigest: asked.digest }).where(eq(promotions.id, id))
    expect(await rotate()).toEqual({ releases: 2, digests: 1, waiting: 0, needed: [] })
    const sealed = await findReleaseAnywhere(database.db, release)
    expect(sealed === undefined ? null : openEnv(after.sealer, sealed)).toEqual({ A: 'value-of-a' })
    const kept = await record(id)
    expect([kept.digestKeyId, kept.digest === asked.digest, kept.overrideDigest]).toEqual(['b', false, kept.digest])
    expect(await voters(id)).toEqual(['U0BO'])
    expect((await vote(after, cy, id)).status).toBe('queued')
    expect(await rotate()).toEqual({ releases: 0, digests: 0, waiting: 0, needed: [] })
  })

  it('a request that had changed is asked anew by the next vote, which says what has changed', async () => {
    const { id, app } = await ask('2')
    await vote(before, bo, id)
    const active = await activate(app, id)
    expect((await rotate()).needed).toEqual([])
    await expect(vote(after, cy, id)).rejects.toMatchObject({ refusal: { code: 'changed_since', part: 'active', value: active } })
    expect(await voters(id)).toEqual([])
    await vote(after, bo, id)
    expect((await vote(after, cy, id)).status).toBe('queued')
  })

  it('the params of an app with a changed request can be changed', async () => {
    const { id, app } = await ask('1')
    await activate(app, id)
    await rotate()
    await setAppParams(after, ana, { app, params: [['approvals', '2']] })
    expect(await record(id)).toMatchObject({ status: 'awaiting_approval', approvalsNeeded: 2 })
  })

  it('what was approved and waits for its turn does not begin as something else, and asks anew', async () => {
    const { id, app } = await ask('1')
    await vote(before, bo, id)
    const active = await activate(app, id)
    await rotate()
    expect(await isStillApproved(after, database.db, await record(id))).toBe(false)
    expect(await database.db.transaction(async (tx) => renewIfChanged(after, tx, await record(id)))).toEqual({ part: 'active', value: active })
    expect((await vote(after, bo, id)).status).toBe('queued')
  })

  it('what asks anew beside it needs the first key alone', async () => {
    const { id, app } = await ask('1')
    await activate(app, id)
    await expect(vote(both, bo, id)).rejects.toMatchObject({ refusal: { code: 'changed_since' } })
    expect((await record(id)).digestKeyId).toBe('b')
    expect(await rotate()).toMatchObject({ digests: 0, needed: [] })
    expect((await vote(after, bo, id)).status).toBe('queued')
  })

  it('what was typed is done, and the command behind a button is known', async () => {
    const inbox = createInbox(database.db, before.sealer, before.clock, fails)
    await inbox.accept({ id: 'e1', payload: 'env set A=1' })
    await inbox.accept({ id: 'e2', payload: 'done' })
    await inbox.handled('e2')
    const question = await inbox.keepQuestion('releases -a shop')
    expect(await rotate()).toEqual({ releases: 0, digests: 0, waiting: 2, needed: [] })
    const alone = createInbox(database.db, after.sealer, after.clock, fails)
    expect((await alone.takeOver(0)).map(({ id, payload }) => [id, payload])).toEqual([['e1', 'env set A=1']])
    expect(await alone.readQuestion(question)).toBe('releases -a shop')
  })
})

describe('the keys that are still needed', () => {
  const database = databaseHere()

  it('are those of open requests too, until they have ended or expired', async () => {
    const rack = booksOn(database.db, 'prod', { roles: new Map([['U0ANA', 'admin']]), groups: new Map() })
    const { app, release } = await appWithRelease(rack)
    const { id } = await promote(rack, ana, { app, release, deadlineSeconds: null, confirmed: [] })
    await database.db.update(promotions).set({ digestKeyId: 'old' }).where(eq(promotions.id, id))
    expect((await storedKeyIds(database.db)).toSorted()).toEqual(['a', 'old'])
    await movePromotion(database.db, id, { from: ['awaiting_approval'], set: { expiresAt: new Date(Date.now() - 1000) } })
    expect(await storedKeyIds(database.db)).toEqual(['a'])
    await movePromotion(database.db, id, { from: ['awaiting_approval'], set: { status: 'queued', expiresAt: null } })
    expect((await storedKeyIds(database.db)).toSorted()).toEqual(['a', 'old'])
    await movePromotion(database.db, id, { from: ['queued'], set: { status: 'rejected', finishedAt: new Date() } })
    expect(await storedKeyIds(database.db)).toEqual(['a'])
  })

  it.each<[readonly string[], string]>([
    [[], 'The others can be removed as soon as every replica has it first.'],
    [['a'], 'Still needed: "a", because a replica still seals with another key first. Restart it with this SECRET_KEY and run this once more.'],
    [['a', 'c'], 'Still needed: "a" and "c", because a replica still seals with another key first. Restart it with this SECRET_KEY and run this once more.'],
  ])('are named: %j', (needed, end) => {
    expect(reencryptedWords({ releases: 3, digests: 2, waiting: 1, needed })).toBe(`Sealed with the first key of SECRET_KEY: releases 3, pending digests 2, waiting commands 1. ${end}`)
  })
})
