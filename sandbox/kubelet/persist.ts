import { setTimeout as pause } from 'node:timers/promises'
import { ApiFailure } from './api.ts'

const isPassing = (error: unknown): boolean => !(error instanceof ApiFailure) || error.code === 429 || error.code >= 500

/** The pause after the n-th failure in a row: 0.1 s doubling to 5 s. */
export const retryPause = (failures: number): number => Math.min(5_000, 100 * 2 ** failures)

/** Does it again while the API server is away or overloaded, for ever. Throws its refusals, and the signal's reason once aborted. */
export const persist = async <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> => {
  for (let failures = 0; ; failures++) {
    signal.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      if (!isPassing(error)) throw error
      await pause(retryPause(failures))
    }
  }
}
