import type { Logger } from 'pino'
import type { Inbox } from '../../rack/operations.ts'
import { inTime } from '../../rack/in-time.ts'
import { writeDelivery, type SlackDelivery } from './delivery.ts'
import { insist } from './insist.ts'

/** `new`: take it. `known`: another delivery of the same thing, or the second half of a double click: answer nothing. `away`: it could not be kept. */
export type Taken = 'new' | 'known' | 'away'

/** The insert before the acknowledgement may take so many ms (design 6). */
export const acceptLimit = 1_000

/** It may be kept after all, but too late: its sender was told that nothing starts, so nothing may, on any replica. */
const forget = (inbox: Inbox, id: string, log: Logger): void =>
  insist(() => inbox.refused(id), (error) => log.debug({ err: error, delivery: id }, 'the inbox does not answer yet'))

/** Keeps a delivery before it is acknowledged. Never throws. */
export const take = async (inbox: Inbox, delivery: SlackDelivery, log: Logger, click?: string, ms = acceptLimit): Promise<Taken> => {
  try {
    return await inTime(inbox.accept({ id: delivery.id, payload: writeDelivery(delivery), click }), ms, `not kept within ${ms} ms`) ? 'new' : 'known'
  } catch (error) {
    log.error({ err: error, delivery: delivery.id }, 'a delivery could not be kept')
    // Nobody was told anything of an event: it is not acknowledged, and comes again.
    if (delivery.incoming.kind !== 'event') forget(inbox, delivery.id, log)
    return 'away'
  }
}
