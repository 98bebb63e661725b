import { changeAppAnnouncement, claimAppAnnouncements, type AnnouncementChange, type AppAnnouncementRecord } from '../db/app-announcements.ts'
import type { AppAnnouncement } from './app-announcement.ts'
import type { Rack } from './context.ts'
import { fromJson } from './json.ts'

/** One announcement, leased to one sender. */
export interface ToSay {
  readonly id: number
  /** Grows with each take-over; every write is refused (`false`) once it is not the newest. */
  readonly epoch: number
  readonly rack: string
  readonly severalRacks: boolean
  readonly app: string
  readonly channel: string
  readonly told: AppAnnouncement
  /** `unknown`: a post whose answer was lost. */
  readonly state: 'pending' | 'unknown'
  readonly attempts: number
  /** Where it was tried last; null when it never was. */
  readonly tried: string | null
  /** Looks in vain for the last attempt. */
  readonly looks: number
  readonly createdAt: Date
}

/** What the bot's announcer needs of the database. */
export interface AnnouncementStore {
  /** Of each channel the oldest that nobody is at; leased for 30 s. */
  claim(limit: number): Promise<readonly ToSay[]>
  /** Written before the call to Slack; `channel`: where it goes. */
  sending(said: ToSay, channel: string): Promise<boolean>
  sent(said: ToSay, ts: string): Promise<boolean>
  /** Its answer was lost: looked for after `seconds`. `looks`: so many were in vain until now; left out, as many as are known. */
  unknown(said: ToSay, seconds: number, looks?: number): Promise<boolean>
  /** Not stored: tried again after `seconds`. */
  later(said: ToSay, seconds: number): Promise<boolean>
  /** Given up; `why` is kept. */
  dead(said: ToSay, why: string): Promise<boolean>
  /** Calls back when there may be new work in this process; other replicas' work is found by polling. Returns a way to stop. */
  onWork(callback: () => void): () => void
}

/** Longer than a post and the look for it may take. */
const leaseSeconds = 30

const toSay = (record: AppAnnouncementRecord, severalRacks: boolean): ToSay | null => {
  const told = fromJson<AppAnnouncement>(record.fact)
  const { id, epoch, rack, app, channel, attempts, triedChannel: tried, looks, createdAt } = record
  return told === null ? null : { id, epoch, rack, severalRacks, app, channel, told, attempts, tried, looks, createdAt, state: record.state === 'pending' ? 'pending' : 'unknown' }
}

/** The announcements of one rack. */
export const createAnnouncementStore = (rack: Pick<Rack, 'name' | 'severalRacks' | 'db' | 'instance' | 'wakeDelivery'>): AnnouncementStore => {
  const change = ({ id, epoch }: ToSay, set: AnnouncementChange) => changeAppAnnouncement(rack.db, id, epoch, set)
  return {
    claim: async (limit) => (await claimAppAnnouncements(rack.db, { rack: rack.name, owner: rack.instance, seconds: leaseSeconds, limit }))
      .map((record) => toSay(record, rack.severalRacks)).filter((said) => said !== null),
    sending: (said, channel) => change(said, { state: 'sending', attempt: { channel } }),
    sent: (said, ts) => change(said, { state: 'sent', ts }),
    unknown: (said, seconds, looks) => change(said, { state: 'unknown', laterBy: seconds, ...(looks === undefined ? {} : { looks }) }),
    later: (said, seconds) => change(said, { state: 'pending', laterBy: seconds }),
    dead: (said, why) => change(said, { state: 'dead', why }),
    onWork: (callback) => rack.wakeDelivery.on(callback),
  }
}
