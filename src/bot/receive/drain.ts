import { setTimeout as sleep } from 'node:timers/promises'

/** Work under way that a stop waits for. */
export interface Drain {
  /** Runs it and remembers it until it settles. A failure is given to `onError`, never thrown. */
  run(work: () => Promise<void>, onError: (error: unknown) => void): void
  /** True when all of it has settled within `limit` ms. */
  settled(limit: number): Promise<boolean>
}

export const createDrain = (): Drain => {
  const under = new Set<Promise<void>>()
  return {
    run: (work, onError) => {
      const one: Promise<void> = work().catch(onError).finally(() => under.delete(one))
      under.add(one)
    },
    settled: async (limit) => {
      const all = async (): Promise<boolean> => {
        while (under.size > 0) await Promise.all(under)
        return true
      }
      return Promise.race([all(), sleep(limit, false, { ref: false })])
    },
  }
}
