import type { ClusterView } from '../cluster/cache.ts'
import type { Waker } from './waker.ts'

/** Changes of the cluster come in bursts; one look for all that arrive within so many milliseconds. */
const settle = 20

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))

/** One look at the facts: what they decide, else in how many milliseconds the clock alone may change that (null: not at all). */
export interface Look<T> { readonly decided: T | null; readonly next: number | null }

/**
 * Looks whenever somebody wakes it and when a look's own time has come, until one decides; never by polling. A decision that nothing but the clock made due is
 * given only after the cluster has answered once more and the facts, which by then hold what it had sent, were looked at again: a frozen connection
 * looks like one on which nothing happens. What `look` throws ends it.
 */
export const untilDecided = async <T>(view: Pick<ClusterView, 'confirmed' | 'confirm'>, waker: Waker, look: () => Promise<Look<T>>): Promise<T> => {
  let vouched = false
  for (;;) {
    const { decided, next } = await look()
    if (decided !== null) {
      if (vouched || view.confirmed()) return decided
      vouched = await view.confirm()
      await pause(settle)
    } else {
      vouched = false
      if ((await waker.sleep(next)) === 'woken') await pause(settle)
    }
  }
}
