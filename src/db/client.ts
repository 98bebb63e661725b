import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type { Sql } from 'postgres'
import { z } from 'zod'
import { lockDirectory } from './directory-lock.ts'
import { connectionOptions, openConnections, restLimit } from './postgres-connections.ts'
import * as schema from './schema.ts'

/** Either driver, and a transaction of either. */
export type Db = PgDatabase<PgQueryResultHKT, typeof schema>

const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url))
/** Grows only when a schema is no longer served by the version before it. */
export const schemaMajor = 1
/** Postgres advisory lock around migrations: drizzle takes none (reference/stack.md 2). Arbitrary, fixed for ever. */
const migrationLock = 5_171_920

/** An open database. */
export interface Database {
  readonly db: Db
  readonly kind: 'postgres' | 'embedded'
  /**
   * Takes the session lock on an instance id for as long as this process lives.
   * False when another process holds it. The embedded database has one process, so it always succeeds.
   */
  holdInstance(id: string): Promise<boolean>
  /** The database's time: the one that all replicas share. */
  now(): Promise<Date>
  /** One small question; throws when it is not answered within `ms`. */
  ping(ms: number): Promise<void>
  close(): Promise<void>
}

/** The database was written by a newer version of Slipway: this one must not run (exit code 78). */
export class NewerSchemaError extends Error {
  constructor(found: number) {
    super(`the database has schema ${found}, this version knows ${schemaMajor}: run the newer version, or restore a backup`)
    this.name = 'NewerSchemaError'
  }
}

/** `DATABASE_URL` points at a transaction-mode pooler, where session locks mean nothing. */
export class PoolerError extends Error {
  constructor() {
    super('DATABASE_URL points at a connection pooler in transaction mode; session locks do not work there. Use the server directly, or session mode.')
    this.name = 'PoolerError'
  }
}

class SilentError extends Error {
  constructor(ms: number) {
    super(`the database did not answer in ${ms} ms`)
    this.name = 'SilentError'
  }
}

/** Milliseconds without an answer on a connection that is used for nothing else, after which every connection is replaced. As long as for the cluster's. */
const silenceLimit = 15_000

/** A single statement may take so many times as long: then its own connection is given up. */
const owedFor = 4

const within = async <T>(ms: number, what: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SilentError(ms)), ms)
  })
  try {
    return await Promise.race([what, limit])
  } finally {
    clearTimeout(timer)
  }
}

/** Opens the embedded database in `directory` (made when absent) or, with `null`, one in memory; brings its schema up to date. */
export const openEmbedded = async (directory: string | null): Promise<Database> => {
  const { PGlite } = await import('@electric-sql/pglite')
  const { drizzle } = await import('drizzle-orm/pglite')
  const { migrate } = await import('drizzle-orm/pglite/migrator')
  if (directory !== null) await mkdir(directory, { recursive: true, mode: 0o700 })
  const unlock = directory === null ? async () => {} : await lockDirectory(directory)
  const client = await PGlite.create({ ...(directory === null ? {} : { dataDir: directory }), postgresqlconf: ['shared_buffers=16MB'] }).catch(async (error: unknown) => {
    await unlock()
    throw error
  })
  const db = drizzle(client, { schema })
  await refuseNewer(db)
  await migrate(db, { migrationsFolder })
  return {
    db,
    kind: 'embedded',
    holdInstance: () => Promise.resolve(true),
    now: () => timeOf(db),
    ping: async (ms) => void (await within(ms, client.query('select 1'))),
    close: async () => {
      await client.close()
      await unlock()
    },
  }
}

const sessionRows = z.tuple([z.object({ by: z.number() })])

/**
 * Whether `client` has its server process between its statements only until somebody else wants it: while another client of the same pooler is in a
 * transaction, that one has it, and `client` gets the next. Asked before any lock is taken, which would stay behind with the process.
 */
const sharesServer = async (client: Sql, other: Sql): Promise<boolean> => {
  const served = async (by: Pick<Sql, 'unsafe'>): Promise<number> => sessionRows.parse([...await by.unsafe('select pg_backend_pid() as by')])[0].by
  const before = await served(client)
  return other.begin(async (inside) => (await served(inside)) === before || (await served(client)) !== before)
}

