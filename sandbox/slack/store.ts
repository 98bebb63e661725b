import type { z } from 'zod'
import type { Journal, Journalled } from '../journal.ts'
import {
  channel,
  ephemeral,
  file,
  message,
  person,
  userGroup,
  view,
  type Channel,
  type Ephemeral,
  type Message,
  type Person,
  type SharedFile,
  type UserGroup,
  type View,
} from './records.ts'

/** Slack's own voice: it tells people what no app can. */
export const slackbot = 'USLACKBOT'

/** What changed, for the page and for whoever waits. */
export type Change =
  | { kind: 'message'; message: Message }
  | { kind: 'message-gone'; channel: string; ts: string }
  | { kind: 'ephemeral'; ephemeral: Ephemeral }
  | { kind: 'ephemeral-gone'; channel: string; ts: string; to: string }
  | { kind: 'views'; user: string }
  | { kind: 'person'; person: Person }
  | { kind: 'channel'; channel: Channel }
  | { kind: 'file'; file: SharedFile }
  | { kind: 'home'; user: string }
  | { kind: 'notice' }

export interface Workspace {
  now: () => number
  team: { id: string; name: string; domain: string }
  bot: { userId: string; botId: string; appId: string; name: string }
  /** A fresh message timestamp: seconds and six digits, always greater than the last, also after a restart. */
  nextTs: () => string
  /** A fresh id with this prefix, like `V1K`. */
  nextId: (prefix: string) => string
  person: (id: string) => Person | undefined
  people: () => Person[]
  putPerson: (value: Person) => void
  channel: (id: string) => Channel | undefined
  channels: () => Channel[]
  putChannel: (value: Channel) => void
  removeChannel: (id: string) => void
  group: (id: string) => UserGroup | undefined
  groups: () => UserGroup[]
  putGroup: (value: UserGroup) => void
  message: (channel: string, ts: string) => Message | undefined
  /** Oldest first, thread replies among them. */
  messages: (channel: string) => Message[]
  putMessage: (value: Message) => void
  removeMessage: (channel: string, ts: string) => void
  ephemerals: (channel?: string) => Ephemeral[]
  ephemeral: (channel: string, ts: string) => Ephemeral | undefined
  putEphemeral: (value: Ephemeral) => void
  removeEphemeral: (channel: string, ts: string) => void
  view: (id: string) => View | undefined
  views: () => View[]
  putView: (value: View) => void
  removeView: (id: string) => void
  file: (id: string) => SharedFile | undefined
  files: () => SharedFile[]
  putFile: (value: SharedFile) => void
  /** A value the fake keeps for itself (guide progress). */
  kept: (key: string) => Journalled | undefined
  keep: (key: string, value: Journalled | undefined) => void
  onChange: (listener: (change: Change) => void) => () => void
  tell: (change: Change) => void
}

const shelf = <T extends Journalled>(journal: Journal, prefix: string, schema: z.ZodType<T>, keyOf: (value: T) => string) => {
  const map = new Map<string, T>()
  for (const [key, value] of journal.entries()) if (key.startsWith(`${prefix}/`)) map.set(key.slice(prefix.length + 1), schema.parse(value))
  return {
    map,
    put: (value: T) => {
      map.set(keyOf(value), value)
      journal.set(`${prefix}/${keyOf(value)}`, value)
    },
    remove: (key: string) => {
      if (map.delete(key)) journal.set(`${prefix}/${key}`, undefined)
    },
  }
}

/** `ts` values order as numbers; as strings they have one width until the year 2286. */
const byTs = (a: { ts: string }, b: { ts: string }) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0)

