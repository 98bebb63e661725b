import { mkdir } from 'node:fs/promises'
import { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { DrizzleQueryError, sql } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type { Pool, PoolClient, PoolConfig } from 'pg'
import { z } from 'zod'
import { lockDirectory } from './directory-lock.ts'
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

const nothing = (): void => undefined

/** Milliseconds to wait for a connection. */
const connectLimit = 10_000

/** `sslmode` means what it means to psql; the driver's own reading of it is another one. */
const asLibpq = (url: string): string => {
  const parsed = new URL(url)
  if (parsed.searchParams.has('sslmode') && !parsed.searchParams.has('uselibpqcompat')) parsed.searchParams.set('uselibpqcompat', 'true')
  return parsed.toString()
}

/** Brings the schema up to date, one process at a time. Throws `PoolerError`, `NewerSchemaError`. */
const migratePostgres = async (connectionString: string): Promise<void> => {
  const { Client } = await import('pg')
  const { drizzle } = await import('drizzle-orm/node-postgres')
  const { migrate } = await import('drizzle-orm/node-postgres/migrator')
  const single = new Client({ connectionString, connectionTimeoutMillis: connectLimit })
  // What waits for an answer hears of a lost connection; this event comes besides, and unheard it would end the process.
  single.on('error', nothing)
  await single.connect()
  try {
    await single.query(`select pg_advisory_lock(${migrationLock})`)
    const held = await single.query(`select 1 from pg_locks where locktype = 'advisory' and pid = pg_backend_pid() and objid = ${migrationLock}`)
    if (held.rows.length === 0) throw new PoolerError()
    await single.query("set lock_timeout = '10s'")
    const db = drizzle(single, { schema })
    await refuseNewer(db)
    await migrate(db, { migrationsFolder })
    await single.query(`select pg_advisory_unlock(${migrationLock})`)
  } finally {
    await single.end()
  }
}

/** Connections that are opened and given up together. */
const openPools = async (connectionString: string, max: number) => {
  const { Pool } = await import('pg')
  const { drizzle } = await import('drizzle-orm/node-postgres')
  const sockets = new Set<Socket>()
  const stream = (): Socket => {
    const socket = new Socket()
    sockets.add(socket)
    return socket.once('close', () => void sockets.delete(socket))
  }
  const pool = (options: PoolConfig): Pool => {
    const made = new Pool({ connectionString, connectionTimeoutMillis: connectLimit, keepAlive: true, stream, ...options })
    made.on('error', nothing)
    made.on('connect', (client) => void client.on('error', nothing))
    return made
  }
  const queries = pool({ max, idleTimeoutMillis: 60_000, maxLifetimeSeconds: 3_600 })
  // Session locks live with their connection, so this one is never pooled and never recycled.
  const session = pool({ max: 1, idleTimeoutMillis: 0 })
  const bound = new WeakMap<PoolClient, Db>()
  /** drizzle's own loses the connection for good when the first statement fails. */
  const transaction: Db['transaction'] = async (work, config) => {
    const client = await queries.connect().catch((cause: unknown) => {
      throw new Error('no connection to the database', { cause: new DrizzleQueryError('begin', [], cause instanceof Error ? cause : new Error(String(cause))) })
    })
    const db: Db = bound.get(client) ?? drizzle(client, { schema })
    bound.set(client, db)
    try {
      return await db.transaction(work, config)
    } finally {
      // One that was lost is not handed out again: the pool looks.
      client.release()
    }
  }
  const db: Db = drizzle(queries, { schema })
  const drop = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    queries, session, drop,
    db: new Proxy(db, { get: (target, name) => (name === 'transaction' ? transaction : Reflect.get(target, name)) }),
    /** Ends what is under way within so many ms, then cuts it. */
    close: async (ms: number): Promise<void> => {
      const limit = setTimeout(drop, ms)
      await Promise.all([queries.end(), session.end()])
      clearTimeout(limit)
    },
  }
}

const lockRow = z.object({ by: z.number(), got: z.boolean() })
const sessionRow = z.object({ by: z.number() })

/** Connects to a PostgreSQL server (14 or newer) and brings its schema up to date under an advisory lock. `silence`: see `silenceLimit`. */
export const openPostgres = async (url: string, options: { max?: number; silence?: number } = {}): Promise<Database> => {
  const connectionString = asLibpq(url)
  await migratePostgres(connectionString)
  const silence = options.silence ?? silenceLimit
  const open = () => openPools(connectionString, options.max ?? 10)
  let current = await open()
  /** The instance id whose lock is ours, and the server process that holds it for us. */
  let held: { readonly id: string; readonly by: number } | null = null
  const hold = async (id: string): Promise<boolean> => {
    const { rows } = await current.session.query('select pg_try_advisory_lock(hashtextextended($1, 0)) as got, pg_backend_pid() as by', [`slipway instance ${id}`])
    const { got, by } = lockRow.parse(rows[0])
    if (got) held = { id, by }
    return got
  }
  let [busy, closed] = [false, false]
  /** Connections to a machine that vanished stay silent until TCP gives up, a quarter of an hour later: others take their place before. */
  const feel = async (): Promise<void> => {
    const felt = current
    try {
      const { rows } = await within(silence, felt.session.query('select pg_backend_pid() as by'))
      // A session that was cut and connected again has lost its lock.
      if (held !== null && sessionRow.parse(rows[0]).by !== held.by) await hold(held.id)
    } catch (error) {
      // What refuses us at once is not silent: the driver itself connects again.
      if (!(error instanceof SilentError) || closed) return
      current = await open()
      felt.drop()
      await felt.close(0)
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
    ping: async (ms) => void (await within(ms, current.queries.query('select 1'))),
    close: async () => {
      closed = true
      clearInterval(pulse)
      await current.close(5_000)
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
