/** Milliseconds between two looks at the clock. */
const tick = 250

/** Notices when this process did not run for a while: a suspended machine, a stopped container, a host without time for it. */
export interface Standstill {
  /** True right after this process stood still: what it reads now may be older than Slack's patience of 3 s (reference/slack.md 3.1). */
  justNow(): boolean
  stop(): void
}

/** `limit` in milliseconds: how long it takes to count, and for how long after it `justNow` says so. */
export const watchStandstill = (limit: number): Standstill => {
  let turnedAt = performance.now()
  let stoodUntil = Number.NEGATIVE_INFINITY
  const turn = (): void => {
    const now = performance.now()
    if (now - turnedAt > limit) stoodUntil = now
    turnedAt = now
  }
  const timer = setInterval(turn, tick)
  timer.unref()
  return {
    // Looks itself: what waited to be read may come before the timer that was due long ago.
    justNow: () => {
      turn()
      return performance.now() - stoodUntil < limit
    },
    stop: () => clearInterval(timer),
  }
}
