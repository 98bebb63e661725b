import { beforeAll, describe, expect, it } from 'vitest'
import { insertApp } from '../../src/db/apps.ts'
import type { Db } from '../../src/db/client.ts'
import { insertConversation } from '../../src/db/conversations.ts'
import { activeRelease, addFacts, factsOf, findPromotion, insertPromotion, setGoodRelease } from '../../src/db/promotions.ts'
import { insertRelease } from '../../src/db/releases.ts'
import { requestCancel } from '../../src/rack/cancel.ts'
import { createDeliveryStore } from '../../src/rack/deliver.ts'
import { newId } from '../../src/rack/ids.ts'
import { lineFact } from '../../src/rack/say.ts'
import { askedNow, holdLease, leaseSeconds } from '../../src/rack/rollout/lease.ts'
import { plainPolicy } from '../../src/rack/roles.ts'
import { createWake } from '../../src/rack/wake.ts'
import { databaseHere } from '../support/database.ts'

const rack = 'convox'

/** `select` of a database that goes away for the calls whose number (from 1) is in `failing`. */
const sometimesAway = (db: Db, failing: ReadonlySet<number>): Db => {
  let calls = 0
  return new Proxy(db, {
    get: (target, property, receiver) => {
      if (property === 'select') {
        calls += 1
        if (failing.has(calls)) throw new Error('the connection was lost')
      }
      return Reflect.get(target, property, receiver)
    },
  })
}

describe('what outlives a database that goes away and a clock that jumps', () => {
  const database = databaseHere()
  let db: Db

  beforeAll(() => {
    db = database.db
  })

  const release = async (app: string): Promise<string> => {
    const id = newId('R')
    await insertRelease(db, { id, rack, app, buildId: null, env: 'x', description: 'x', origin: 'build', createdBy: 'U1' })
    return id
  }
  const promotion = async (app: string, releaseId: string, more: object = {}): Promise<string> => {
    const id = newId('P')
    await insertPromotion(db, {
      id, rack, app, kind: 'promote', status: 'awaiting_approval', releaseId, requester: 'U1', approvalsNeeded: 1, approvers: [],
      digest: 'd', digestKeyId: 'a', digestParts: {}, deadlineSeconds: 600, stabilitySeconds: 30, change: {}, warnings: [], ...more,
    })
    return id
  }
  const newApp = (name: string): Promise<unknown> => insertApp(db, { rack, name, namespace: `convox-${name}`, createdBy: 'U1' })

  it('hands every conversation out again after the database went away in the middle of handing them out', async () => {
    await newApp('held')
    const ids = [await promotion('held', await release('held')), await promotion('held', await release('held'))]
    for (const id of ids) await insertConversation(db, id, 'C1')
    // The first select of each conversation is its promotion, the second its rows: the second conversation's promotion does not come.
    const store = createDeliveryStore({
      name: rack, severalRacks: false, instance: 'one', db: sometimesAway(db, new Set([3])), clock: () => new Date(), wakeDelivery: createWake(), roles: plainPolicy([], []),
    })
    await expect(store.claim(50, 'all')).rejects.toThrow('the connection was lost')
    expect((await store.claim(50, 'all')).map((conversation) => conversation.promotion).sort()).toEqual([...ids].sort())
  })

  it('takes a thread line with a NUL in it, as a probe may print one', async () => {
    await newApp('nul')
    const id = await promotion('nul', await release('nul'))
    await addFacts(db, id, [lineFact({ kind: 'event', at: new Date(0).toISOString(), object: 'web-1', text: 'Liveness probe failed: \0\0ready', count: 1 })])
    expect(JSON.stringify(await factsOf(db, id))).toContain('Liveness probe failed: ��ready')
  })

  it('knows the active release by what succeeded last, not by the clock of who wrote it', async () => {
    await newApp('clocks')
    const [first, second] = [await release('clocks'), await release('clocks')]
    // The second success was written by a replica whose clock is an hour behind.
    for (const [releaseId, at] of [[first, '2026-01-01T12:00:00Z'], [second, '2026-01-01T11:00:00Z']] as const) {
      const id = await promotion('clocks', releaseId, { status: 'succeeded', startedAt: new Date(at), finishedAt: new Date(at) })
      await setGoodRelease(db, { rack, app: 'clocks', releaseId, promotionId: id, verifiedAt: new Date(at) })
    }
    expect(await activeRelease(db, rack, 'clocks')).toBe(second)
  })

  it.each([['stability', true], ['prune', false]] as const)('takes a cancel at %s: %s', async (step, taken) => {
    await newApp(`cancel-${step}`)
    const id = await promotion(`cancel-${step}`, await release(`cancel-${step}`), { status: 'rolling_out', startedAt: new Date(), step })
    const record = await findPromotion(db, id)
    if (record === undefined) throw new Error('no promotion')
    const asked = requestCancel({ clock: () => new Date() }, db, { actor: { id: 'U1', name: 'ana', role: 'admin' } }, record)
    if (taken) expect(await asked).toMatchObject({ cancelBy: 'U1' })
    else await expect(asked).rejects.toMatchObject({ refusal: { code: 'not_updating' } })
  })

  it('counts a lease from when it was asked for, on both clocks', () => {
    const now = askedNow()
    const late = leaseSeconds * 1000 + 1
    const leases = [{ ...now, monotonic: now.monotonic - late }, { ...now, wall: now.wall - late }, now].map((asked) => holdLease(db, 'PAAAAAAAAAA', 1, asked))
    const left = leases.map((lease) => lease.remaining())
    for (const lease of leases) lease.stop()
    expect(left.map((ms) => ms > 0)).toEqual([false, false, true])
  })
})
