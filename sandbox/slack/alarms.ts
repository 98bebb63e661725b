/** Calls at a time of the workspace's clock. */
export interface Alarms {
  /** Calls `then` once the clock shows `at` (ms since 1970) or later. */
  at: (at: number, then: () => void) => void
  close: () => void
}

/** Milliseconds between looks at a clock that a test moves. */
const glance = 20
/** setTimeout takes no more than this. */
const longest = 2 ** 31 - 1

/** `virtual`: the clock is a test's, which moves it by leaps, so it is looked at often. */
export const createAlarms = (now: () => number, virtual: boolean): Alarms => {
  const timers = new Set<NodeJS.Timeout>()
  const at: Alarms['at'] = (when, then) => {
    const left = when - now()
    const timer = setTimeout(
      () => {
        timers.delete(timer)
        if (now() >= when) then()
        else at(when, then)
      },
      Math.min(longest, Math.max(0, virtual ? Math.min(left, glance) : left)),
    )
    timers.add(timer)
  }
  return {
    at,
    close: () => {
      timers.forEach((timer) => clearTimeout(timer))
      timers.clear()
    },
  }
}
