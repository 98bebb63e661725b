/** The API server said no, in its own words. */
export class ClusterRefusal extends Error {
  readonly status: number
  /** `NotFound`, `Conflict`, `Forbidden`, `Invalid` … */
  readonly reason: string
  readonly causes: readonly { readonly field: string; readonly message: string }[]
  /** Seconds, from Retry-After. */
  readonly retryAfter: number | null
  constructor(status: number, reason: string, message: string, causes: readonly { field: string; message: string }[] = [], retryAfter: number | null = null) {
    super(message)
    this.name = 'ClusterRefusal'
    this.status = status
    this.reason = reason
    this.causes = causes
    this.retryAfter = retryAfter
  }
}

/** No answer: connection refused, reset, timed out, or an answer that is none. Says nothing about whether a write happened. */
export class ClusterUnreachable extends Error {
  constructor(what: string, cause: unknown) {
    const why = cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : String(cause)
    super(`${what}: ${why}`, { cause })
    this.name = 'ClusterUnreachable'
  }
}

/** True where the server does not know our credentials: they may have run out, and may be given anew while we run. */
export const isUnauthorized = (error: unknown): boolean => error instanceof ClusterRefusal && error.status === 401

/** True for answers that another try may change: 429 and 5xx. */
export const isPassing = (error: unknown): boolean => error instanceof ClusterUnreachable || (error instanceof ClusterRefusal && (error.status === 429 || error.status >= 500))
