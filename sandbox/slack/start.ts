import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Journal } from '../journal.ts'
import { readAppManifest } from './app-manifest.ts'
import { notifiedBy, type Notified } from './attention.ts'
import { actAs, reading, type Actor } from './driver.ts'
import { createFailures, type Failure } from './failures.ts'
import { createGuideProgress, type Guide } from './guide.ts'
import { createInteractions, type SlashCommand } from './interactions.ts'
import { createPage } from './page-server.ts'
import { createRateLimits, type Limits } from './rate-limits.ts'
import type { Channel, Message, Person } from './records.ts'
import { createResponseUrls } from './response-urls.ts'
import { createSocketMode } from './socket.ts'
import { openWorkspace, type Workspace } from './store.ts'
import { serveTransfer } from './transfers.ts'
import { createViews } from './views.ts'
import { readBytes } from './web-api/body.ts'
import type { Call } from './web-api/method.ts'
import { serveMethod, type LoggedRequest, type Tokens } from './web-api/serve.ts'

/** What the simulated Slack is made of. People and channels found in the journal stay as they are there. */
export interface SlackOptions {
  journal: Journal
  /** 0 (any free one) when left out. */
  port?: number
  team: { id: string; name: string; domain: string }
  people: Person[]
  /** `bot: true` puts the bot into the channel. */
  channels: (Channel & { bot?: boolean })[]
  botToken: string
  appToken: string
  /** The text of the Slack app manifest: scopes, events, commands and the bot's name come from it, unless they are given here. */
  manifest?: string
  bot?: { userId?: string; botId?: string; appId?: string; name?: string }
  /** Bot scopes; the default is reference/slack.md 3.4 and design 6, with direct messages. */
  scopes?: string[]
  /** Subscribed events. */
  events?: string[]
  commands?: SlashCommand[]
  guide?: Guide
  limits?: Limits
  /** Left out: a free plan, where usergroups.* answer `plan_upgrade_required`. */
  usergroups?: { id: string; handle: string; users: string[] }[]
  /** Milliseconds since 1970; for tests. */
  now?: () => number
  /** Milliseconds to acknowledge; 3,000 as Slack's when left out. */
  ackTime?: number
  /** Milliseconds between pings to the app. */
  pingEvery?: number
}

/** A running simulated Slack. Everything after `close` is for tests. */
export interface SimulatedSlack {
  apiUrl: string
  pageUrl: string
  close: () => Promise<void>
  workspace: Workspace
  as: (user: string) => Actor
  transcript: (channel: string) => string
  seenBy: (user: string, channel: string) => string
  messages: (channel: string) => Message[]
  thread: (message: Message) => Message[]
  notified: () => Notified[]
  requests: (method?: string) => LoggedRequest[]
  fail: (method: string, failure: Failure) => void
  /** Forgets planned failures. */
  heal: () => void
  connections: () => number
  killSockets: () => void
  freezeSockets: () => void
  thawSockets: () => void
  disconnect: (reason: 'warning' | 'refresh_requested' | 'link_disabled') => void
  setToken: (state: Tokens['botState']) => void
  setPerson: (id: string, change: Partial<Person>) => void
  setChannel: (id: string, change: Partial<Channel>) => void
  removeBot: (channel: string) => void
  addBot: (channel: string) => void
  /** Resolves with the first truthy answer of `look`, asked again after every change. Rejects after `within` ms (10,000) with all transcripts. */
  until: <T>(look: () => T | undefined | null | false | Promise<T | undefined | null | false>, within?: number) => Promise<T>
}

const usualScopes = [
  'app_mentions:read',
  'channels:history',
  'channels:join',
  'channels:read',
  'chat:write',
  'chat:write.public',
  'commands',
  'files:read',
  'files:write',
  'groups:history',
  'groups:read',
  'im:history',
  'im:write',
  'usergroups:read',
  'users:read',
]
const usualEvents = [
  'app_home_opened',
  'app_mention',
  'channel_archive',
  'group_archive',
  'member_joined_channel',
  'member_left_channel',
  'message.im',
  'user_change',
]
const usualCommands: SlashCommand[] = [{ command: '/convox', description: 'Releases of your apps', usageHint: 'releases [-a app] · help', shouldEscape: true }]

