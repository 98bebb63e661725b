import type { ClusterClock } from '../../../sandbox/cluster/clock.ts'

/** A clock of a simulated cluster that moves only when told to: the same steps give the same history on any machine. */
export interface SteppedClock extends ClusterClock {
  /** Goes to the first thing that waits, if it is due by `end` (ms since the epoch), and does it. Whether there was one. */
  step(end: number): boolean
  /** Lives through everything until `end`. `settled` is awaited before each step, so that what is due now comes first. */
  reach(end: number, settled: () => Promise<void>): Promise<void>
}

/** `start` in ms since the epoch. */
export const steppedClock = (start = Date.parse('2026-11-21T01:46:05Z')): SteppedClock => {
  let time = start
  const waiting = new Set<{ at: number; act: () => void }>()
  const step = (end: number): boolean => {
    const [first] = [...waiting].sort((left, right) => left.at - right.at)
    if (!first || first.at > end) return false
    waiting.delete(first)
    time = Math.max(time, first.at)
    first.act()
    return true
  }
  return {
    now: () => time,
    after: (delay, act) => {
      const one = { at: time + Math.max(delay, 0), act }
      waiting.add(one)
      return () => void waiting.delete(one)
    },
    step,
    reach: async (end, settled) => {
      await settled()
      while (step(end)) await settled()
      time = Math.max(time, end)
    },
  }
}
