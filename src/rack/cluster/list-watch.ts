import { setTimeout as sleep } from 'node:timers/promises'
import { ClusterRefusal } from './cluster-error.ts'
import { collectionPath } from './kinds.ts'
import { isPlainObject, type PlainObject } from './objects.ts'
import type { ClusterSession } from './session.ts'

/** What a list+watch tells its listener. `reset` is the whole truth after a (re-)list. */
export interface WatchListener {
  reset(objects: readonly PlainObject[]): void
  changed(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: PlainObject): void
}

/** One kind, cluster-wide, for ever: it never gives up (client-node's informers stop on a dropped socket: stack.md 4). */
export interface ListWatch {
  /** Null while the watch is open and its list complete, else since when it is not. */
  blindSince(): Date | null
  /** Words for the log and for `/readyz`: why it is blind. */
  trouble(): string | null
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)
/** Milliseconds: first 200, doubling up to 10 s, each with up to 50 % of jitter (rollouts.md 7, rule 4). */
const backOff = (attempt: number): number => Math.min(10_000, 200 * 2 ** Math.min(attempt, 10)) * (1 + Math.random() / 2)

const expired = (error: unknown): boolean => error instanceof ClusterRefusal && error.status === 410

/** Starts the loop; it runs until `signal` aborts. `log` hears of every trouble once per kind of trouble. */
export const startListWatch = (
  session: ClusterSession, kind: { apiVersion: string; kind: string }, listener: WatchListener, options: { signal: AbortSignal; log: (trouble: string) => void },
): ListWatch => {
  let blindSince: Date | null = new Date()
  let trouble: string | null = 'not listed yet'
  const path = collectionPath(kind.apiVersion, kind.kind)
  const stopped = () => options.signal.aborted

  const list = async (): Promise<string> => {
    const objects: PlainObject[] = []
    let next: string | undefined
    for (;;) {
      const page = await session.request({ method: 'GET', path, query: { limit: '500', continue: next }, signal: options.signal })
      const items = isRecord(page) && Array.isArray(page['items']) ? page['items'] : []
      // Items of a list carry no kind of their own.
      for (const item of items) if (isRecord(item)) {
        const object = { ...item, apiVersion: kind.apiVersion, kind: kind.kind }
        if (isPlainObject(object)) objects.push(object)
      }
      const metadata = isRecord(page) && isRecord(page['metadata']) ? page['metadata'] : {}
      next = typeof metadata['continue'] === 'string' && metadata['continue'] !== '' ? metadata['continue'] : undefined
      if (next === undefined) {
        listener.reset(objects)
        return String(metadata['resourceVersion'] ?? '')
      }
    }
  }

  const watch = async (from: string, opened: () => void): Promise<string> => {
    let version = from
    const timeoutSeconds = String(240 + Math.floor(Math.random() * 60))
    const query = { watch: 'true', allowWatchBookmarks: 'true', resourceVersion: version, timeoutSeconds }
    // The answer's headers come only with the first event on some servers, so the watch counts as open when the request is out.
    opened()
    for await (const frame of session.lines({ method: 'GET', path, query, signal: options.signal })) {
      if (!isRecord(frame) || !isRecord(frame['object'])) continue
      const object = frame['object']
      if (frame['type'] === 'ERROR') throw new ClusterRefusal(Number(object['code'] ?? 500), String(object['reason'] ?? 'Unknown'), String(object['message'] ?? 'the watch failed'))
      if (isRecord(object['metadata']) && typeof object['metadata']['resourceVersion'] === 'string') version = object['metadata']['resourceVersion']
      if ((frame['type'] === 'ADDED' || frame['type'] === 'MODIFIED' || frame['type'] === 'DELETED') && isPlainObject(object)) listener.changed(frame['type'], object)
    }
    return version
  }

  const run = async (): Promise<void> => {
    let version: string | null = null
    let attempt = 0
    while (!stopped()) {
      try {
        version ??= await list()
        const began = Date.now()
        version = await watch(version, () => {
          blindSince = null
          trouble = null
        })
        if (Date.now() - began > 5_000) attempt = 0
        else await sleep(backOff(attempt++) / 4, undefined, { signal: options.signal })
      } catch (error) {
        if (stopped()) return
        const words = error instanceof Error ? error.message : String(error)
        if (expired(error)) {
          version = null
          continue
        }
        // A reset connection is opened again at once: only what cannot be opened makes us blind.
        const first = blindSince === null
        if (first) blindSince = new Date()
        if (trouble !== words) options.log(words)
        trouble = words
        if (first && attempt === 0) {
          attempt = 1
          continue
        }
        // Only a list that was answered proves sight again: a watch counts as open before its first frame.
        version = null
        await sleep(backOff(attempt++), undefined, { signal: options.signal }).catch(() => undefined)
      }
    }
  }
  void run().catch((error: unknown) => {
    if (!stopped()) options.log(`the list+watch of ${kind.kind} ended: ${String(error)}`)
  })
  return { blindSince: () => blindSince, trouble: () => trouble }
}
