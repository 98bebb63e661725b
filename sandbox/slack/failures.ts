/**
 * How a call goes wrong: `error` is an answer with `ok: false`; `status` an HTTP status with no Slack answer; `drop` cuts the connection before anything
 * happened; `storeThenDrop` does the work and then cuts it (the response is lost); `delay` (ms) answers late. `retryAfter` (s) goes with status 429.
 * `storeThenError` and `storeThenStatus` do the work and then say that they did not.
 */
export type Failure = {
  error?: string
  status?: number
  retryAfter?: number
  drop?: boolean
  storeThenDrop?: boolean
  storeThenError?: string
  storeThenStatus?: number
  delay?: number
  times?: number
}

/** One call as it arrives; `caller` is the Host it named, by which processes that were given different addresses can be told apart. */
export type ArrivingCall = { method: string; args: Record<string, unknown>; caller: string }
/** Decides call by call what goes wrong with it. */
export type Misbehaviour = (call: ArrivingCall) => Failure | undefined

/** Failures that tests order for methods. Without `times` one call fails. */
export const createFailures = () => {
  const planned = new Map<string, { failure: Failure; left: number }[]>()
  const deciding = new Set<Misbehaviour>()
  const decided = (call: ArrivingCall): Failure | undefined => {
    for (const decide of deciding) {
      const failure = decide(call)
      if (failure) return failure
    }
    return undefined
  }
  return {
    /** Lets `decide` look at every call without a planned failure, until the function that this returns is called. */
    misbehave: (decide: Misbehaviour): (() => void) => {
      deciding.add(decide)
      return () => void deciding.delete(decide)
    },
    plan: (method: string, failure: Failure) => planned.set(method, [...(planned.get(method) ?? []), { failure, left: failure.times ?? 1 }]),
    clear: () => planned.clear(),
    next: (call: ArrivingCall): Failure | undefined => {
      const queue = planned.get(call.method) ?? []
      const first = queue[0]
      if (!first) return decided(call)
      first.left -= 1
      if (first.left <= 0) queue.shift()
      return first.failure
    },
  }
}
