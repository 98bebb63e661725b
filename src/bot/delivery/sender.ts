import type { Conversation } from '../../rack/delivery-store.ts'
import { converse } from './converse.ts'
import { freshMemory, type Memory } from './memory.ts'
import type { DeliveryParts } from './talk.ts'

/** Brings the outbox to Slack. */
export interface Sender {
  start(): void
  /** Ends after the calls under way, with every lease given back. */
  stop(): Promise<void>
}

/** Conversations taken at once; each is one short chain of calls. */
const claimLimit = 50
/** A card counts as live for the pace of redraws when it was redrawn within so many ms. */
const liveFor = 30_000

export const createSender = (parts: DeliveryParts): Sender => {
  const { store, timings, log, now } = parts
  const memories = new Map<string, Memory>()
  const running = new Map<string, Promise<void>>()
  const wakeAt = new Map<string, number>()
  let going = false
  let timer: NodeJS.Timeout | undefined
  let ticking: Promise<void> | undefined
  let again = false
  let databaseAway = false
  let unsubscribe: () => void = () => undefined

  const liveCards = (): number => {
    const at = now()
    return [...memories.values()].filter((memory) => memory.redrawnAt !== null && at - memory.redrawnAt < liveFor).length
  }

  const run = async (conversation: Conversation): Promise<void> => {
    const { promotion } = conversation
    const memory = memories.get(promotion) ?? freshMemory()
    memories.set(promotion, memory)
    try {
      const wake = await converse(parts, conversation, memory, liveCards, () => going)
      if (wake !== null) wakeAt.set(promotion, wake)
      else if (conversation.final) memories.delete(promotion)
    } catch (error) {
      // The database, or a bug: the outbox keeps the facts, this process tries again later.
      memory.failures += 1
      memory.notBefore = now() + Math.min(timings.backoffMost, timings.backoff * 2 ** (memory.failures - 1))
      log.error({ promotion, err: error }, 'a conversation stopped')
    }
    await giveBack(conversation)
  }

  /** A lease that cannot be given back runs out by itself. */
  const giveBack = async (conversation: Conversation): Promise<void> => {
    try {
      await store.release(conversation)
    } catch (error) {
      log.warn({ promotion: conversation.promotion, err: error }, 'a lease was not given back')
    }
  }

  const claim = async (): Promise<readonly Conversation[]> => {
    try {
      const claimed = await store.claim(claimLimit)
      if (databaseAway) log.info('the outbox answers again')
      databaseAway = false
      return claimed
    } catch (error) {
      if (!databaseAway) log.error({ err: error }, 'the outbox does not answer')
      databaseAway = true
      return []
    }
  }

  const tick = async (): Promise<void> => {
    for (const [promotion, at] of wakeAt) if (at <= now()) wakeAt.delete(promotion)
    const before = new Set(running.keys())
    for (const conversation of await claim()) {
      const { promotion } = conversation
      // What was being said while it was claimed may already be said: only a claim made after that run counts.
      if (before.has(promotion) || running.has(promotion)) {
        await giveBack(conversation)
        again = true
        continue
      }
      wakeAt.delete(promotion)
      running.set(promotion, run(conversation).finally(() => {
        running.delete(promotion)
        schedule()
      }))
    }
  }

  const moreToDo = (): boolean => again && going

  const wake = (): void => {
    if (!going) return
    again = true
    ticking ??= (async () => {
      while (moreToDo()) {
        again = false
        await tick()
      }
    })().finally(() => {
      ticking = undefined
      schedule()
    })
  }

  const schedule = (): void => {
    if (!going) return
    clearTimeout(timer)
    const next = Math.min(now() + timings.poll, ...wakeAt.values())
    timer = setTimeout(wake, Math.max(20, next - now()))
  }

  return {
    start: () => {
      going = true
      unsubscribe = store.onWork(wake)
      wake()
    },
    stop: async () => {
      going = false
      unsubscribe()
      clearTimeout(timer)
      await ticking
      await Promise.all(running.values())
    },
  }
}
