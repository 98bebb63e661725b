import { setTimeout as sleep } from 'node:timers/promises'

/** Work under way that a stop waits for. */
export interface Drain {
  /** Runs it, now or in its turn, and remembers it until it settles. A failure is given to `onError`, never thrown. */
  run(work: () => Promise<void>, onError: (error: unknown) => void): void
  /** True when all of it has settled within `limit` ms. */
  settled(limit: number): Promise<boolean>
}

/** At most so many at once; the others wait in the order in which they came. */
export const createDrain = (most = Infinity): Drain => {
  const under = new Set<Promise<void>>()
  const waiting: (() => void)[] = []
  const begin = (work: () => Promise<void>, onError: (error: unknown) => void): void => {
    const one: Promise<void> = work().catch(onError).finally(() => {
      under.delete(one)
      waiting.shift()?.()
    })
    under.add(one)
  }
  return {
    run: (work, onError) => {
      if (under.size < most) begin(work, onError)
      else waiting.push(() => begin(work, onError))
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
