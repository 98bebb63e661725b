import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../../sandbox/kubelet/clock.ts'

/** A clock that moves only when told to. */
export interface VirtualClock extends Clock {
  /** Lives through everything until that time, in milliseconds since the clock was made. */
  advanceTo(time: number): Promise<void>
}

/** Begins at an hour at which whole seconds are easy to read. */
export const virtualClock = (origin = Date.parse('2026-11-21T01:46:05.000Z')): VirtualClock => {
  let now = 0
  const sleepers = new Set<{ at: number; wake: () => void }>()
  const settle = async () => {
    for (let i = 0; i < 5; i++) await turn()
  }
  return {
    now: () => origin + now,
    since: (at) => origin + now - at,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const stop = () => {
          sleepers.delete(sleeper)
          reject(signal.reason)
        }
        const wake = () => {
          signal.removeEventListener('abort', stop)
          resolve()
        }
        const sleeper = { at: now + Math.max(0, ms), wake }
        sleepers.add(sleeper)
        signal.addEventListener('abort', stop, { once: true })
      }),
    advanceTo: async (time) => {
      await settle()
      for (;;) {
        const next = [...sleepers].reduce<{ at: number; wake: () => void } | undefined>(
          (best, other) => (best === undefined || other.at < best.at ? other : best),
          undefined,
        )
        if (next === undefined || next.at > time) break
        now = Math.max(now, next.at)
        sleepers.delete(next)
        next.wake()
        await settle()
      }
      now = Math.max(now, time)
    },
  }
}
