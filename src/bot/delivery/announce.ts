import type { Logger } from 'pino'
import { z } from 'zod'
import type { AnnouncementStore, ToSay } from '../../rack/app-announcements.ts'
import { appAnnouncement, peopleOfAnnouncement, whoseAnnouncement } from '../messages/app-announcement.ts'
import type { Names } from '../messages/phrase.ts'
import { unannounced } from '../messages/undelivered.ts'
import { mostLooks, oldestFor } from './lost-answer.ts'
import { postGently } from './post-gently.ts'
import type { SlackCalls } from './slack-calls.ts'
import { mayPass, readTrouble, SharedChannelError, type Trouble } from './slack-error.ts'
import { waitAfter, type Timings } from './timings.ts'

/** What saying one announcement takes. */
export interface AnnounceParts {
  readonly calls: Pick<SlackCalls, 'post' | 'read' | 'join' | 'openDirect'>
  /** 0 when something may be posted there now, else how long to wait (milliseconds). */
  readonly mayPost: (channel: string) => Promise<number>
  /** Slack said to leave the channel alone for so many milliseconds. */
  readonly pause: (channel: string, ms: number) => Promise<void>
  readonly names: (ids: readonly string[]) => Promise<Names>
  /** Who is told when whoever did it cannot be: Slack ids, the first one first. */
  readonly admins: () => Promise<readonly string[]>
  /** Whether people of another company read along there; never throws. */
  readonly isShared: (channel: string) => Promise<boolean>
  readonly botId: () => string | undefined
  readonly log: Logger
  readonly timings: Pick<Timings, 'look' | 'backoff' | 'backoffMost'>
}

/** Marks ours, so that a post whose answer was lost can be found again. */
export const announcementEvent = 'convox_announcement'
const shape = z.object({ event_type: z.literal(announcementEvent), event_payload: z.object({ k: z.string() }) })
const keyOf = (said: Pick<ToSay, 'rack' | 'id'>): string => `${said.rack}:${said.id}`

/** Slack answered, or never heard of it: nothing was posted. */
const isDefinite = (error: unknown): boolean => !['ambiguous', undefined].includes(readTrouble(error)?.kind)

/** Reading may be refused for good: then it is rather said twice than never. */
const unreadable = (error: unknown): boolean => {
  const trouble = readTrouble(error)
  if (trouble === undefined || mayPass(trouble)) throw error
  return true
}

/**
 * Makes what says one claimed announcement, or puts it back for later. One that fails for a reason of ours keeps nobody of the other channels waiting: it
 * throws only when the database does not answer.
 */
