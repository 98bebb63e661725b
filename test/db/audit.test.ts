import { randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { insertApp, removeApp } from '../../src/db/apps.ts'
import { pageOfAudit, writeAudit } from '../../src/db/audit.ts'
import { openEmbedded, openPostgres, type Database } from '../../src/db/client.ts'
import { databaseHere, freshDatabase } from '../support/database.ts'

const row = (action: string, app: string | null = 'shop') => ({ rack: 'prod', app, actor: 'U1', action, detail: {} })

const actionsOf = async ({ db }: Database, app: string | null = null): Promise<string[]> =>
  (await pageOfAudit(db, { rack: 'prod', app, since: null, by: null }, { limit: 50 })).rows.map(({ action }) => action)

/** Every statement that could change what is written; also those that match no row, and those that look like an insert. */
const changes: readonly (readonly [string, string])[] = [
  ['an update', `update audit set actor = 'U2'`],
  ['an update of no row', `update audit set actor = 'U2' where false`],
  ['a deletion', 'delete from audit'],
  ['a deletion of no row', 'delete from audit where false'],
  ['a truncation', 'truncate audit'],
  ['a truncation of everything it hangs on', 'truncate audit restart identity cascade'],
  ['an insert that turns into an update', `insert into audit (id, rack, actor, action, detail) overriding system value select id, rack, 'U2', action, detail from audit limit 1 on conflict (id) do update set actor = 'U2'`],
]

const refusesChanges = (open: () => Promise<{ database: Database; close: () => Promise<void> }>): void => {
  let database: Database
  let close: () => Promise<void>
  beforeAll(async () => {
    ({ database, close } = await open())
    await writeAudit(database.db, row('first'))
  })
  afterAll(() => close())

  it.each(changes)('refuses %s', async (_what, statement) => {
    await expect(database.db.execute(sql.raw(statement))).rejects.toMatchObject({ cause: { message: expect.stringContaining('append-only') } })
    expect(await actionsOf(database)).toContain('first')
  })

  it('refuses it in a session that plays a replica', async () => {
    const attempt = database.db.transaction(async (tx) => {
      await tx.execute(sql`set local session_replication_role = 'replica'`)
      await tx.execute(sql`delete from audit`)
    })
    await expect(attempt).rejects.toMatchObject({ cause: { message: expect.stringContaining('append-only') } })
  })

  it('keeps what was done to an app that is deleted', async () => {
    await insertApp(database.db, { rack: 'prod', name: 'gone', namespace: 'prod-gone', createdBy: 'U1' })
    await writeAudit(database.db, row('app.create', 'gone'))
    await database.db.transaction((tx) => removeApp(tx, 'prod', 'gone'))
    expect(await actionsOf(database, 'gone')).toEqual(['app.create'])
  })
}

describe('the audit on PostgreSQL', () => {
  refusesChanges(async () => {
    const fresh = await freshDatabase()
    const database = await fresh.open()
    return {
      database,
      close: async () => {
        await database.close()
        await fresh.drop()
      },
    }
  })
})

describe('the audit in the embedded database', () => {
  refusesChanges(async () => {
    const database = await openEmbedded(null)
    return { database, close: () => database.close() }
  })
})

describe('the audit of a bot with a role of its own', () => {
  const role = `slipway_bot_${randomBytes(6).toString('hex')}`
  let admin: postgres.Sql
  let database: Database
  beforeAll(async () => {
    const server = inject('postgresUrl')
    admin = postgres(server, { max: 1, onnotice: () => {} })
    await admin.unsafe(`create role ${role} login`)
    await admin.unsafe(`create database ${role} owner ${role}`)
    const url = new URL(server)
    url.username = role
    url.pathname = `/${role}`
    database = await openPostgres(url.toString(), { max: 2 })
  })
  afterAll(async () => {
    await database.close()
    await admin.unsafe(`drop database ${role} with (force)`)
    await admin.unsafe(`drop role ${role}`)
    await admin.end()
  })

  it.each([['update audit set actor = actor'], ['delete from audit'], ['truncate audit']])('has no right to %s, though it owns the table', async (statement) => {
    await writeAudit(database.db, row('first'))
    await expect(database.db.execute(sql.raw(statement))).rejects.toMatchObject({ cause: { code: '42501', message: 'permission denied for table audit' } })
  })
})

describe('pages of the audit', () => {
  const database = databaseHere()
  beforeAll(async () => {
    for (let index = 1; index <= 6; index += 1) await writeAudit(database.db, row(`step ${index}`, index % 2 === 0 ? 'mail' : 'shop'))
    await writeAudit(database.db, { ...row('elsewhere'), rack: 'other' })
  })

  it('are of one rack, newest first, and go on where the last one ended', async () => {
    const ask = { rack: 'prod', app: null, since: null, by: null }
    const first = await pageOfAudit(database.db, ask, { limit: 4 })
    expect(first.rows.map(({ action }) => action)).toEqual(['step 6', 'step 5', 'step 4', 'step 3'])
    await writeAudit(database.db, row('meanwhile'))
    const next = await pageOfAudit(database.db, ask, { limit: 4, after: first.after ?? '' })
    expect([next.rows.map(({ action }) => action), next.after]).toEqual([['step 2', 'step 1'], null])
  })

  it('are of one app, and no older than asked', async () => {
    const of = async (since: Date | null): Promise<string[]> =>
      (await pageOfAudit(database.db, { rack: 'prod', app: 'mail', since, by: null }, { limit: 10 })).rows.map(({ action }) => action)
    expect(await of(null)).toEqual(['step 6', 'step 4', 'step 2'])
    expect(await of(new Date(Date.now() + 3_600_000))).toEqual([])
  })

  it('are of one person, by whichever of their ids they acted', async () => {
    for (const actor of ['U2', 'U2TOO', 'U3']) await writeAudit(database.db, { ...row(`by ${actor}`), actor })
    const by = async (...ids: readonly string[]): Promise<string[]> =>
      (await pageOfAudit(database.db, { rack: 'prod', app: null, since: null, by: ids }, { limit: 10 })).rows.map(({ action }) => action)
    expect(await by('U2', 'U2TOO')).toEqual(['by U2TOO', 'by U2'])
    expect(await by('U9')).toEqual([])
  })
})
