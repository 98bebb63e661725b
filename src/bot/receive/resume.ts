import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Delivery, Inbox } from '../../rack/operations.ts'
import { readDelivery, type SlackDelivery } from './delivery.ts'

/** Seconds. A delivery older than this is not done again after a restart: its person has long asked somebody else. */
const worthDoing = 15 * 60
/** Milliseconds. A younger one may be in the hands of another replica, which has 25 s to finish it even while it stops. */
const others = 30_000

/** What resuming needs. `alone`: no other process can be busy with anything (the embedded database). */
export interface ResumeParts {
  readonly inbox: Inbox
  readonly log: Logger
  readonly alone: boolean
  readonly now: () => number
  readonly again: (delivery: SlackDelivery) => void
  readonly signal: AbortSignal
}

const redo = async (parts: ResumeParts, left: readonly Delivery[]): Promise<void> => {
  for (const { id, payload } of left) {
    const delivery = readDelivery(payload)
    if (delivery === null) {
      parts.log.error({ delivery: id }, 'a kept delivery cannot be read')
      await parts.inbox.handled(id)
      continue
    }
    parts.log.info({ delivery: id }, 'a delivery is done again after a restart')
    parts.again(delivery)
  }
}

/** What was left over when this process began. Asked before anything new comes in, so that its own work is never among it. */
export const leftOver = (inbox: Inbox): Promise<readonly Delivery[]> => inbox.unhandled(worthDoing)

/**
 * Does again what a predecessor acknowledged and did not finish: at once where nobody else can be busy with it, else when it is
 * still not handled after the time that another replica has for it. Settles when all is begun, or at the signal.
 */
export const resume = async (parts: ResumeParts, left: readonly Delivery[]): Promise<void> => {
  const old = left.filter((one) => parts.alone || parts.now() - one.receivedAt.getTime() >= others)
  await redo(parts, old)
  const young = new Set(left.filter((one) => !old.includes(one)).map((one) => one.id))
  if (young.size === 0) return
  try {
    await sleep(others, undefined, { signal: parts.signal, ref: false })
  } catch (error) {
    if (parts.signal.aborted) return
    throw error
  }
  await redo(parts, (await parts.inbox.unhandled(worthDoing)).filter((one) => young.has(one.id)))
}
