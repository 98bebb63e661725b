import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import type { Inbox, Operations } from '../../rack/operations.ts'
import type { Desk, Incoming, SubmissionErrors } from '../context.ts'
import type { Identity } from '../identify.ts'
import type { SlackDelivery } from './delivery.ts'
import type { Outside } from './drain.ts'
import { insist } from './insist.ts'
import { tellListeners, type OnEvent } from './on-event.ts'
import { rackOutside } from './rack-outside.ts'
import { createSurface, surfaceOutside, type SurfaceParts } from './surface.ts'

export type Submission = Extract<Incoming, { kind: 'submission' }>

/** What turns deliveries into answers (src/bot/dispatch.ts). */
export interface Handlers {
  /** Answers in every case; rejects only when even that failed. */
  dispatch(desk: Desk, incoming: Incoming): Promise<void>
  /** `errors` settles in time for the acknowledgement, within `patience` ms; `done` once all is answered. */
  submit(desk: Desk, incoming: Submission, patience?: number): { readonly errors: Promise<SubmissionErrors>; readonly done: Promise<void> }
}

/** Whether a promotion is being approved or rejected: then nothing stale is believed. Pure. */
export const decides = (incoming: SlackDelivery['incoming']): boolean =>
  (incoming.kind === 'click' && (incoming.action === 'approve' || incoming.action === 'reject')) || (incoming.kind === 'submission' && incoming.view === 'reject_promotion')

/** What handling needs of the bot. */
export interface HandleParts extends SurfaceParts {
  readonly handlers: Handlers
  readonly identity: Identity
  readonly racks: readonly Operations[]
  readonly admins: readonly string[]
  readonly inbox: Inbox
  readonly listeners: readonly OnEvent[]
  readonly log: Logger
  readonly clock: () => Date
}

const deskOf = (parts: HandleParts, delivery: SlackDelivery, triggerId: string | null, outside: Outside): Desk => {
  const { user, channel, direct, shared, incoming, id } = delivery
  const ref = randomBytes(2).toString('hex')
  const log = parts.log.child({ ref, delivery: id, user, channel, kind: incoming.kind })
  return {
    delivery: id, place: { channel, direct, ...(delivery.messageTs === undefined ? {} : { message: delivery.messageTs }) }, identify: () => outside(() => parts.identity.identify(user, { channel, direct, shared, deciding: decides(incoming) })),
    racks: parts.racks.map((rack) => rackOutside(rack, outside)), admins: parts.admins, inbox: parts.inbox, slack: surfaceOutside(createSurface(parts, delivery, triggerId, log), outside), log, clock: parts.clock, ref,
  }
}

/** Waits for the answer and marks the delivery handled whatever came of it. Never throws. */
const finish = async (desk: Desk, id: string, answered: Promise<void>): Promise<void> => {
  try {
    await answered
  } catch (error) {
    desk.log.error({ err: error }, 'a delivery was not answered')
  }
  try {
    await desk.inbox.handled(id)
  } catch (error) {
    desk.log.warn({ err: error }, 'a delivery was not marked handled; it is tried again')
    // Else it would be taken over as left behind, and answered twice.
    insist(() => desk.inbox.handled(id), (again) => desk.log.debug({ err: again }, 'the inbox does not answer yet'))
  }
}

/** Does what a delivery asks for. Never throws. What it waits for of others (Slack, a registry, the cluster) it waits for `outside`. */
export const handle = (parts: HandleParts, delivery: SlackDelivery, triggerId: string | null, outside: Outside): Promise<void> => {
  const desk = deskOf(parts, delivery, triggerId, outside)
  const { incoming } = delivery
  return finish(desk, delivery.id, incoming.kind === 'event' ? outside(() => tellListeners(parts.listeners, incoming.event, desk.log)) : parts.handlers.dispatch(desk, incoming))
}

/** Nobody waits for it. */
const alone: Outside = (wait) => wait()

/** The same for a modal, whose acknowledgement says what is wrong under its fields. */
export const handleSubmission = (parts: HandleParts, delivery: SlackDelivery, incoming: Submission, triggerId: string | null, patience: number): {
  readonly errors: Promise<SubmissionErrors>; readonly done: Promise<void>
} => {
  const desk = deskOf(parts, delivery, triggerId, alone)
  const { errors, done } = parts.handlers.submit(desk, incoming, patience)
  return { errors, done: finish(desk, delivery.id, done) }
}
