import { namesIn } from './membership.ts'
import { plainMessage } from './plain-text.ts'
import type { Ephemeral, Message } from './records.ts'
import type { Workspace } from './store.ts'

/** Something that came, changed or went on people's screens at `at` (ms of the workspace's clock). `to`: only this person saw it. */
export type Sighting = { at: number; channel: string; ts: string; what: 'posted' | 'edited' | 'deleted' | 'whispered'; text: string; to?: string }

/** A change of something in the world, and how to tell that a text shows it. */
export type Shown = { at: number; shows: (text: string) => boolean; channel?: string }

/** A workspace that runs for days forgets the oldest. */
const most = 50_000

/** Keeps what appeared on screens and when, from now on. */
export const createSightings = (workspace: Workspace) => {
  type Kept = Omit<Sighting, 'text'> & { message: Message | Ephemeral | undefined }
  const kept: Kept[] = []
  const known = new Set<string>()
  const keep = (one: Kept) => {
    kept.push(one)
    if (kept.length > most) kept.splice(0, kept.length - most)
  }
  workspace.onChange((change) => {
    const at = workspace.now()
    if (change.kind === 'message') {
      const { message } = change
      const key = `${message.channel}/${message.ts}`
      const what = message.subtype === 'tombstone' ? 'deleted' : known.has(key) ? 'edited' : 'posted'
      known.add(key)
      keep({ at, channel: message.channel, ts: message.ts, what, message })
    }
    if (change.kind === 'message-gone') keep({ at, channel: change.channel, ts: change.ts, what: 'deleted', message: undefined })
    if (change.kind === 'ephemeral')
      keep({ at, channel: change.ephemeral.channel, ts: change.ephemeral.ts, what: 'whispered', message: change.ephemeral, to: change.ephemeral.to })
  })
  const names = namesIn(workspace)
  const textOf = (message: Kept['message']) => (message === undefined ? '' : plainMessage(message, names))

  /** Oldest first; of one channel, or of all. */
  const sightings = (channel?: string): Sighting[] =>
    kept.filter((one) => channel === undefined || one.channel === channel).map(({ message, ...one }) => ({ ...one, text: textOf(message) }))

  /** Milliseconds from a change until somebody could read it; 0 when it was there already, Infinity when it never was. */
  const gap = ({ at, shows, channel }: Shown): number => {
    const first = kept.find((one) => (channel === undefined || one.channel === channel) && one.message !== undefined && shows(textOf(one.message)))
    return first === undefined ? Infinity : Math.max(0, first.at - at)
  }
  return { sightings, gap }
}

export type Sightings = ReturnType<typeof createSightings>