const seed = (workspace: Workspace, options: SlackOptions) => {
  const { bot } = workspace
  for (const person of options.people) if (!workspace.person(person.id)) workspace.putPerson(person)
  if (!workspace.person(bot.userId)) workspace.putPerson({ id: bot.userId, name: bot.name, bot: true })
  for (const { bot: inside, ...channel } of options.channels) {
    if (!workspace.channel(channel.id))
      workspace.putChannel({ ...channel, members: inside && !channel.members.includes(bot.userId) ? [...channel.members, bot.userId] : channel.members })
  }
}

/** Starts a simulated Slack on 127.0.0.1. Rejects when the port is taken (EADDRINUSE). */
export const startSlack = async (options: SlackOptions): Promise<SimulatedSlack> => {
  const manifest = options.manifest === undefined ? undefined : readAppManifest(options.manifest)
  const bot = { userId: 'UCONVOX01', botId: 'BCONVOX01', appId: 'ACONVOX01', name: manifest?.name ?? 'convox', ...options.bot }
  const workspace = openWorkspace(options.journal, options.team, bot, options.now ?? Date.now)
  seed(workspace, options)
  const server = createServer()
  let host = ''
  const origin = () => `http://${host}`
  const notifications: Notified[] = []
  const notify = ({ channel, ts }: { channel: string; ts: string }) => {
    const message = workspace.message(channel, ts)
    if (message) notifications.push(...notifiedBy(workspace, message))
  }
  const commands = options.commands ?? manifest?.commands ?? usualCommands
  const scopes = new Set(options.scopes ?? manifest?.scopes ?? usualScopes)
  const readOnlyMessages = manifest?.readOnlyMessages ?? false
  const views = createViews(workspace)
  const urls = createResponseUrls(workspace, origin, notify)
  const socket = createSocketMode({
    appId: bot.appId,
    host: () => host,
    now: workspace.now,
    ...(options.ackTime === undefined ? {} : { ackTime: options.ackTime }),
    ...(options.pingEvery === undefined ? {} : { pingEvery: options.pingEvery }),
    changed: () => page.botOnline(socket.connected() > 0),
  })
  const interactions = createInteractions({
    workspace,
    views,
    socket,
    urls,
    commands,
    events: new Set(options.events ?? manifest?.events ?? usualEvents),
    scopes,
    readOnlyMessages,
    origin,
    notify,
  })
  const guide = options.guide ? { guide: options.guide, progress: createGuideProgress(workspace, options.guide) } : undefined
  const page = createPage({ workspace, views, online: () => socket.connected() > 0, commands, readOnlyMessages, guide }, interactions)
  const failures = createFailures()
  const log: LoggedRequest[] = []
  const tokens: Tokens = { bot: options.botToken, app: options.appToken, botState: 'ok' }
  const call: Call = {
    workspace,
    views,
    scopes,
    usergroups: options.usergroups,
    get origin() {
      return origin()
    },
    socketUrl: socket.url,
    notify,
    event: interactions.event,
  }
  const serving = { tokens, call, failures, limits: createRateLimits(workspace.now, options.limits), log }

  const route = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname } = new URL(request.url ?? '/', 'http://local')
    if (pathname.startsWith('/api/')) return serveMethod(pathname.slice('/api/'.length), request, response, serving)
    if (pathname.startsWith('/respond/')) {
      const text = (await readBytes(request)).toString()
      const answer = urls.use(pathname.slice(pathname.lastIndexOf('/') + 1), text === '' ? {} : JSON.parse(text))
      return void response.writeHead(answer.status, { 'content-type': 'text/plain' }).end(answer.body)
    }
    if (await serveTransfer(request, response, { workspace, tokens, scopes })) return
    if (!(await page.serve(request, response))) response.writeHead(404, { 'content-type': 'text/plain' }).end('not found')
  }
  server.on('request', (request, response) => {
    route(request, response).catch((error: unknown) => {
      // A fault of the fake itself must be seen, not look like Slack's behaviour.
      console.error('simulated Slack:', error)
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' })
      response.end('{"ok":false,"error":"fatal_error"}')
    })
  })
  server.on('upgrade', (request, duplex, head) => socket.upgrade(request, duplex, head))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', () => resolve())
  })
  const isAddress = (address: string | AddressInfo | null): address is AddressInfo => typeof address === 'object' && address !== null
  const address = server.address()
  if (!isAddress(address)) throw new Error('the server has no port')
  host = `127.0.0.1:${address.port}`

  const known = <T>(value: T | undefined, id: string): T => {
    if (value === undefined) throw new Error(`there is no ${id}`)
    return value
  }
  const setChannel = (id: string, change: Partial<Channel>) => {
    const before = known(workspace.channel(id), id)
    workspace.putChannel({ ...before, ...change })
    if (change.archived && !before.archived)
      interactions.event({
        type: before.private ? 'group_archive' : 'channel_archive',
        channel: id,
        user: before.members[0] ?? '',
        event_ts: workspace.nextTs(),
      })
  }
  const until: SimulatedSlack['until'] = (look, within = 10_000) =>
    new Promise((resolve, reject) => {
      const asking = { busy: false, again: false }
      const finish = (settle: () => void) => {
        clearTimeout(limit)
        clearInterval(tick)
        stop()
        settle()
      }
      const ask = async () => {
        if (asking.busy) return void (asking.again = true)
        asking.busy = true
        const found = await look()
        asking.busy = false
        if (found) return finish(() => resolve(found))
        if (asking.again) {
          asking.again = false
          await ask()
        }
      }
      const start = () => void ask().catch((error: unknown) => finish(() => reject(error)))
      const stop = workspace.onChange(start)
      const tick = setInterval(start, 50)
      const limit = setTimeout(() => {
        const all = workspace.channels().map((one) => `#${one.name}\n${reading(workspace).transcript(one.id)}`)
        finish(() => reject(new Error(`not seen within ${within} ms. Slack shows:\n${all.join('\n')}`)))
      }, within)
      start()
    })

  return {
    apiUrl: `${origin()}/api/`,
    pageUrl: `${origin()}/`,
    close: async () => {
      page.close()
      socket.close()
      server.closeAllConnections()
      await new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())))
    },
    workspace,
    as: (user) => actAs(workspace, views, interactions, user),
    ...reading(workspace),
    notified: () => notifications.slice(),
    requests: (method) => log.filter((one) => method === undefined || one.method === method),
    fail: failures.plan,
    heal: failures.clear,
    connections: socket.connected,
    killSockets: socket.kill,
    freezeSockets: socket.freeze,
    thawSockets: socket.thaw,
    disconnect: socket.disconnect,
    setToken: (state) => void (tokens.botState = state),
    setPerson: (id, change) => {
      workspace.putPerson({ ...known(workspace.person(id), id), ...change })
      interactions.event({ type: 'user_change', user: { id }, event_ts: workspace.nextTs() })
    },
    setChannel,
    removeBot: (id) => {
      const channel = known(workspace.channel(id), id)
      workspace.putChannel({ ...channel, members: channel.members.filter((one) => one !== bot.userId) })
      interactions.event({
        type: 'member_left_channel',
        user: bot.userId,
        channel: id,
        channel_type: channel.private ? 'G' : 'C',
        team: workspace.team.id,
        event_ts: workspace.nextTs(),
      })
    },
    addBot: (id) => {
      const channel = known(workspace.channel(id), id)
      if (!channel.members.includes(bot.userId)) workspace.putChannel({ ...channel, members: [...channel.members, bot.userId] })
    },
    until,
  }
}
