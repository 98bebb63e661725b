import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/db/client.ts'
import { createInbox } from '../../src/rack/inbox.ts'
import type { Inbox } from '../../src/rack/operations.ts'
import { createSealer } from '../../src/rack/seal.ts'
import { freshDatabase } from '../support/database.ts'

describe('the inbox in the database', () => {
  let databases: Database[]
  let inboxes: Inbox[]
  let drop: () => Promise<void>
  const first = (): Inbox => inboxes[0] ?? createInbox(databases[0]?.db ?? expect.fail(), createSealer([key]), () => new Date(), unreadable)
  const given: string[] = []
  const unreadable = (id: string) => void given.push(id)
  const key = { id: 'k1', bytes: randomBytes(32) }
  const clear = () => databases[0]?.db.execute(sql`delete from deliveries`)
  const older = (seconds: number) => databases[0]?.db.execute(sql`update deliveries set received_at = received_at - ${`${seconds} seconds`}::interval, taken_at = taken_at - ${`${seconds} seconds`}::interval`)

  beforeAll(async () => {
    const fresh = await freshDatabase()
    drop = fresh.drop
    databases = [await fresh.open(), await fresh.open()]
    inboxes = databases.map(({ db }) => createInbox(db, createSealer([key]), () => new Date(), unreadable))
  })
  afterAll(async () => {
    await Promise.all(databases.map((database) => database.close()))
    await drop()
  })

  it('takes a delivery once, whichever replica it comes to', async () => {
    const taken = await Promise.all([...inboxes, ...inboxes].map((inbox) => inbox.accept({ id: 'trigger:1', payload: '{}' })))
    expect(taken.filter(Boolean)).toHaveLength(1)
    await clear()
  })

  it('takes one of two clicks that come to two replicas at the same moment, under different ids', async () => {
    for (let round = 0; round < 10; round += 1) {
      const taken = await Promise.all(inboxes.map((inbox, index) => inbox.accept({ id: `trigger:${round}-${index}`, payload: '{}', click: `click:${round}` })))
      expect(taken.filter(Boolean)).toHaveLength(1)
    }
    await clear()
  })

  it('takes the next click a second later, and the same delivery of it not again', async () => {
    expect(await first().accept({ id: 'trigger:1', payload: '{}', click: 'click:1' })).toBe(true)
    expect(await first().accept({ id: 'trigger:2', payload: '{}', click: 'click:1' })).toBe(false)
    await older(1.1)
    expect(await first().accept({ id: 'trigger:1', payload: '{}', click: 'click:1' })).toBe(false)
    await older(1.1)
    expect(await first().accept({ id: 'trigger:2', payload: '{}', click: 'click:1' })).toBe(true)
    await clear()
  })

  it('takes the next click also when the clock of the database was set back since the last one', async () => {
    expect(await first().accept({ id: 'trigger:1', payload: '{}', click: 'click:1' })).toBe(true)
    await older(-600)
    expect(await first().accept({ id: 'trigger:2', payload: '{}', click: 'click:1' })).toBe(true)
    await clear()
  })

  it('seals what it keeps, and forgets it once it is handled', async () => {
    const stored = async () => JSON.stringify(await databases[0]?.db.execute(sql`select payload from deliveries`))
    await first().accept({ id: 'trigger:1', payload: 'TOKEN=hunter2hunter2' })
    expect(await stored()).not.toContain('hunter2')
    expect(await first().takeOver(0)).toMatchObject([{ id: 'trigger:1', payload: 'TOKEN=hunter2hunter2' }])
    await first().handled('trigger:1')
    expect(await stored()).toBe('[{"payload":""}]')
    expect(await first().takeOver(0)).toEqual([])
    await clear()
  })

  it('gives what is left over to one replica, and not while somebody is at it', async () => {
    for (const id of ['gone', 'busy']) await first().accept({ id, payload: '{}' })
    expect(await first().takeOver(30)).toEqual([])
    await older(31)
    await first().hold(['busy'])
    const found = (await Promise.all([...inboxes, ...inboxes].map((inbox) => inbox.takeOver(30)))).flat()
    expect(found.map((one) => one.id)).toEqual(['gone'])
    await clear()
  })

  it('takes over twice, never a third time: a delivery that ends its process may not end them all', async () => {
    await first().accept({ id: 'poison', payload: '{}' })
    const counts = []
    for (let round = 0; round < 4; round += 1) {
      await older(31)
      counts.push((await first().takeOver(30)).length)
    }
    expect(counts).toEqual([1, 1, 0, 0])
    await clear()
  })

  it('gives up a delivery that no key opens, and gives out those beside it', async () => {
    for (const id of ['one', 'spoilt', 'two']) await first().accept({ id, payload: id })
    await databases[0]?.db.execute(sql`update deliveries set payload = (select payload from deliveries where id = 'one') where id = 'spoilt'`)
    expect((await first().takeOver(0)).map(({ payload }) => payload)).toEqual(['one', 'two'])
    expect(given).toEqual(['spoilt'])
    expect((await first().takeOver(0)).map(({ id }) => id)).toEqual(['one', 'two'])
    expect(given).toEqual(['spoilt'])
    await clear()
  })

  it('leaves alone what is older than a quarter of an hour', async () => {
    await first().accept({ id: 'old', payload: '{}' })
    await older(15 * 60 + 1)
    expect(await first().takeOver(30)).toEqual([])
    await clear()
  })

  it('never does what was refused, kept before or after that', async () => {
    await first().accept({ id: 'before', payload: '{}' })
    await first().refused('before')
    await first().refused('after')
    expect(await first().accept({ id: 'after', payload: '{}' })).toBe(false)
    expect(await first().takeOver(0)).toEqual([])
    await clear()
  })

  it('never does what was refused while its own insert was on the way', async () => {
    const [one] = databases
    let commit = (): void => undefined
    const gate = new Promise<void>((resolve) => {
      commit = resolve
    })
    const inserting = one?.db.transaction(async (tx) => {
      await tx.execute(sql`insert into deliveries (id, payload) values ('late', '{}')`)
      await gate
    })
    await sleep(100)
    const refusing = first().refused('late')
    commit()
    await Promise.all([inserting, refusing])
    expect(await first().takeOver(0)).toEqual([])
    await clear()
  })
})
