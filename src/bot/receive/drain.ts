import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for somebody else's answer, and lets other work begin meanwhile. Settles as the wait does, in its turn. */
export type Outside = <Value>(wait: () => Promise<Value>) => Promise<Value>

/** Work under way that a stop waits for. */
export interface Drain {
  /** Runs it, now or in its turn, and remembers it until it settles. A failure is given to `onError`, never thrown. */
  run(work: (outside: Outside) => Promise<void>, onError: (error: unknown) => void): void
  /** True when all of it has settled within `limit` ms. */
  settled(limit: number): Promise<boolean>
}

/**
 * At most so many at work at once; those that wait `outside` are not. The others wait in the order in which they came, after those that come back: more at
 * once would be done no sooner, and each turn of the event loop would be longer for what has to be quick.
 */
export const createDrain = (most = Infinity): Drain => {
  const under = new Set<Promise<void>>()
  const waiting: (() => void)[] = []
  const returning: (() => void)[] = []
  let busy = 0
  const leave = (): void => {
    const next = returning.shift() ?? waiting.shift()
    if (next === undefined) busy -= 1
    else next()
  }
  const enter = (line: (() => void)[], go: () => void): void => {
    if (busy >= most) return void line.push(go)
    busy += 1
    go()
  }
  const outside: Outside = async (wait) => {
    leave()
    try {
      return await wait()
    } finally {
      await new Promise<void>((resolve) => enter(returning, resolve))
    }
  }
  return {
    run: (work, onError) => enter(waiting, () => {
      const one: Promise<void> = work(outside).catch(onError).finally(() => {
        under.delete(one)
        leave()
      })
      under.add(one)
    }),
    settled: async (limit) => {
      const all = async (): Promise<boolean> => {
        while (under.size > 0) await Promise.all(under)
        return true
      }
      return Promise.race([all(), sleep(limit, false, { ref: false })])
    },
  }
}