export const createAnnounce = (parts: AnnounceParts): ((store: AnnouncementStore, said: ToSay) => Promise<void>) => {
  const { calls, log, timings } = parts
  /** Failures in a row, also those before anything was written down. */
  const failures = new Map<string, number>()
  /** May stand in Slack already: the call was made, and nothing says that it was refused. */
  const perhaps = new Set<string>()
  const joined = new Set<string>()

  const sent = async (store: AnnouncementStore, said: ToSay, ts: string): Promise<void> => {
    await store.sent(said, ts)
    failures.delete(keyOf(said))
  }
  const giveUp = async (store: AnnouncementStore, said: ToSay, why: string): Promise<void> => {
    await store.dead(said, why)
    failures.delete(keyOf(said))
  }

  /** Makes the post, in the channel or, with `why` the channel takes none, in a direct message. Returns its `ts`. */
  const send = async (said: ToSay, channel: string, why: string | null): Promise<string> => {
    const known = await parts.names(peopleOfAnnouncement(said.told))
    const payload = why === null ? appAnnouncement(said.told, said, known) : unannounced(said.told, said, { channel: said.channel, why }, known)
    const key = keyOf(said)
    perhaps.add(key)
    const message = { channel, threadTs: null, broadcast: false, payload, metadata: { event_type: announcementEvent, event_payload: { k: key } } }
    return postGently(parts, message, { text: payload.text, blocks: [] }, { app: said.app, channel }).catch((error: unknown) => {
      if (isDefinite(error)) perhaps.delete(key)
      throw error
    })
  }

  const post = async (store: AnnouncementStore, said: ToSay): Promise<void> => {
    if (!(await store.sending(said, said.channel))) return
    await sent(store, said, await send(said, said.channel, null))
    // It may be taken out of the channel again, and joins again.
    joined.delete(said.channel)
  }

  /** Tried again after `seconds`; looked for first where it may stand in Slack already. */
  const putBack = (store: AnnouncementStore, said: ToSay, seconds: number): Promise<boolean> =>
    perhaps.has(keyOf(said)) ? store.unknown(said, seconds) : store.later(said, seconds)

  /** The next failure in a row, and the seconds to wait after it; `longer`: than after the one before. */
  const nextWait = (said: ToSay): { readonly seconds: number; readonly longer: boolean } => {
    const before = Math.max(failures.get(keyOf(said)) ?? 0, said.attempts)
    failures.set(keyOf(said), before + 1)
    const wait = waitAfter(timings, before + 1)
    return { seconds: wait / 1000, longer: before === 0 || wait > waitAfter(timings, before) }
  }

  /** True once it counts as not there. */
  const isMissing = async (store: AnnouncementStore, said: ToSay): Promise<boolean> => {
    const key = keyOf(said)
    const found = (await calls.read({ channel: said.tried ?? said.channel, threadTs: null, oldest: oldestFor(said.createdAt.getTime()) }))
      .find(({ botId, metadata }) => botId === parts.botId() && shape.safeParse(metadata).data?.event_payload.k === key)
    if (found !== undefined) {
      await sent(store, said, found.ts)
      return false
    }
    const looks = said.looks + 1
    if (looks >= mostLooks) return true
    await store.unknown(said, timings.look / 1000, looks)
    return false
  }

  /** What came of telling this person; `lost`: somebody else says it now. Throws what may pass. */
  const tellPerson = async (store: AnnouncementStore, said: ToSay, person: string, why: string): Promise<'told' | 'refused' | 'lost'> => {
    try {
      const direct = await calls.openDirect(person)
      if (!(await store.sending(said, direct))) return 'lost'
      await send(said, direct, why)
      return 'told'
    } catch (error) {
      const trouble = readTrouble(error)
      if (trouble === undefined || mayPass(trouble)) throw error
      return 'refused'
    }
  }

  /** Its channel takes it not: whoever lost a lock hears of it, else whoever did it, else an admin; the others read it on the cards. */
  const tellDirectly = async (store: AnnouncementStore, said: ToSay, why: string): Promise<void> => {
    log.warn({ app: said.app, channel: said.channel, why }, 'an announcement could not be posted')
    for (const person of new Set([...whoseAnnouncement(said.told), ...await parts.admins()])) {
      const came = await tellPerson(store, said, person, why)
      if (came === 'lost') return
      if (came === 'told') return giveUp(store, said, why)
    }
    log.error({ app: said.app, channel: said.channel, what: said.told.kind, why }, 'nobody could be told of what was not announced')
    return giveUp(store, said, why)
  }

  const join = async (store: AnnouncementStore, said: ToSay, why: string): Promise<void> => {
    if (joined.has(said.channel)) return tellDirectly(store, said, why)
    joined.add(said.channel)
    try {
      await calls.join(said.channel)
    } catch (error) {
      const trouble = readTrouble(error)
      if (trouble !== undefined && !mayPass(trouble)) return tellDirectly(store, said, why)
      joined.delete(said.channel)
      throw error
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
      case 'cut_off': return void (await putBack(store, said, nextWait(said).seconds))
      case 'ambiguous': return void (await store.unknown(said, 0))
      case 'absent': return join(store, said, trouble.why)
      case 'unpostable': return tellDirectly(store, said, trouble.why)
      case 'gone':
      case 'locked':
      case 'uneditable':
      case 'malformed':
      case 'refused': {
        log.error({ app: said.app, why: trouble.why }, 'Slack does not take an announcement')
        return tellDirectly(store, said, trouble.why)
      }
    }
  }

  /** What came of curing it: put back when that may pass, else given up with the first reason. */
  const afterCure = async (store: AnnouncementStore, said: ToSay, why: string, error: unknown): Promise<void> => {
    const trouble = readTrouble(error)
    if (trouble === undefined) throw error
    if (!mayPass(trouble)) return giveUp(store, said, why)
    await putBack(store, said, trouble.kind === 'limited' ? trouble.seconds : nextWait(said).seconds)
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
      if (await parts.isShared(said.channel)) throw new SharedChannelError()
      await post(store, said)
    } catch (error) {
      const trouble = readTrouble(error)
      if (trouble === undefined) throw error
      await cure(store, said, trouble).catch((second: unknown) => afterCure(store, said, trouble.why, second))
    }
  }

  return async (store, said) => {
    try {
      await tell(store, said)
    } catch (error) {
      const { seconds, longer } = nextWait(said)
      // Once per step of the wait: a bug that stays does not fill the log.
      log[longer ? 'error' : 'debug']({ app: said.app, channel: said.channel, err: error, seconds }, 'an announcement failed and is tried again')
      await putBack(store, said, seconds)
    } finally {
      perhaps.delete(keyOf(said))
    }
  }
}
