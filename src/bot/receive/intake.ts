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

/** Milliseconds after which a delivery that may have been kept too late is forgotten; tried again while the database is away. */
const lateLooks = [5_000, 30_000, 120_000]

/** It may be kept after all, but too late: its sender was told that nothing starts, so nothing may, after a restart either. */
const forgetLater = (inbox: Inbox, id: string, log: Logger, looks: readonly number[] = lateLooks): void => {
  const [wait, ...rest] = looks
  if (wait === undefined) return
  setTimeout(() => {
    inbox.handled(id).catch((error: unknown) => {
      log.debug({ err: error, delivery: id }, 'the inbox does not answer yet')
      forgetLater(inbox, id, log, rest)
    })
  }, wait).unref()
}

/** Keeps a delivery before it is acknowledged. Never throws. */
export const take = async (inbox: Inbox, delivery: SlackDelivery, log: Logger, ms = acceptLimit): Promise<Taken> => {
  try {
    return await limit(inbox.accept({ id: delivery.id, payload: writeDelivery(delivery) }), ms) ? 'new' : 'known'
  } catch (error) {
    log.error({ err: error, delivery: delivery.id }, 'a delivery could not be kept')
    forgetLater(inbox, delivery.id, log)
    return 'away'
  }
}
