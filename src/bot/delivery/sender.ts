import type { Absence, Conversation } from '../../rack/delivery-store.ts'
import { converse } from './converse.ts'
import { freshMemory, putOff, type Memory } from './memory.ts'
import { createPace } from './pace.ts'
import { createPulse } from './pulse.ts'
import type { DeliveryParts } from './talk.ts'

/** Brings the outbox to Slack. */
export interface Sender {
  start(): void
  /** Ends after the calls under way, with every lease given back. */
  stop(): Promise<void>
}

/** Conversations spoken in at once, each a short chain of calls; beyond `all` only ends and verdicts. `batch`: claimed together. */
export const limits = { all: 50, urgent: 80, batch: 10 } as const
/** Memories kept at most: what is forgotten is found out again. */
const mostMemories = 2_000
/** Milliseconds between two marks of being in touch with Slack. */
const markEvery = 5_000

/** What a sender is made of; the rest it makes itself. */
export type SenderOptions = Omit<DeliveryParts, 'pace' | 'pulse' | 'absence'> & {
  /** Slack said that the token is no good (any more). */
  readonly onCutOff?: () => void
}

export const createSender = (options: SenderOptions): Sender => {
  const { store, timings, log, now } = options
  let absence: Absence | null = null
  let markedAt = -Infinity
  const pulse = createPulse(now, options.onCutOff)
  /** While this process gets no answer it is away itself: what it says first is said as after an absence. */
  const lastAbsence = (): Absence | null => {
    const since = pulse.awaySince()
    return since !== null && now() - since >= timings.absence ? { from: new Date(since), until: new Date(now()) } : absence
  }
  const parts: DeliveryParts = { ...options, pace: createPace(store, timings, now), pulse, absence: lastAbsence }
  const memories = new Map<string, Memory>()
  const running = new Map<string, Promise<void>>()
  const wakeAt = new Map<string, number>()
  let going = false
  let timer: NodeJS.Timeout | undefined
  let ticking: Promise<void> | undefined
  let again = false
  let databaseAway = false
  let unsubscribe: () => void = () => undefined

  /** The least lately used is forgotten first: another replica may have said the end of it. */
  const remembered = (promotion: string): Memory => {
    const memory = memories.get(promotion) ?? freshMemory()
    memories.delete(promotion)
    memories.set(promotion, memory)
    for (const oldest of memories.keys()) {
      if (memories.size <= mostMemories) break
      memories.delete(oldest)
    }
    return memory
  }

  const run = async (conversation: Conversation): Promise<void> => {
    const { promotion } = conversation
    const memory = remembered(promotion)
    let wake: number | null = null
    try {
      wake = await converse(parts, conversation, memory, () => going)
      if (wake === null && conversation.final) memories.delete(promotion)
    } catch (error) {
      // The database, or a bug: the outbox keeps the facts, this process tries again later.
      wake = now() + putOff(memory, 'any', timings, now())
      log.error({ promotion, err: error }, 'a conversation stopped')
    }
    if (wake !== null) wakeAt.set(promotion, wake)
    // Stopping: whoever goes on need not wait for what this process waited for.
    await giveBack(conversation, wake === null || !going ? null : Math.max(0, wake - now()))
  }

  /** A lease that cannot be given back runs out by itself. */
  const giveBack = async (conversation: Conversation, wait: number | null): Promise<void> => {
    try {
      await store.release(conversation, wait)
    } catch (error) {
      log.warn({ promotion: conversation.promotion, err: error }, 'a lease was not given back')
    }
  }

  const claim = async (): Promise<readonly Conversation[]> => {
    try {
      const which = running.size < limits.all ? 'all' : 'urgent'
      const room = Math.min(limits.batch, limits[which] - running.size)
      const claimed = room > 0 ? await store.claim(room, which) : []
      // There may be more; what became urgent meanwhile comes first then.
      if (room > 0 && claimed.length === room) again = true
      if (databaseAway) log.info('the outbox answers again')
      databaseAway = false
      return claimed
    } catch (error) {
      if (!databaseAway) log.error({ err: error }, 'the outbox does not answer')
      databaseAway = true
      return []
    }
  }

  /** Says in the database that somebody is in touch with Slack, so that the next one knows how long nobody was. */
  const markPresent = async (): Promise<void> => {
    if (pulse.awaySince() !== null || now() - markedAt < markEvery) return
    try {
      const last = await store.present()
      // Who was in touch meanwhile knows that there was no absence: the database's clock was set ahead.
      if (now() - markedAt >= timings.absence) absence = last
      markedAt = now()
    } catch (error) {
      log.debug({ err: error }, 'presence was not marked')
    }
  }

  const tick = async (): Promise<void> => {
    await markPresent()
    for (const [promotion, at] of wakeAt) if (at <= now()) wakeAt.delete(promotion)
    const before = new Set(running.keys())
    for (const conversation of await claim()) {
      const { promotion } = conversation
      // What was being said while it was claimed may already be said: only a claim made after that run counts.
      if (before.has(promotion) || running.has(promotion)) {
        await giveBack(conversation, null)
        // Nobody else held it in between: what is known of it stays true.
        const memory = memories.get(promotion)
        if (memory?.epoch === conversation.epoch - 1) memory.epoch = conversation.epoch
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
