import { setTimeout as sleep } from 'node:timers/promises'
import { ClusterRefusal } from './cluster-error.ts'
import { isRecord } from '../is-record.ts'
import { collectionPath } from './kinds.ts'
import { isPlainObject, type PlainObject } from './objects.ts'
import type { ClusterSession } from './session.ts'

/** What a list+watch does with what it sees. */
export interface WatchListener<T> {
  /** What is kept of an object, undefined for one that nobody wants: a page of a list is thinned out before the next one is read. */
  decode(object: PlainObject): T | undefined
  /** The whole truth after a (re-)list. */
  reset(kept: readonly T[]): void
  changed(kept: T): void
  deleted(last: T): void
}

/** One kind, cluster-wide, for ever: it never gives up (client-node's informers stop on a dropped socket: stack.md 4). */
export interface ListWatch {
  /** Null while the watch is open and its list complete, else since when it is not. */
  blindSince(): Date | null
  /** Words for the log and for `/readyz`: why it is blind. */
  trouble(): string | null
  /** Why the cluster does not let us see this kind at all; null when it does. Tried again once a minute. */
  denied(): string | null
  /** Opens the watch again where it was; resolves once the server has accepted that, or it is blind. What it missed arrives right after. */
  reopen(): Promise<void>
}

interface WatchOptions {
  readonly signal: AbortSignal
  readonly clock: () => Date
  /** Hears of every trouble once per kind of trouble. */
  readonly log: (trouble: string) => void
  /** Called when `blindSince` or `denied` changes. */
  readonly onSight: () => void
  /** True for a kind that nothing is decided on: without the right to see it we are not blind, only less talkative. */
  readonly optional: boolean
}

/** Milliseconds. A server that allows bookmarks sends one a minute: a quieter watch is opened again where it was. */
const quietLimit = 75_000
/** A watch that lived so long, in ms, was a good one: what follows it begins without a back-off. */
const goodLife = 5_000
/** After so many failures in a row a watch is not resumed but listed anew. */
const resumesBeforeList = 3
/** A kind we may not see is asked for again this often, in ms. */
const deniedWait = 60_000

const jitter = (ms: number): number => ms * (1 + Math.random() / 2)
/** Milliseconds: nothing before the first try, then 200 doubling up to 10 s, each with up to 50 % of jitter (rollouts.md 7, rule 4). Pure but for the dice. */
export const backOff = (attempt: number): number => (attempt === 0 ? 0 : jitter(Math.min(10_000, 200 * 2 ** Math.min(attempt - 1, 10))))

const hasStatus = (error: unknown, ...statuses: readonly number[]): boolean => error instanceof ClusterRefusal && statuses.includes(error.status)