/** Brings the schema up to date, one process at a time. Throws `PoolerError`, `NewerSchemaError`. */
const migratePostgres = async (url: string): Promise<void> => {
  const { default: postgres } = await import('postgres')
  const { drizzle } = await import('drizzle-orm/postgres-js')
  const { migrate } = await import('drizzle-orm/postgres-js/migrator')
  const [single, other] = [postgres(url, { ...connectionOptions, max: 1 }), postgres(url, { ...connectionOptions, max: 1 })]
  try {
    if (await sharesServer(single, other)) throw new PoolerError()
    await other.end({ timeout: 5 })
    await single`select pg_advisory_lock(${migrationLock})`
    const held = await single`select 1 from pg_locks where locktype = 'advisory' and pid = pg_backend_pid() and objid = ${migrationLock}`
    if (held.length === 0) throw new PoolerError()
    await single`set lock_timeout = '10s'`
    const db = drizzle(single, { schema })
    await refuseNewer(db)
    await migrate(db, { migrationsFolder })
    await single`select pg_advisory_unlock(${migrationLock})`
  } finally {
    await Promise.all([single.end({ timeout: 5 }), other.end({ timeout: 5 })])
  }
}

const lockRows = z.tuple([z.object({ by: z.number(), got: z.boolean() })])

/** Connects to a PostgreSQL server (14 or newer) and brings its schema up to date under an advisory lock. `silence`, `rest`: see the limits of those names. */
export const openPostgres = async (url: string, options: { max?: number; silence?: number; rest?: number } = {}): Promise<Database> => {
  await migratePostgres(url)
  const silence = options.silence ?? silenceLimit
  const open = () => openConnections(url, options.max ?? 10, options.rest ?? restLimit)
  let current = open()
  /** The instance id whose lock is ours, and the server process that holds it for us. */
  let held: { readonly id: string; readonly by: number } | null = null
  const hold = async (id: string): Promise<boolean> => {
    const rows = await current.session().unsafe('select pg_try_advisory_lock(hashtextextended($1, 0)) as got, pg_backend_pid() as by', [`slipway instance ${id}`])
    const [{ got, by }] = lockRows.parse([...rows])
    if (got) held = { id, by }
    return got
  }
  let [busy, closed] = [false, false]
  /** Connections to a machine that vanished stay silent until TCP gives up, a quarter of an hour later: others take their place before. */
  const feel = async (): Promise<void> => {
    const felt = current
    try {
      const [{ by }] = sessionRows.parse([...await within(silence, felt.session().unsafe('select pg_backend_pid() as by'))])
      // Not before: a process that was stopped reads what has come for the others meanwhile.
      felt.dropSilent(silence * owedFor)
      // A session that was cut and opened again has lost its lock.
      if (held !== null && by !== held.by) await hold(held.id)
      await within(silence, felt.endStalled())
    } catch (error) {
      // What refuses us at once is not silent: it is tried again.
      if (!(error instanceof SilentError) || closed) return
      current = open()
      felt.drop()
    }
  }
  const pulse = setInterval(() => {
    if (busy) return
    busy = true
    void feel().finally(() => {
      busy = false
    })
  }, silence / 3)
  pulse.unref()
  const db = new Proxy(current.db, { get: (_first, name) => Reflect.get(current.db, name) })
  return {
    db,
    kind: 'postgres',
    now: () => timeOf(db),
    holdInstance: hold,
    ping: async (ms) => void (await within(ms, current.ask().unsafe('select 1'))),
    close: async () => {
      closed = true
      clearInterval(pulse)
      await current.close(5)
    },
  }
}

/** Half of the way there and back is taken off. */
const timeOf = async (db: Db): Promise<Date> => {
  const asked = performance.now()
  const [row] = await db.select({ ms: sql<number>`(extract(epoch from clock_timestamp()) * 1000)::float8` }).from(sql`(select 1) as one`)
  if (row === undefined) throw new Error('the database does not tell the time')
  return new Date(row.ms + (performance.now() - asked) / 2)
}

const refuseNewer = async (db: Db): Promise<void> => {
  const there = await db.select({ found: sql<string | null>`to_regclass('public.installation')::text` }).from(sql`(select 1) as one`)
  if (there[0]?.found === null || there[0] === undefined) return
  const rows = await db.select({ major: schema.installation.schemaMajor }).from(schema.installation)
  const major = rows[0]?.major ?? schemaMajor
  if (major > schemaMajor) throw new NewerSchemaError(major)
}
