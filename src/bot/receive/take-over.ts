import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Delivery, Inbox } from '../../rack/operations.ts'
import { readDelivery, type SlackDelivery } from './delivery.ts'

/** `every` in milliseconds, `idle` in seconds: a process that says nothing of a delivery for so long is gone, or stops (it has 25 s for that). */
export const takeOverTimings = { every: 8_000, idle: 30 } as const

/** What taking over needs. */
export interface TakeOverParts {
  readonly inbox: Inbox
  readonly log: Logger
  /** Ids of what this process is at. */
  readonly inHand: () => readonly string[]
  readonly again: (delivery: SlackDelivery) => void
  /** False while this process stops: it says what it is still at, and takes nothing more. */
  readonly takes: () => boolean
  readonly signal: AbortSignal
  /** True where nobody else can be busy with what is left over. */
  readonly alone: boolean
  readonly timings?: { readonly every: number; readonly idle: number } | undefined
}

const redo = async (parts: TakeOverParts, left: readonly Delivery[]): Promise<void> => {
  for (const { id, payload } of left) {
    const delivery = readDelivery(payload)
    if (delivery === null) {
      parts.log.error({ delivery: id }, 'a kept delivery cannot be read')
      await parts.inbox.handled(id)
      continue
    }
    parts.log.info({ delivery: id }, 'a delivery whose process is gone is done again')
    parts.again(delivery)
  }
}

/** What was left over by a predecessor, where nobody else can be busy with it (the embedded database). Asked before anything new comes in. */
export const takeAllOver = async (parts: TakeOverParts): Promise<void> => redo(parts, await parts.inbox.takeOver(0))

/**
 * Says again and again what this process is at, and does again what another one acknowledged and did not finish, so that nothing that
 * was acknowledged is lost with its process. After the database was away everybody first says what must not be done (`refused`):
 * for as long as a process counts as there, nothing is taken over; nor so soon after the start, which may be just after that. Settles at the signal.
 */
export const keepTakingOver = async (parts: TakeOverParts): Promise<void> => {
  const { inbox, log, inHand, signal, timings = takeOverTimings } = parts
  let calmSince = parts.alone ? Number.NEGATIVE_INFINITY : performance.now()
  while (!signal.aborted) {
    try {
      await inbox.hold(inHand())
      if (parts.takes() && performance.now() - calmSince >= timings.idle * 1_000) await redo(parts, await inbox.takeOver(timings.idle))
    } catch (error) {
      calmSince = performance.now()
      log.debug({ err: error }, 'the inbox does not answer')
    }
    await sleep(timings.every, undefined, { signal, ref: false }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }
}
