import type { Logger } from 'pino'
import { z } from 'zod'
import type { AnnouncementStore, ToSay } from '../../rack/app-announcements.ts'
import { appAnnouncement, peopleOfAnnouncement } from '../messages/app-announcement.ts'
import type { Names } from '../messages/phrase.ts'
import type { SlackCalls } from './slack-calls.ts'
import { readTrouble, type Trouble } from './slack-error.ts'

/** What the announcer works with. Times in milliseconds. */
export interface AnnouncerParts {
  readonly stores: readonly AnnouncementStore[]
  readonly calls: Pick<SlackCalls, 'post' | 'read' | 'join' | 'openDirect'>
  /** 0 when something may be posted there now, else how long to wait. */
  readonly mayPost: (channel: string) => Promise<number>
  /** Slack said to leave the channel alone. */
  readonly pause: (channel: string, ms: number) => Promise<void>
  readonly names: (ids: readonly string[]) => Promise<Names>
  readonly botId: () => string | undefined
  readonly log: Logger
  /** Other replicas' work is found by asking this often. */
  readonly poll: number
  /** Between the two looks for a post whose answer was lost. */
  readonly look: number
}

/** Says in the apps' channels what has no promotion to stand under. */
export interface Announcer {
  start(): void
  /** Ends after what is under way. */
  stop(): Promise<void>
}

const claimLimit = 20
/** Milliseconds from a hint to the look. */
const soon = 100
/** Looked for so many times before it counts as never stored (reference/slack.md 6.3). */
const mostLooks = 2
/** A post is looked for from so many seconds before it was written down: two clocks. */
const slack = 60
/** First wait after a failed call, and the longest; seconds. */
const backoff = { first: 1, most: 30 } as const

/** Marks ours, so that a post whose answer was lost can be found again. */
export const announcementEvent = 'convox_announcement'
const shape = z.object({ event_type: z.literal(announcementEvent), event_payload: z.object({ k: z.string() }) })
const keyOf = (said: Pick<ToSay, 'rack' | 'id'>): string => `${said.rack}:${said.id}`

const waitAfter = (attempts: number): number => Math.min(backoff.most, backoff.first * 2 ** Math.max(0, attempts - 1))

/** Slack answered, or never heard of it: nothing was posted. */
const isDefinite = (error: unknown): boolean => !['ambiguous', undefined].includes(readTrouble(error)?.kind)

