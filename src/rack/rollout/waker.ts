import type { Lease } from './lease.ts'

/** A sleep that others end. */
export interface Waker {
  /** Ends the sleep, or the next one when nobody sleeps now: no call is lost. */
  wake(): void
  /** Resolves when somebody calls `wake`, or after so many milliseconds of the monotonic clock; null: not by itself. */
  sleep(ms: number | null): Promise<'woken' | 'over'>
}

/** The longest time a timer of Node takes; whoever sleeps longer looks once more in between. */
const longest = 2 ** 31 - 1

export const createWaker = (): Waker => {
  let called = false
  let end: ((how: 'woken' | 'over') => void) | null = null
  return {
    wake: () => {
      called = true
      end?.('woken')
    },
    sleep: async (ms) => {
      if (!called) {
        let timer: NodeJS.Timeout | undefined
        const how = await new Promise<'woken' | 'over'>((resolve) => {
          end = resolve
          if (ms !== null) timer = setTimeout(() => resolve('over'), Math.min(Math.max(ms, 0), longest))
        })
        clearTimeout(timer)
        end = null
        if (how === 'over') return how
      }
      called = false
      return 'woken'
    },
  }
}

/** Wakes at a cancel, and when the lease is lost. Returns how to stop. */
export const onLeaseNews = (lease: Pick<Lease, 'onNews' | 'lost'>, waker: Pick<Waker, 'wake'>): (() => void) => {
  const stop = lease.onNews(waker.wake)
  lease.lost.addEventListener('abort', waker.wake)
  return () => {
    stop()
    lease.lost.removeEventListener('abort', waker.wake)
  }
}
