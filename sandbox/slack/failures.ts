/**
 * How a call goes wrong: `error` is an answer with `ok: false`; `status` an HTTP status with no Slack answer; `drop` cuts the connection before anything
 * happened; `storeThenDrop` does the work and then cuts it (the response is lost); `delay` (ms) answers late. `retryAfter` (s) goes with status 429.
 */
export type Failure = { error?: string; status?: number; retryAfter?: number; drop?: boolean; storeThenDrop?: boolean; delay?: number; times?: number }

/** Failures that tests order for methods. Without `times` one call fails. */
export const createFailures = () => {
  const planned = new Map<string, { failure: Failure; left: number }[]>()
  return {
    plan: (method: string, failure: Failure) => planned.set(method, [...(planned.get(method) ?? []), { failure, left: failure.times ?? 1 }]),
    clear: () => planned.clear(),
    next: (method: string): Failure | undefined => {
      const queue = planned.get(method) ?? []
      const first = queue[0]
      if (!first) return undefined
      first.left -= 1
      if (first.left <= 0) queue.shift()
      return first.failure
    },
  }
}
