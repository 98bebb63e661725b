import { useLayoutEffect, useState } from 'preact/hooks'
import type { Deed, PageEvent, Snapshot } from '../protocol.ts'

/** What the page knows. `connection` is ours to the sandbox, not the bot's to Slack; `opening` until the view of `me` has arrived. */
export type Live = {
  snapshot: Snapshot | undefined
  connection: 'opening' | 'open' | 'lost'
  me: string
  channel: string
  thread: string | undefined
  drawer: boolean
  read: Record<string, string>
  highlight: string | undefined
}

const stored = (key: string) => localStorage.getItem(`slipway:${key}`) ?? undefined
const isStrings = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string')
const storedRead = (): Record<string, string> => {
  const text = stored('read')
  if (text === undefined) return {}
  const value: unknown = JSON.parse(text)
  return isStrings(value) ? value : {}
}

let live: Live = {
  snapshot: undefined,
  connection: 'opening',
  me: stored('me') ?? '',
  channel: '',
  thread: undefined,
  drawer: false,
  read: storedRead(),
  highlight: undefined,
}
const listeners = new Set<() => void>()
let source: EventSource | undefined

/** Changes what the page knows and draws it again. */
export const update = (change: Partial<Live>): void => {
  live = { ...live, ...change }
  listeners.forEach((listener) => listener())
}

/** The page's state; the component draws again when it changes. */
export const useLive = (): Live => {
  const [, draw] = useState(0)
  // Within the first drawing: an effect would listen only after it, and miss what arrived in between.
  useLayoutEffect(() => {
    const listener = () => draw((count) => count + 1)
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }, [])
  return live
}

const readKey = (me: string, channel: string) => `${me}/${channel}`

/** Remembers that everything in a channel has been seen up to `ts`. */
export const markRead = (channel: string, ts: string): void => {
  const key = readKey(live.me, channel)
  if ((live.read[key] ?? '') >= ts) return
  const read = { ...live.read, [key]: ts }
  localStorage.setItem('slipway:read', JSON.stringify(read))
  update({ read })
}

/** How many messages of others somebody has not seen, and whether one of them names them. */
export const unreadIn = ({ snapshot, read, me }: Live, channel: string): { count: number; named: boolean } => {
  const since = read[readKey(me, channel)] ?? ''
  const fresh = (snapshot?.messages ?? []).filter(
    (one) => one.channel === channel && one.ts > since && one.user !== me && one.subtype === undefined && (one.thread === undefined || one.broadcast),
  )
  return { count: fresh.length, named: fresh.some((one) => JSON.stringify([one.text, one.blocks ?? []]).includes(`<@${me}`)) }
}

const put = <T>(list: T[], value: T, same: (one: T) => boolean): T[] => (list.some(same) ? list.map((one) => (same(one) ? value : one)) : [...list, value])

const reduced = (snapshot: Snapshot, event: Exclude<PageEvent, { kind: 'snapshot' }>): Snapshot => {
  switch (event.kind) {
    case 'message':
      return { ...snapshot, messages: put(snapshot.messages, event.message, (one) => one.ts === event.message.ts && one.channel === event.message.channel) }
    case 'message-gone':
      return { ...snapshot, messages: snapshot.messages.filter((one) => one.ts !== event.ts || one.channel !== event.channel) }
    case 'ephemeral':
      return { ...snapshot, ephemerals: put(snapshot.ephemerals, event.ephemeral, (one) => one.ts === event.ephemeral.ts) }
    case 'ephemeral-gone':
      return { ...snapshot, ephemerals: snapshot.ephemerals.filter((one) => one.ts !== event.ts) }
    case 'channel':
      return { ...snapshot, channels: put(snapshot.channels, event.channel, (one) => one.id === event.channel.id) }
    case 'person':
      return { ...snapshot, people: put(snapshot.people, event.person, (one) => one.id === event.person.id) }
    case 'file':
      return { ...snapshot, files: put(snapshot.files, event.file, (one) => one.id === event.file.id) }
    case 'views':
      return { ...snapshot, stack: event.stack }
    case 'home':
      return { ...snapshot, home: event.home }
    case 'bot':
      return { ...snapshot, bot: { ...snapshot.bot, online: event.online } }
    case 'guide':
      return snapshot.guide ? { ...snapshot, guide: { ...snapshot.guide, done: event.done } } : snapshot
  }
}

const arrived = (event: PageEvent) => {
  if (event.kind !== 'snapshot') return live.snapshot && update({ snapshot: reduced(live.snapshot, event) })
  const channel = event.channels.some((one) => one.id === live.channel)
    ? live.channel
    : (event.channels.find((one) => one.id === stored('channel')) ?? event.channels.find((one) => !one.im))?.id
  // What was there before somebody looked for the first time is not news.
  const read = { ...live.read }
  for (const one of event.channels) read[readKey(event.me, one.id)] ??= event.messages.filter((message) => message.channel === one.id).at(-1)?.ts ?? '0'
  update({ snapshot: event, channel: channel ?? '', connection: 'open', read })
}

const isEvent = (value: unknown): value is PageEvent => typeof value === 'object' && value !== null && 'kind' in value

/** Opens the event stream of the person acted as; the browser opens it again by itself when it breaks. */
export const connect = (): void => {
  source?.close()
  const opened = new EventSource(`/events?as=${encodeURIComponent(live.me)}`)
  source = opened
  opened.addEventListener('message', (message) => {
    const event: unknown = JSON.parse(String(message.data))
    if (!isEvent(event)) return
    if (event.kind === 'snapshot' && event.me !== live.me) update({ me: event.me })
    arrived(event)
  })
  opened.addEventListener('error', () => {
    update({ connection: 'lost' })
  })
}

/** Acts as somebody else from now on. */
export const actAs = (me: string): void => {
  if (me === live.me) return update({ drawer: false })
  localStorage.setItem('slipway:me', me)
  // Until their own view arrives they see nothing that was only for the one before.
  const snapshot = live.snapshot && { ...live.snapshot, ephemerals: [], stack: [], home: null }
  update({ me, thread: undefined, drawer: false, connection: 'opening', snapshot })
  connect()
}

/** Shows a channel, and a thread in it. */
export const goTo = (channel: string, thread?: string, highlight?: string): void => {
  localStorage.setItem('slipway:channel', channel)
  update({ channel, thread, drawer: false, highlight })
}

/** Does something as the person acted as. Rejects with the server's words. */
export const act = async (deed: Deed): Promise<Record<string, unknown>> => {
  const response = await fetch('/do', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(deed) })
  const answer: unknown = await response.json()
  const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
  if (!isRecord(answer)) throw new Error('the sandbox answered nothing')
  if (!response.ok) throw new Error(String(answer['error']))
  return answer
}
