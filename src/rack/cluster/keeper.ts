/** Where a fact belongs; what belongs to no namespace stands under the empty one. */
export interface Place { readonly uid: string; readonly namespace: string }

/** What is kept of one kind, by namespace and uid; the least recently changed first. */
export interface Keeper<T> {
  of(namespace: string): readonly T[]
  /** What is kept of the object at that place. */
  at(place: Place): T | undefined
  put(fact: T): T
  remove(fact: T): void
  /** Forgets what is over the bound now. */
  trim(namespace: string): void
  /** Forgets what is not in `facts`. */
  keepOnly(facts: readonly T[]): void
}

/** `remember` sees what was kept of the same object before; `most` bounds a namespace, the oldest goes first. */
export const keeper = <T>(placeOf: (fact: T) => Place, remember: (before: T | undefined, next: T) => T, most: (namespace: string) => number = () => Infinity): Keeper<T> => {
  const kept = new Map<string, Map<string, T>>()
  const trim = (namespace: string): void => {
    const there = kept.get(namespace)
    if (there === undefined) return
    let over = there.size - most(namespace)
    for (const uid of there.keys()) {
      if (over <= 0) return
      there.delete(uid)
      over -= 1
    }
  }
  return {
    of: (namespace) => [...(kept.get(namespace)?.values() ?? [])],
    at: ({ uid, namespace }) => kept.get(namespace)?.get(uid),
    put: (fact) => {
      const { uid, namespace } = placeOf(fact)
      const there = kept.get(namespace) ?? new Map<string, T>()
      kept.set(namespace, there)
      const next = remember(there.get(uid), fact)
      there.delete(uid)
      there.set(uid, next)
      trim(namespace)
      return next
    },
    remove: (fact) => {
      const { uid, namespace } = placeOf(fact)
      const there = kept.get(namespace)
      there?.delete(uid)
      if (there?.size === 0) kept.delete(namespace)
    },
    trim,
    keepOnly: (facts) => {
      const uids = new Set(facts.map((fact) => placeOf(fact).uid))
      for (const [namespace, there] of kept) {
        for (const uid of there.keys()) if (!uids.has(uid)) there.delete(uid)
        if (there.size === 0) kept.delete(namespace)
      }
    },
  }
}
