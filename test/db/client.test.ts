import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq, inArray, sql } from 'drizzle-orm'
import postgres from 'postgres'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { NewerSchemaError, openEmbedded, openPostgres } from '../../src/db/client.ts'
import { DirectoryInUseError } from '../../src/db/directory-lock.ts'
import { installation, lanes } from '../../src/db/schema.ts'
import { freshDatabase } from '../support/database.ts'
import { openMuteGate } from '../support/mute-gate.ts'

const holders = sql`select pid from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())`
const pids = z.array(z.object({ pid: z.number() }))
const holdersIn = (rows: unknown): number[] => pids.parse(Array.isArray(rows) ? [...rows] : rows).map(({ pid }) => pid)

describe('opening a database', () => {
  it('gives one holder per instance id, freed when it closes', async () => {
    const fresh = await freshDatabase()
    const [first, second] = await Promise.all([fresh.open(), fresh.open()])
    expect(await first.holdInstance('a')).toBe(true)
    expect(await second.holdInstance('a')).toBe(false)
    expect(await second.holdInstance('b')).toBe(true)
    await first.close()
    await expect.poll(() => second.holdInstance('a'), { timeout: 20_000 }).toBe(true)
    await second.close()
    await fresh.drop()
  })

  it('replaces connections that have fallen silent for good, and holds its instance again', async () => {
    const fresh = await freshDatabase()
    const url = new URL(fresh.url)
    const gate = await openMuteGate(Number(url.port))
    url.port = String(gate.port)
    const database = await openPostgres(url.toString(), { max: 2, silence: 2_000 })
    expect(await database.holdInstance('a')).toBe(true)
    await database.db.insert(installation).values({ id: 'before', schemaMajor: 1 })
    gate.mute()
    // Under way on a connection that never answers: its sender hears that it is lost and can ask again.
    await expect(database.db.select({ id: installation.id }).from(installation)).rejects.toThrow()
    expect(await database.db.select({ id: installation.id }).from(installation)).toEqual([{ id: 'before' }])
    expect(await database.db.transaction((tx) => tx.select({ id: installation.id }).from(installation))).toEqual([{ id: 'before' }])
    const twin = await fresh.open()
    const [before] = holdersIn(await twin.db.execute(holders))
    gate.forget()
    await expect.poll(async () => holdersIn(await twin.db.execute(holders)).filter((pid) => pid !== before).length, { timeout: 10_000 }).toBe(1)
    expect(await twin.holdInstance('a')).toBe(false)
    await twin.close()
    await database.close()
    await gate.close()
    await fresh.drop()
  })

  it('gives up a single connection that owes an answer for long, in a transaction or not, and no other', async () => {
    const fresh = await freshDatabase()
    const database = await openPostgres(fresh.url, { silence: 500 })
    expect(await database.holdInstance('a')).toBe(true)
    const [before] = holdersIn(await database.db.execute(holders))
    const never = sql`select pg_sleep(3600)`
    const asked = [database.db.execute(never), database.db.transaction((tx) => tx.execute(never))]
    for (const one of asked) await expect(one).rejects.toThrow()
    expect(await database.db.transaction((tx) => tx.select({ id: installation.id }).from(installation))).toEqual([])
    expect(holdersIn(await database.db.execute(holders))).toEqual([before])
    await database.close()
    await fresh.drop()
  })

  it('holds its instance again after its session was cut', async () => {
    const fresh = await freshDatabase()
    const [database, twin] = [await openPostgres(fresh.url, { silence: 1_000 }), await fresh.open()]
    expect(await database.holdInstance('a')).toBe(true)
    const [before] = holdersIn(await twin.db.execute(holders))
    await twin.db.execute(sql`select pg_terminate_backend(${before}::int)`)
    await expect.poll(async () => holdersIn(await twin.db.execute(holders)).filter((pid) => pid !== before).length, { timeout: 10_000 }).toBe(1)
    expect(await twin.holdInstance('a')).toBe(false)
    await twin.close()
    await database.close()
    await fresh.drop()
  })

  it.each(['between two statements', 'during a statement'])('undoes a transaction whose connection is cut %s, and goes on', async (when) => {
    const fresh = await freshDatabase()
    const [database, twin] = [await openPostgres(fresh.url, { max: 1 }), await fresh.open()]
    const ids = () => database.db.select({ id: installation.id }).from(installation)
    const cut = () => twin.db.execute(sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like '%into "installation"%' and pid <> pg_backend_pid()`)
    let other: Promise<unknown> = Promise.resolve()
    await expect(database.db.transaction(async (tx) => {
      await tx.insert(installation).values({ id: 'half', schemaMajor: 1 })
      if (when === 'during a statement') {
        // Begun at once, heard later.
        const slow = Promise.allSettled([tx.execute(sql`select pg_sleep(20) /* into "installation" */`).then(() => 'slept')])
        await expect.poll(async () => JSON.stringify(await twin.db.execute(sql`select query from pg_stat_activity`)).includes('pg_sleep(20) /*')).toBe(true)
        await cut()
        expect(await slow).toMatchObject([{ status: 'rejected' }])
      }
      await cut()
      // Somebody else's question, which may get the connection that comes next.
      other = ids()
      await new Promise((resolve) => setTimeout(resolve, 200))
      await tx.update(installation).set({ id: 'whole' })
    })).rejects.toThrow()
    expect(await other).toEqual([])
    for (let time = 0; time < 3; time += 1) expect(await database.db.transaction((tx) => tx.select({ id: installation.id }).from(installation))).toEqual([])
    await database.db.insert(installation).values({ id: 'next', schemaMajor: 1 })
    expect(await ids()).toEqual([{ id: 'next' }])
    await twin.close()
    await database.close()
    await fresh.drop()
  })

  it('answers everybody else while a statement waits for a lock', async () => {
    const fresh = await freshDatabase()
    const [database, other] = [await openPostgres(fresh.url), await fresh.open()]
    await database.db.insert(installation).values({ id: 'kept', schemaMajor: 1 })
    let free: () => void = () => undefined
    const freed = new Promise<void>((resolve) => (free = resolve))
    let locked: () => void = () => undefined
    const locking = new Promise<void>((resolve) => (locked = resolve))
    const holding = other.db.transaction(async (tx) => {
      await tx.update(installation).set({ id: 'held' })
      locked()
      await freed
    })
    await locking
    const waits = database.db.update(installation).set({ id: 'late' }).then(() => 'late')
    for (let time = 0; time < 6; time += 1) expect(await database.db.select({ id: installation.id }).from(installation)).toEqual([{ id: 'kept' }])
    free()
    await holding
    expect(await waits).toBe('late')
    await database.close()
    await other.close()
    await fresh.drop()
  })

  it('prepares a statement once on each connection, in a transaction and alone, and goes on when a migration changed its table', async () => {
    const fresh = await freshDatabase()
    const database = await openPostgres(fresh.url, { max: 2 })
    const kept = sql`select count(*)::int as pid from pg_prepared_statements where statement like ${'%"schema_major" = $1%'}`
    const find = (db: typeof database.db) => db.select().from(installation).where(eq(installation.schemaMajor, 7))
    await database.db.insert(installation).values({ id: 'here', schemaMajor: 7 })
    for (let times = 0; times < 3; times += 1) expect(await find(database.db)).toHaveLength(1)
    expect(holdersIn(await database.db.execute(kept))).toEqual([1])
    await database.db.transaction(async (tx) => {
      for (let times = 0; times < 3; times += 1) expect(await find(tx)).toHaveLength(1)
      expect(holdersIn(await tx.execute(kept))).toEqual([1])
    })
    const lists = sql`select count(*)::int as pid from pg_prepared_statements where statement like '%"schema_major" in (%' or statement like '%), (%'`
    expect(await database.db.select().from(installation).where(inArray(installation.schemaMajor, [7, 8]))).toHaveLength(1)
    expect(await database.db.insert(lanes).values([{ name: 'one', state: 1 }, { name: 'other', state: 2 }]).returning()).toHaveLength(2)
    expect(holdersIn(await database.db.execute(lists))).toEqual([0])
    const newer = postgres(fresh.url, { max: 1, onnotice: () => {} })
    await newer`alter table installation add column later int default 5`
    await newer`alter table installation alter column schema_major type bigint`
    await newer.end()
    expect((await find(database.db)).map(({ id }) => id)).toEqual(['here'])
    await database.close()
    await fresh.drop()
  })

  it('takes its locks from a process that fell asleep in the middle of a transaction', async () => {
    const fresh = await freshDatabase()
    const [sleeper, awake] = [await openPostgres(fresh.url, { rest: 400 }), await fresh.open()]
    await awake.db.insert(installation).values({ id: 'kept', schemaMajor: 1 })
    let wake: () => void = () => undefined
    const asleep = new Promise<void>((resolve) => (wake = resolve))
    let locked: () => void = () => undefined
    const locking = new Promise<void>((resolve) => (locked = resolve))
    const lost = expect(sleeper.db.transaction(async (tx) => {
      await tx.update(installation).set({ id: 'half' })
      locked()
      await asleep
      await tx.update(installation).set({ id: 'whole' })
    })).rejects.toThrow()
    await locking
    await awake.db.update(installation).set({ id: 'taken' })
    wake()
    await lost
    expect(await sleeper.db.select({ id: installation.id }).from(installation)).toEqual([{ id: 'taken' }])
    await sleeper.close()
    await awake.close()
    await fresh.drop()
  })

  it('takes its locks also from one that fell asleep in the middle of a statement: its types were asked for, and the rest never came', async () => {
    const fresh = await freshDatabase()
    const url = new URL(fresh.url)
    const gate = await openMuteGate(Number(url.port))
    url.port = String(gate.port)
    const [sleeper, awake] = [await openPostgres(url.href), await openPostgres(fresh.url, { rest: 400, silence: 1_500 })]
    await awake.db.insert(installation).values({ id: 'kept', schemaMajor: 1 })
    gate.muteAfter('fell_asleep')
    let locked: () => void = () => undefined
    const locking = new Promise<void>((resolve) => (locked = resolve))
    const lost = expect(sleeper.db.transaction(async (tx) => {
      await tx.update(installation).set({ id: 'half' })
      locked()
      await tx.execute(sql`select ${'x'}::text as fell_asleep`)
    })).rejects.toThrow()
    await locking
    await awake.db.update(installation).set({ id: 'taken' })
    gate.forget()
    await lost
    expect(await awake.db.select({ id: installation.id }).from(installation)).toEqual([{ id: 'taken' }])
    await sleeper.close()
    await awake.close()
    await gate.close()
    await fresh.drop()
  })

  it('refuses a database that a newer version has written', async () => {
    const fresh = await freshDatabase()
    const database = await fresh.open()
    await database.db.insert(installation).values({ id: 'x', schemaMajor: 99 })
    await database.close()
    await expect(fresh.open()).rejects.toThrow(NewerSchemaError)
    await fresh.drop()
  })

  it('migrates once when several processes open an empty database at the same time', async () => {
    const fresh = await freshDatabase()
    const admin = postgres(fresh.url, { max: 1, onnotice: () => {} })
    await admin.unsafe('drop schema public cascade; create schema public; drop schema drizzle cascade')
    await admin.end()
    const opened = await Promise.all([1, 2, 3, 4].map(() => openPostgres(fresh.url, { max: 1 })))
    for (const database of opened) await database.close()
    await fresh.drop()
  })

  it('keeps the embedded database to one process', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'slipway-db-'))
    const database = await openEmbedded(directory)
    await expect(openEmbedded(directory)).rejects.toThrow(DirectoryInUseError)
    await database.db.insert(installation).values({ id: 'kept', schemaMajor: 1 })
    await database.close()
    const again = await openEmbedded(directory)
    expect(await again.db.select({ id: installation.id }).from(installation).where(eq(installation.one, sql`1`))).toEqual([{ id: 'kept' }])
    await again.close()
    await rm(directory, { recursive: true })
  }, 120_000)
})
