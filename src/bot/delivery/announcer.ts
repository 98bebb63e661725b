import type { AnnouncementStore, ToSay } from '../../rack/app-announcements.ts'
import { createAnnounce, type AnnounceParts } from './announce.ts'
import type { Timings } from './timings.ts'

/** What the announcer works with. */
export interface AnnouncerParts extends AnnounceParts {
  readonly stores: readonly AnnouncementStore[]
  readonly timings: Pick<Timings, 'poll' | 'look' | 'backoff' | 'backoffMost'>
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

export const createAnnouncer = (parts: AnnouncerParts): Announcer => {
  const { log } = parts
  const announce = createAnnounce(parts)
  let going = false
  let timer: NodeJS.Timeout | undefined
  let working: Promise<void> | null = null
  let again = false
  let hinted = false
  let databaseAway = false
  let stops: readonly (() => void)[] = []

  /** Another replica may have it at once. */
  const giveBack = (store: AnnouncementStore, said: ToSay): Promise<boolean> => (said.state === 'unknown' ? store.unknown(said, 0) : store.later(said, 0))

  const sayAll = async (): Promise<void> => {
    for (const store of parts.stores) {
      if (!going) return
      for (const said of await store.claim(claimLimit)) await (going ? announce(store, said) : giveBack(store, said))
    }
  }

  const round = async (): Promise<void> => {
    try {
      await sayAll()
      if (databaseAway) log.info('announcements go on: the database answers again')
      databaseAway = false
    } catch (error) {
      if (!databaseAway) log.warn({ err: error }, 'announcements wait: the database does not answer')
      databaseAway = true
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
    working = round().finally(() => {
      working = null
      schedule(again ? soon : parts.timings.poll)
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
