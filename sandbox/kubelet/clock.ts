/** Time as the kubelet lives it. Milliseconds everywhere. */
export interface Clock {
  /** The wall clock, for timestamps. */
  now(): number
  /** Kubelet milliseconds gone since the wall clock showed `at`. */
  since(at: number): number
  /** Waits that many kubelet milliseconds, or until the signal aborts: then it throws the signal's reason. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** The real clock. `speed` 10 plays run times, probes, back-offs and terminations ten times as fast; timestamps stay true. */
export const realClock = (speed = 1): Clock => ({
  now: () => Date.now(),
  since: (at) => (Date.now() - at) * speed,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const stop = () => {
        clearTimeout(timer)
        reject(signal.reason)
      }
      const wake = () => {
        signal.removeEventListener('abort', stop)
        resolve()
      }
      // Without an end (Infinity) only the signal wakes.
      const timer = Number.isFinite(ms) ? setTimeout(wake, Math.max(0, ms) / speed) : undefined
      signal.addEventListener('abort', stop, { once: true })
    }),
})

/** A time as Kubernetes writes it in a status: whole seconds, UTC. */
export const timestamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`
