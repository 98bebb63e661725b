/** In-process hints that there may be work: other replicas find it by polling. */
export interface Wake {
  on(callback: () => void): () => void
  call(): void
}

/** Callbacks run in the next turn, one call for many. A callback that throws is the process's problem, not the waker's. */
export const createWake = (): Wake => {
  const callbacks = new Set<() => void>()
  let planned = false
  return {
    on: (callback) => {
      callbacks.add(callback)
      return () => void callbacks.delete(callback)
    },
    call: () => {
      if (planned) return
      planned = true
      setImmediate(() => {
        planned = false
        for (const callback of callbacks) callback()
      })
    },
  }
}
