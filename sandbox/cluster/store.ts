import type { Journal } from '../journal.ts'
import { same } from './json.ts'
import { isKubeObject, type KubeObject } from './object.ts'

export const changeTypes = ['ADDED', 'MODIFIED', 'DELETED'] as const

/** One write. `previous` is the object before it: a watch with a selector needs both. */
export interface Change {
  type: (typeof changeTypes)[number]
  resource: string
  version: number
  object: KubeObject
  previous?: KubeObject
}

/** Every object, one counter for all resource versions, and the history that watches resume from. */
export interface Store {
  version(): number
  get(resource: string, namespace: string, name: string): KubeObject | undefined
  /** In the order of namespace and name, as a real list comes. */
  list(resource: string, namespace?: string): KubeObject[]
  /** Writes it under the next version and returns what was stored; an unchanged object is not written. */
  save(resource: string, object: KubeObject): KubeObject
  remove(resource: string, object: KubeObject): KubeObject
  /** What happened after `version`, or undefined when that is compacted away. */
  since(version: number): Change[] | undefined
  /** Called at once, in the order of the writes. Returns the way to stop. */
  subscribe(listener: (change: Change) => void): () => void
  /** Forgets the history: older versions are "too old" from now on. */
  compact(): void
}

const prefix = 'cluster/object/'
const counter = 'cluster/version'
/** A real API server keeps about five minutes; ours keeps this many changes. */
const historyLimit = 20_000

const path = (resource: string, namespace: string, name: string): string => `${resource}/${namespace}/${name}`

/** Opens the store over what the journal holds. */
export const openStore = (journal: Journal): Store => {
  const objects = new Map<string, Map<string, KubeObject>>()
  const listeners = new Set<(change: Change) => void>()
  let history: Change[] = []
  const kept = journal.get(counter)
  let version = typeof kept === 'number' ? kept : 1

  const table = (resource: string): Map<string, KubeObject> => {
    const found = objects.get(resource) ?? new Map<string, KubeObject>()
    objects.set(resource, found)
    return found
  }
  for (const [key, value] of journal.entries()) {
    if (!key.startsWith(prefix)) continue
    if (!isKubeObject(value)) throw new Error(`the journal holds no object under ${key}: start again with --reset`)
    const full = key.slice(prefix.length)
    table(full.slice(0, full.indexOf('/'))).set(full, value)
    version = Math.max(version, Number(value.metadata.resourceVersion))
  }
  let oldest = version

  const publish = (change: Change): void => {
    history.push(change)
    if (history.length > historyLimit) {
      const dropped = history.splice(0, historyLimit / 4)
      oldest = dropped.at(-1)?.version ?? oldest
    }
    for (const listener of listeners) listener(change)
  }

  return {
    version: () => version,
    get: (resource, namespace, name) => objects.get(resource)?.get(path(resource, namespace, name)),
    list: (resource, namespace) => {
      const rows = [...table(resource)].filter(([, object]) => namespace === undefined || (object.metadata.namespace ?? '') === namespace)
      return rows.sort(([left], [right]) => (left < right ? -1 : 1)).map(([, object]) => object)
    },
    save: (resource, object) => {
      const key = path(resource, object.metadata.namespace ?? '', object.metadata.name)
      const previous = table(resource).get(key)
      if (previous && same(previous, { ...object, metadata: { ...object.metadata, resourceVersion: previous.metadata.resourceVersion } })) return previous
      version += 1
      const stored: KubeObject = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
      table(resource).set(key, stored)
      journal.set(`${prefix}${key}`, stored)
      publish({ type: previous ? 'MODIFIED' : 'ADDED', resource, version, object: stored, ...(previous && { previous }) })
      return stored
    },
    remove: (resource, object) => {
      const key = path(resource, object.metadata.namespace ?? '', object.metadata.name)
      version += 1
      const gone: KubeObject = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
      table(resource).delete(key)
      journal.set(counter, version)
      journal.set(`${prefix}${key}`, undefined)
      publish({ type: 'DELETED', resource, version, object: gone, previous: object })
      return gone
    },
    since: (from) => (from < oldest ? undefined : history.filter((change) => change.version > from)),
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    compact: () => {
      history = []
      oldest = version
    },
  }
}
