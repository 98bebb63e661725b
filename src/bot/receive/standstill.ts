/** Milliseconds between two looks at the clock. */
const tick = 250

/**
 * Milliseconds. What was sent to a process that stood still for so long has timed out in Slack (after 3 s), and its person has tried
 * again or done something else. A shorter pause is a busy host: what comes late by some seconds is done and answered.
 */
export const standstillLimit = 10_000

/** Notices when this process did not run for a while: a suspended machine, a stopped container, a host without time for it. */
export interface Standstill {
  /** True right after this process stood still: what it reads now may have been given up long ago. */
  justNow(): boolean
  stop(): void
}

/** `limit` in milliseconds: how long it takes to count, and for how long after it `justNow` says so. */
export const watchStandstill = (limit: number): Standstill => {
  // Either clock: a suspended machine stops the first one, and a clock that is set moves the second.
  let turnedAt = [performance.now(), Date.now()] as const
  let stoodUntil = Number.NEGATIVE_INFINITY
  const turn = (): void => {
    const now = [performance.now(), Date.now()] as const
    if (Math.max(now[0] - turnedAt[0], now[1] - turnedAt[1]) > limit) stoodUntil = now[0]
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
