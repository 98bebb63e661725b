import type { Logger } from 'pino'
import type { Inbox } from '../../rack/operations.ts'
import { writeDelivery, type SlackDelivery } from './delivery.ts'

/** `new`: take it. `known`: another delivery of the same thing, answer nothing. `away`: it could not be kept. */
export type Taken = 'new' | 'known' | 'away'

/** The insert before the acknowledgement may take so many ms (design 6). */
export const acceptLimit = 1_000

const limit = async <Value>(work: Promise<Value>, ms: number): Promise<Value> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not kept within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Keeps a delivery before it is acknowledged. Never throws. */
export const take = async (inbox: Inbox, delivery: SlackDelivery, log: Logger, ms = acceptLimit): Promise<Taken> => {
  const kept = inbox.accept({ id: delivery.id, payload: writeDelivery(delivery) })
  try {
    return await limit(kept, ms) ? 'new' : 'known'
  } catch (error) {
    log.error({ err: error, delivery: delivery.id }, 'a delivery could not be kept')
    // Kept after all, but too late: its sender was told that nothing starts, so nothing may.
    kept.then((fresh) => (fresh ? inbox.handled(delivery.id) : undefined)).catch((late: unknown) => log.debug({ err: late, delivery: delivery.id }, 'not kept later either'))
    return 'away'
  }
}