/** Opens the workspace kept in `journal`. Throws (zod) when a record there has another shape. */
export const openWorkspace = (journal: Journal, team: Workspace['team'], bot: Workspace['bot'], now: () => number): Workspace => {
  const people = shelf(journal, 'slack/person', person, (one) => one.id)
  const channels = shelf(journal, 'slack/channel', channel, (one) => one.id)
  const messages = shelf(journal, 'slack/message', message, (one) => `${one.channel}/${one.ts}`)
  const ephemerals = shelf(journal, 'slack/ephemeral', ephemeral, (one) => `${one.channel}/${one.ts}`)
  const views = shelf(journal, 'slack/view', view, (one) => one.id)
  const files = shelf(journal, 'slack/file', file, (one) => one.id)
  const groups = shelf(journal, 'slack/group', userGroup, (one) => one.id)
  // By channel and in order: a message's `ts` is always the newest when it is made.
  const byChannel = new Map<string, Map<string, Message>>()
  const index = (one: Message) => {
    const there = byChannel.get(one.channel) ?? new Map<string, Message>()
    byChannel.set(one.channel, there.set(one.ts, one))
  }
  ;[...messages.map.values()].sort(byTs).forEach(index)
  const listeners = new Set<(change: Change) => void>()
  const tell = (change: Change) => listeners.forEach((listener) => listener(change))
  const keep = (key: string, value: Journalled | undefined) => journal.set(`slack/kept/${key}`, value)
  const kept = (key: string) => journal.get(`slack/kept/${key}`)
  const counter = (key: string, atLeast: number) => {
    const last = kept(key)
    const next = Math.max(typeof last === 'number' ? last + 1 : 0, atLeast)
    keep(key, next)
    return next
  }
  const viewGone = (id: string) => {
    const gone = views.map.get(id)
    views.remove(id)
    if (gone) tell({ kind: 'views', user: gone.user })
  }
  return {
    now,
    team,
    bot,
    nextTs: () => {
      const micros = counter('ts', now() * 1000)
      return `${Math.floor(micros / 1_000_000)}.${String(micros % 1_000_000).padStart(6, '0')}`
    },
    nextId: (prefix) => `${prefix}0${counter('id', 46_656).toString(36).toUpperCase()}`,
    person: (id) => people.map.get(id),
    people: () => [...people.map.values()],
    putPerson: (value) => (people.put(value), tell({ kind: 'person', person: value })),
    channel: (id) => channels.map.get(id),
    channels: () => [...channels.map.values()],
    putChannel: (value) => (channels.put(value), tell({ kind: 'channel', channel: value })),
    removeChannel: (id) => {
      const gone = channels.map.get(id)
      channels.remove(id)
      if (gone) tell({ kind: 'channel', channel: { ...gone, members: [] } })
    },
    group: (id) => groups.map.get(id),
    groups: () => [...groups.map.values()],
    putGroup: (value) => (groups.put(value), tell({ kind: 'notice' })),
    message: (channelId, ts) => messages.map.get(`${channelId}/${ts}`),
    messages: (channelId) => [...(byChannel.get(channelId)?.values() ?? [])],
    putMessage: (value) => (messages.put(value), index(value), tell({ kind: 'message', message: value })),
    removeMessage: (channelId, ts) => {
      messages.remove(`${channelId}/${ts}`)
      byChannel.get(channelId)?.delete(ts)
      tell({ kind: 'message-gone', channel: channelId, ts })
    },
    ephemerals: (channelId) => [...ephemerals.map.values()].filter((one) => channelId === undefined || one.channel === channelId).sort(byTs),
    ephemeral: (channelId, ts) => ephemerals.map.get(`${channelId}/${ts}`),
    putEphemeral: (value) => (ephemerals.put(value), tell({ kind: 'ephemeral', ephemeral: value })),
    removeEphemeral: (channelId, ts) => {
      const gone = ephemerals.map.get(`${channelId}/${ts}`)
      ephemerals.remove(`${channelId}/${ts}`)
      if (gone) tell({ kind: 'ephemeral-gone', channel: channelId, ts, to: gone.to })
    },
    view: (id) => views.map.get(id),
    views: () => [...views.map.values()],
    putView: (value) => (views.put(value), tell(value.body.type === 'home' ? { kind: 'home', user: value.user } : { kind: 'views', user: value.user })),
    removeView: viewGone,
    file: (id) => files.map.get(id),
    files: () => [...files.map.values()],
    putFile: (value) => (files.put(value), tell({ kind: 'file', file: value })),
    kept,
    keep,
    onChange: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    tell,
  }
}
