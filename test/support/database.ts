import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { afterAll, beforeAll, inject } from 'vitest'
import { openPostgres, type Database, type Db } from '../../src/db/client.ts'

/** A fresh database of its own, with the schema: `url` for child processes, `open()` for this one. */
export const freshDatabase = async (): Promise<{ url: string; open: () => Promise<Database>; drop: () => Promise<void> }> => {
  const server = inject('postgresUrl')
  const name = `slipway_${randomBytes(6).toString('hex')}`
  const admin = postgres(server, { max: 1, onnotice: () => {} })
  // Two workers copying one template at once get "being accessed by other users": take turns.
  await admin`select pg_advisory_lock(77)`
  await admin.unsafe(`create database ${name} template slipway_template`)
  await admin.end()
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.toString(),
    open: () => openPostgres(url.toString(), { max: 5 }),
    drop: async () => {
      const closer = postgres(server, { max: 1, onnotice: () => {} })
      await closer.unsafe(`drop database if exists ${name} with (force)`)
      await closer.end()
    },
  }
}

/** A fresh database for the tests of this block: there from `beforeAll` on, and closed and dropped after them with every further connection that was opened. */
export const databaseHere = (): { readonly db: Db; readonly url: string; open(): Promise<Database> } => {
  let made: Awaited<ReturnType<typeof freshDatabase>> | undefined
  const opened: Database[] = []
  const fresh = (): NonNullable<typeof made> => {
    if (made === undefined) throw new Error('there is no database before beforeAll')
    return made
  }
  const open = async (): Promise<Database> => {
    const database = await fresh().open()
    opened.push(database)
    return database
  }
  beforeAll(async () => {
    made = await freshDatabase()
    await open()
  })
  afterAll(async () => {
    for (const database of opened) await database.close()
    await made?.drop()
  })
  return {
    open,
    get url() {
      return fresh().url
    },
    get db() {
      const [first] = opened
      if (first === undefined) throw new Error('the database is not open before beforeAll')
      return first.db
    },
  }
}
