import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import * as schema from './schema.ts'

/** Seconds to wait for a connection. */
const connectLimit = 10
/**
 * Milliseconds between two statements of a transaction, after which the server gives its locks back: shorter than a lease, so that a process that vanished
 * or fell asleep in the middle of one does not keep others from taking over. Nothing of ours waits for anybody else in there.
 */
export const restLimit = 8_000
/** Seconds without a statement, and of age, after which a connection is replaced. */
const [idleLimit, lifetime] = [60, 3_600]

const stalled = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = current_user and application_name = 'slipway'
  and pid <> pg_backend_pid() and state = 'active' and wait_event = 'ClientRead' and xact_start is not null and state_change < clock_timestamp() - $1::float8 * interval '1 millisecond'`

/** `in ($1, $2`, and the second row of `values (…), (`. */
const holdsList = /\bin \(\$\d+, |\), \(/u

/** What it says to a statement that comes after its connection was lost; the code is the driver's own. */
class ConnectionLostError extends Error {
  readonly code = 'CONNECTION_CLOSED'
  constructor() {
    super('the connection to the database was lost')
    this.name = 'ConnectionLostError'
  }
}

/** What every connection is opened with. */
export const connectionOptions = { connect_timeout: connectLimit, onnotice: () => {}, connection: { application_name: 'slipway' } } as const

/**
 * One connection with one life. postgres.js 3.4.9 opens a lost one again under its user's feet: what a dead transaction still says then throws where nobody
 * can catch it or runs outside of it, and after a reset the connection may hang for good (porsager/postgres#1208, #1215, #1216). So a lost one is never
 * used again: what comes after is refused here, before the driver hears of it, and somebody else opens another one.
 */
const openConnection = (url: string, rest: number, options: postgres.Options<Record<string, postgres.PostgresType>>) => {
  let lost = false
  /** When each statement was asked that waits for its answer, by the monotonic clock. Answers come in the order of the questions. */
  const asked: number[] = []
  const kill = (): void => {
    if (lost) return
    lost = true
    // Only what lies in its queue is left to be refused.
    void sql.end({ timeout: 0 })
  }
  const sql = postgres(url, { ...connectionOptions, max: 1, ...options, onclose: kill })
  /** Counts what waits for an answer; the asker hears of what goes wrong. */
  const counted = <T extends PromiseLike<unknown>>(question: T): T => {
    const answered = (): void => void asked.shift()
    asked.push(performance.now())
    question.then(answered, answered)
    return question
  }
  /**
   * What has parameters is prepared, once on each connection: else the driver asks for their types before each run, which is a second way there and back, and
   * the server reads and plans it anew. `begin` and its like have none. Lists are not: one of each length would be kept on each connection.
   */
  const unsafe: typeof sql.unsafe = (text, parameters, more) => {
    if (lost) throw new ConnectionLostError()
    return counted(sql.unsafe(text, parameters, parameters === undefined || parameters.length === 0 || holdsList.test(text) ? more : { ...more, prepare: true }))
  }
  /** Undone unless it is lost: then the server has undone it. */
  const undo = async (): Promise<void> => {
    if (!lost) await unsafe('rollback').catch(kill)
  }
  /** Instead of the driver's own, which goes on speaking to a connection that is gone. What is said after its end is not said outside of it. */
  const begin = async <T>(work: (inside: typeof sql) => Promise<T>): Promise<T> => {
    let over = false
    const said: typeof sql.unsafe = (...statement) => {
      if (over) throw new Error('a statement after the end of its transaction')
      return unsafe(...statement)
    }
    // With the question that begins it: a pooler refuses parameters of a connection that it does not know, or drops them without a word.
    await unsafe(`begin; set local idle_in_transaction_session_timeout = ${String(rest)}`)
    try {
      const result = await work(new Proxy(sql, { get: (target, name) => (name === 'unsafe' ? said : Reflect.get(target, name)) }))
      over = true
      await unsafe('commit')
      return result
    } catch (error) {
      over = true
      await undo()
      throw error
    }
  }
  const careful = new Proxy(sql, {
    get: (target, name) => {
      if (name === 'unsafe') return unsafe
      return name === 'begin' ? begin : Reflect.get(target, name)
    },
  })
  return { sql: careful, db: drizzle(careful, { schema }), isLost: () => lost, pending: () => asked.length, silentFor: () => performance.now() - (asked[0] ?? Infinity), kill, end: (seconds: number) => sql.end({ timeout: seconds }) }
}
type Connection = ReturnType<typeof openConnection>

/** A connection that is opened again when it is needed after it was lost. */
const place = (open: () => Connection) => {
  let connection = open()
  return {
    now: (): Connection => {
      if (connection.isLost()) connection = open()
      return connection
    },
  }
}
type Place = ReturnType<typeof place>

/** Connections that are opened and given up together: some for single statements, in turn; each of the others for one transaction at a time. */
export const openConnections = (url: string, max: number, rest: number) => {
  const opening = (options: Parameters<typeof openConnection>[2]) => place(() => openConnection(url, rest, options))
  const many = Math.max(1, Math.floor(max / 3))
  const single = Array.from({ length: many }, () => opening({ idle_timeout: idleLimit, max_lifetime: lifetime }))
  const whole = Array.from({ length: Math.max(1, max - many) }, () => opening({ idle_timeout: idleLimit, max_lifetime: lifetime }))
  // Session locks live with their connection, so this one is never recycled.
  const session = opening({ max_lifetime: null, idle_timeout: 0 })
  const free: Place[] = [...whole]
  const waiting: ((given: Place) => void)[] = []
  let [turn, ended] = [0, false]

  const take = async (): Promise<Place> => free.shift() ?? new Promise((resolve) => void waiting.push(resolve))
  const give = (back: Place): void => {
    const next = waiting.shift()
    if (next === undefined) free.push(back)
    else next(back)
  }
  /** The least busy one: what waits for a lock holds up nobody who could be answered. In turn, where several are. */
  const one = (): Connection => {
    if (ended) throw new ConnectionLostError()
    turn += 1
    const [first = session.now(), ...others] = single.map((_, index) => single[(turn + index) % single.length] ?? session).map((each) => each.now())
    return others.reduce((best, each) => (each.pending() < best.pending() ? each : best), first)
  }
  type Transaction = Connection['db']['transaction']
  const transaction: Transaction = async (work, config) => {
    const taken = await take()
    try {
      if (ended) throw new ConnectionLostError()
      return await taken.now().db.transaction(work, config)
    } finally {
      give(taken)
    }
  }
  const everyPlace = (): Place[] => [...single, ...whole, session]
  return {
    session: () => session.now().sql,
    ask: () => one().sql,
    db: new Proxy(one().db, { get: (_any, name) => (name === 'transaction' ? transaction : Reflect.get(one().db, name)) }),
    /**
     * Gives up each that has owed an answer for so many ms: it alone may have lost its server, behind a pooler of several machines for instance. What waits
     * for a lock of ours never waits that long (`restLimit`).
     */
    dropSilent: (ms: number): void => {
      for (const each of everyPlace()) if (each.now().silentFor() > ms) each.now().kill()
    },
    /**
     * Ends sessions of ours, of whichever process, that owe the rest of a statement for longer than a transaction may rest: between the question for the types
     * of its parameters and its run the server counts nothing as resting, not even a statement's own limit, and a process that fell asleep there would keep
     * its locks for as long as it sleeps.
     */
    endStalled: async (): Promise<void> => {
      await one().sql.unsafe(stalled, [rest])
    },
    /** Gives all of them up at once: what is under way hears that its connection is lost. */
    drop: (): void => {
      ended = true
      for (const each of everyPlace()) each.now().kill()
    },
    /** Ends them, with so many seconds for what is under way. */
    close: async (seconds: number): Promise<void> => {
      ended = true
      await Promise.all(everyPlace().map((each) => each.now().end(seconds)))
    },
  }
}