/** Starts the loop; it runs until `signal` aborts. */
export const startListWatch = <T>(session: ClusterSession, kind: { apiVersion: string; kind: string }, listener: WatchListener<T>, options: WatchOptions): ListWatch => {
  let blindSince: Date | null = options.clock()
  let trouble: string | null = 'not listed yet'
  let denied: string | null = null
  /** Where to go on watching; null: list first. */
  let version: string | null = null
  let open: AbortController | null = null
  const reopened = new Set<() => void>()
  const path = collectionPath(kind.apiVersion, kind.kind)
  const stopped = () => options.signal.aborted

  const tellReopened = (): void => {
    for (const tell of reopened) tell()
    reopened.clear()
  }
  const see = (): void => {
    tellReopened()
    const news = blindSince !== null || denied !== null
    blindSince = null
    trouble = null
    denied = null
    if (news) options.onSight()
  }
  const goBlind = (why: string): void => {
    if (trouble !== why) options.log(why)
    trouble = why
    tellReopened()
    if (blindSince !== null) return
    blindSince = options.clock()
    options.onSight()
  }
  const beDenied = (why: string): void => {
    if (trouble !== why) options.log(why)
    trouble = why
    const news = denied === null || blindSince !== null
    denied = why
    blindSince = null
    if (news) options.onSight()
  }

  const list = async (): Promise<string> => {
    const kept: T[] = []
    let next: string | undefined
    for (;;) {
      const page = await session.request({ method: 'GET', path, query: { limit: '500', continue: next }, signal: options.signal })
      const items = isRecord(page) && Array.isArray(page['items']) ? page['items'] : []
      for (const item of items) if (isRecord(item)) {
        // Items of a list carry no kind of their own.
        const object = { ...item, apiVersion: kind.apiVersion, kind: kind.kind }
        const wanted = isPlainObject(object) ? listener.decode(object) : undefined
        if (wanted !== undefined) kept.push(wanted)
      }
      const metadata = isRecord(page) && isRecord(page['metadata']) ? page['metadata'] : {}
      next = typeof metadata['continue'] === 'string' && metadata['continue'] !== '' ? metadata['continue'] : undefined
      if (next === undefined) {
        listener.reset(kept)
        return String(metadata['resourceVersion'] ?? '')
      }
    }
  }

  const take = (frame: unknown): void => {
    if (!isRecord(frame) || !isRecord(frame['object'])) return
    const { type, object } = frame
    if (type === 'ERROR') throw new ClusterRefusal(Number(object['code'] ?? 500), String(object['reason'] ?? 'Unknown'), String(object['message'] ?? 'the watch failed'))
    const kept = (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') && isPlainObject(object) ? listener.decode(object) : undefined
    if (kept !== undefined && type === 'DELETED') listener.deleted(kept)
    else if (kept !== undefined) listener.changed(kept)
    // Only what was taken in is behind us: a connection lost in the middle goes on from here.
    if (isRecord(object['metadata']) && typeof object['metadata']['resourceVersion'] === 'string') version = object['metadata']['resourceVersion']
  }

  /** Resolves when the server ends the watch, or when it has been quiet for too long. */
  const watch = async (from: string): Promise<void> => {
    const quiet = new AbortController()
    open = quiet
    const timer = setTimeout(() => quiet.abort(), quietLimit)
    const query = { watch: 'true', allowWatchBookmarks: 'true', resourceVersion: from, timeoutSeconds: String(240 + Math.floor(Math.random() * 60)) }
    try {
      for await (const frame of session.lines({ method: 'GET', path, query, signal: AbortSignal.any([options.signal, quiet.signal]) }, see)) {
        timer.refresh()
        take(frame)
      }
    } catch (error) {
      if (!quiet.signal.aborted) throw error
    } finally {
      clearTimeout(timer)
      open = null
    }
  }

  const run = async (): Promise<void> => {
    let attempt = 0
    while (!stopped()) {
      let began = performance.now()
      try {
        if (version === null) {
          version = await list()
          began = performance.now()
        }
        await watch(version)
        if (reopened.size > 0) continue
        if (performance.now() - began < goodLife && attempt > 0) goBlind('the server ends every watch at once')
      } catch (error) {
        if (stopped()) return
        const why = error instanceof Error ? error.message : String(error)
        // Too old a version, or one from which nothing good follows: only a new list tells the truth.
        if (hasStatus(error, 410) || attempt >= resumesBeforeList) version = null
        if (options.optional && hasStatus(error, 403, 404)) {
          version = null
          beDenied(why)
          await sleep(jitter(deniedWait), undefined, { signal: options.signal })
          continue
        }
        goBlind(why)
      }
      attempt = performance.now() - began >= goodLife ? 0 : attempt
      await sleep(backOff(attempt++), undefined, { signal: options.signal })
    }
  }
  void run().catch((error: unknown) => {
    if (!stopped()) options.log(`the list+watch of ${kind.kind} ended: ${String(error)}`)
  })
  return {
    blindSince: () => blindSince,
    trouble: () => (blindSince === null ? null : trouble),
    denied: () => denied,
    reopen: () => new Promise((resolve) => {
      if (open === null || blindSince !== null) return resolve()
      reopened.add(resolve)
      open.abort()
    }),
  }
}
