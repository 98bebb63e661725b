/** Time as the API server and the controllers live it. */
export interface ClusterClock {
  /** ms since the epoch */
  now(): number
  /** Does it that many ms from now. Returns the way to stop it. */
  after(delay: number, act: () => void): () => void
}

/** What a timer of Node can wait at most, in ms. */
const longestTimer = 2 ** 31 - 1

/** The clock of the machine. What waits in it keeps no process alive. */
export const realTime: ClusterClock = {
  now: () => Date.now(),
  after: (delay, act) => {
    const timer = setTimeout(act, Math.min(delay, longestTimer))
    timer.unref()
    return () => clearTimeout(timer)
  },
}