export const createAnnouncer = (parts: AnnouncerParts): Announcer => {
  const { calls, log } = parts
  const looks = new Map<string, number>()
  /** May stand in Slack already: the call was made, and nothing says that it was refused. */
  const perhaps = new Set<string>()
  const joined = new Set<string>()
  let going = false
  let timer: NodeJS.Timeout | undefined
  let working: Promise<void> | null = null
  let again = false
  let hinted = false
  let stops: readonly (() => void)[] = []

  const post = async (store: AnnouncementStore, said: ToSay, channel: string): Promise<void> => {
    if (!(await store.sending(said))) return
    const payload = appAnnouncement(said.told, said, await parts.names(peopleOfAnnouncement(said.told)))
    const key = keyOf(said)
    perhaps.add(key)
    const ts = await calls.post({ channel, threadTs: null, broadcast: false, payload, metadata: { event_type: announcementEvent, event_payload: { k: key } } })
      .catch((error: unknown) => {
        if (isDefinite(error)) perhaps.delete(key)
        throw error
      })
    await store.sent(said, ts)
    looks.delete(key)
    // It may be taken out of the channel again, and joins again.
    joined.delete(channel)
  }

  /** Tried again after `seconds`; looked for first where it may stand in Slack already. */
  const putBack = (store: AnnouncementStore, said: ToSay, seconds: number): Promise<boolean> =>
    perhaps.has(keyOf(said)) ? store.unknown(said, seconds) : store.later(said, seconds)

  /** True once it counts as not there. */
  const isMissing = async (store: AnnouncementStore, said: ToSay): Promise<boolean> => {
    const key = keyOf(said)
    const found = (await calls.read({ channel: said.channel, threadTs: null, oldest: String(said.createdAt.getTime() / 1000 - slack) }))
      .find(({ botId, metadata }) => botId === parts.botId() && shape.safeParse(metadata).data?.event_payload.k === key)
    if (found !== undefined) {
      await store.sent(said, found.ts)
      return false
    }
    const looked = (looks.get(key) ?? 0) + 1
    looks.set(key, looked)
    if (looked >= mostLooks) return true
    await store.unknown(said, parts.look / 1000)
    return false
  }

  /** Whoever lost a lock hears of it all the same; the others read it on the cards. */
  const tellDirectly = async (store: AnnouncementStore, said: ToSay, why: string): Promise<void> => {
    log.warn({ app: said.app, channel: said.channel, why }, 'an announcement could not be posted')
    if (said.told.kind !== 'lock_taken') return void (await store.dead(said, why))
    await post(store, said, await calls.openDirect(said.told.from))
  }

  const join = async (store: AnnouncementStore, said: ToSay, why: string): Promise<void> => {
    if (joined.has(said.channel)) return tellDirectly(store, said, why)
    joined.add(said.channel)
    try {
      await calls.join(said.channel)
    } catch (error) {
      if (readTrouble(error) === undefined) throw error
      return tellDirectly(store, said, why)
    }
    await store.later(said, 0)
  }

  const cure = async (store: AnnouncementStore, said: ToSay, trouble: Trouble): Promise<void> => {
    switch (trouble.kind) {
      case 'limited': {
        await parts.pause(said.channel, trouble.seconds * 1000)
        return void (await putBack(store, said, trouble.seconds))
      }
      case 'unsent':
      case 'cut_off': return void (await putBack(store, said, waitAfter(said.attempts + 1)))
      case 'ambiguous': {
        looks.delete(keyOf(said))
        return void (await store.unknown(said, 0))
      }
      case 'absent': return join(store, said, trouble.why)
      case 'unpostable': return tellDirectly(store, said, trouble.why)
      case 'gone':
      case 'locked':
      case 'uneditable':
      case 'malformed':
      case 'refused': {
        log.error({ app: said.app, why: trouble.why }, 'Slack does not take an announcement')
        return void (await store.dead(said, trouble.why))
      }
    }
  }

  /** Reading may be refused for good: then it is rather said twice than never. */
  const unreadable = (error: unknown): boolean => {
    const trouble = readTrouble(error)
    if (trouble === undefined || ['limited', 'unsent', 'ambiguous'].includes(trouble.kind)) throw error
    return true
  }

  const tell = async (store: AnnouncementStore, said: ToSay): Promise<void> => {
    try {
      if (said.state === 'unknown') {
        perhaps.add(keyOf(said))
        if (!(await isMissing(store, said).catch(unreadable))) return
        perhaps.delete(keyOf(said))
      }
      const wait = await parts.mayPost(said.channel)
      if (wait > 0) return void (await store.later(said, wait / 1000))
      await post(store, said, said.channel)
    } catch (error) {
      const trouble = readTrouble(error)
      if (trouble === undefined) throw error
      await cure(store, said, trouble).catch((second: unknown) => {
        const other = readTrouble(second)
        if (other === undefined) throw second
        if (other.kind === 'limited') return putBack(store, said, other.seconds)
        const mayPass = other.kind === 'unsent' || other.kind === 'ambiguous' || other.kind === 'cut_off'
        return mayPass ? putBack(store, said, waitAfter(said.attempts + 1)) : store.dead(said, trouble.why)
      })
    }
  }

  /** One that fails for a reason of ours keeps nobody of the other channels waiting. Throws when the database does not answer. */
  const tellOne = async (store: AnnouncementStore, said: ToSay): Promise<void> => {
    try {
      await tell(store, said)
    } catch (error) {
      log.error({ app: said.app, channel: said.channel, err: error }, 'an announcement failed and is tried again')
      await putBack(store, said, waitAfter(said.attempts + 1))
    } finally {
      perhaps.delete(keyOf(said))
    }
  }

  /** Another replica may have it at once. */
  const giveBack = (store: AnnouncementStore, said: ToSay): Promise<boolean> => (said.state === 'unknown' ? store.unknown(said, 0) : store.later(said, 0))

  const round = async (): Promise<void> => {
    for (const store of parts.stores) {
      if (!going) return
      for (const said of await store.claim(claimLimit)) await (going ? tellOne(store, said) : giveBack(store, said))
    }
  }

  const schedule = (after: number): void => {
    clearTimeout(timer)
    if (going) timer = setTimeout(wake, after)
  }
  // A rollout calls many times a second, and hardly ever because of an announcement.
  const hint = (): void => {
    if (hinted) return
    hinted = true
    schedule(soon)
  }
  const wake = (): void => {
    hinted = false
    if (!going) return
    if (working !== null) {
      again = true
      return
    }
    again = false
    working = round()
      .catch((error: unknown) => log.warn({ err: error }, 'announcements wait: the database does not answer'))
      .finally(() => {
        working = null
        schedule(again ? soon : parts.poll)
      })
  }
  return {
    start: () => {
      going = true
      stops = parts.stores.map((store) => store.onWork(hint))
      wake()
    },
    stop: async () => {
      going = false
      for (const stop of stops) stop()
      clearTimeout(timer)
      await working
    },
  }
}
