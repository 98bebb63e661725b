import type { ObjectClient, PlainObject } from '../../src/rack/cluster/objects.ts'

const notAsked = (): Promise<never> => Promise.reject(new Error('only namespaces are made, read and deleted here'))

/** A cluster that has namespaces and nothing else; deleted ones are gone at once. */
export interface Namespaces {
  readonly objects: ObjectClient
  readonly names: () => readonly string[]
  /** What every request fails with from now on; null: none. */
  fail(error: Error | null): void
}

export const createNamespaces = (): Namespaces => {
  const there = new Map<string, PlainObject>()
  let made = 0
  let failing: Error | null = null
  const answer = async <T>(value: () => T): Promise<T> => {
    if (failing !== null) throw failing
    return value()
  }
  return {
    names: () => [...there.keys()],
    fail: (error) => {
      failing = error
    },
    objects: {
      read: ({ name }) => answer(() => there.get(name)),
      create: (object) => answer(() => {
        made += 1
        const kept = { ...object, metadata: { ...object.metadata, uid: `uid-${made}` } }
        there.set(object.metadata.name, kept)
        return kept
      }),
      remove: ({ name }) => answer(() => there.delete(name)),
      apply: notAsked, removeLabelled: notAsked, patchJson: notAsked,
    },
  }
}
