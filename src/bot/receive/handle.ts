import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import type { Inbox, Operations } from '../../rack/operations.ts'
import type { Desk, Incoming, SubmissionErrors } from '../context.ts'
import type { Identity } from '../identify.ts'
import type { SlackDelivery } from './delivery.ts'
import { createSurface, type SurfaceParts } from './surface.ts'

/** What turns deliveries into answers. */
export interface Handlers {
  /** Faults of a submitted form that its fields alone show; null closes the modal. Pure. */
  check(incoming: Incoming): SubmissionErrors
  /** Answers in every case; what it throws is a bug. */
  dispatch(desk: Desk, incoming: Incoming): Promise<void>
}

/** What handling needs of the bot. */
export interface HandleParts extends SurfaceParts {
  readonly handlers: Handlers
  readonly identity: Identity
  readonly racks: readonly Operations[]
  readonly inbox: Inbox
  readonly log: Logger
  readonly clock: () => Date
}

/** Does what a delivery asks for, and marks it handled whatever came of it. Never throws. */
export const handle = async (parts: HandleParts, delivery: SlackDelivery, triggerId: string | null): Promise<void> => {
  const { incoming, user, channel, direct, shared } = delivery
  const ref = randomBytes(2).toString('hex')
  const log = parts.log.child({ ref, delivery: delivery.id, user, channel, kind: incoming.kind })
  try {
    await parts.handlers.dispatch({
      delivery: delivery.id, place: { channel, direct }, identify: () => parts.identity.identify(user, { channel, direct, shared }),
      racks: parts.racks, inbox: parts.inbox, slack: createSurface(parts, delivery, triggerId, log), log, clock: parts.clock, ref,
    }, incoming)
  } catch (error) {
    log.error({ err: error }, 'a delivery was not answered')
  }
  try {
    await parts.inbox.handled(delivery.id)
  } catch (error) {
    log.error({ err: error }, 'a delivery was not marked handled; it may be done again after a restart')
  }
}
