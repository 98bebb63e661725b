import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAlarms } from './alarms.ts'
import { readAppManifest } from './app-manifest.ts'
import { notifiedBy, type Notified } from './attention.ts'
import { createControls } from './controls.ts'
import { actAs, reading } from './driver.ts'
import { createFailures } from './failures.ts'
import { createGuideProgress } from './guide.ts'
import { createHttpTransport } from './http-transport.ts'
import { createInteractions } from './interactions.ts'
import type { SlashCommand } from './wiring.ts'
import { createMessageEvents } from './message-events.ts'
import { createPage } from './page-server.ts'
import { createRateLimits } from './rate-limits.ts'
import { countRequests } from './request-count.ts'
import { createResponseUrls } from './response-urls.ts'
import { screenOf } from './screen.ts'
import { createSightings } from './sightings.ts'
import { createSocketMode } from './socket.ts'
import type { SimulatedSlack, SlackOptions } from './simulated-slack.ts'
import { openWorkspace, type Workspace } from './store.ts'
import { serveTransfer } from './transfers.ts'
import type { Transport } from './transport.ts'
import { createViews } from './views.ts'
import { readBytes } from './web-api/body.ts'
import type { Call } from './web-api/method.ts'
import { serveMethod, type LoggedRequest, type Tokens } from './web-api/serve.ts'

export type { SimulatedSlack, SlackOptions } from './simulated-slack.ts'

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
  'app_uninstalled',
  'channel_archive',
  'channel_deleted',
  'channel_left',
  'channel_shared',
  'channel_unarchive',
  'channel_unshared',
  'group_archive',
  'group_deleted',
  'group_left',
  'group_unarchive',
  'member_joined_channel',
  'member_left_channel',
  'message.im',
  'subteam_members_changed',
  'subteam_updated',
  'tokens_revoked',
  'user_change',
]
const usualCommands: SlashCommand[] = [{ command: '/convox', description: 'Releases of your apps', usageHint: 'releases [-a app] · help', shouldEscape: true }]

const seed = (workspace: Workspace, options: SlackOptions) => {
  const { bot } = workspace
  for (const person of options.people) if (!workspace.person(person.id)) workspace.putPerson(person)
  if (!workspace.person(bot.userId)) workspace.putPerson({ id: bot.userId, name: bot.name, bot: true })
  if (options.usergroups && workspace.kept('plan') === undefined) workspace.keep('plan', 'paid')
  for (const group of options.usergroups ?? []) if (!workspace.group(group.id)) workspace.putGroup(group)
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
  const reached = options.transport ?? manifest?.transport ?? 'socket'
  const scopes = new Set(options.scopes ?? manifest?.scopes ?? usualScopes)
  const readOnlyMessages = manifest?.readOnlyMessages ?? false
  const views = createViews(workspace)
  const urls = createResponseUrls(workspace, origin, notify)
  const alarms = createAlarms(workspace.now, options.now !== undefined)
  const line = {
    now: workspace.now,
    ...(options.ackTime === undefined ? {} : { ackTime: options.ackTime }),
    changed: () => page.botOnline(transport.connected() > 0),
  }
  const socket = createSocketMode({
    ...line,
    alarms,
    appId: bot.appId,
    host: () => host,
    disabled: reached === 'http',
    ...(options.pingEvery === undefined ? {} : { pingEvery: options.pingEvery }),
  })
  const http = createHttpTransport({ ...line, signingSecret: options.signingSecret ?? 'signing-secret', alarms })
  const transport: Transport = reached === 'http' ? http : socket
  const interactions = createInteractions({
    workspace,
    views,
    transport,
    urls,
    commands,
    events: new Set(options.events ?? manifest?.events ?? usualEvents),
    scopes,
    readOnlyMessages,
    origin,
    notify,
  })
  createMessageEvents(workspace, interactions, origin)
  const guide = options.guide ? { guide: options.guide, progress: createGuideProgress(workspace, options.guide) } : undefined
  const page = createPage({ workspace, views, online: () => transport.connected() > 0, commands, readOnlyMessages, guide }, interactions)
  const failures = createFailures()
  const log: LoggedRequest[] = []
  const tokens: Tokens = { bot: options.botToken, app: options.appToken, appScopes: options.appScopes ?? ['connections:write'], botState: 'ok', appState: 'ok' }
  const call: Call = {
    workspace,
    views,
    scopes,
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

  return {
    apiUrl: `${origin()}/api/`,
    pageUrl: `${origin()}/`,
    close: async () => {
      page.close()
      alarms.close()
      socket.close()
      server.closeAllConnections()
      await new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())))
    },
    transport: reached,
    workspace,
    as: (user) => actAs(workspace, views, interactions, user),
    ...reading(workspace),
    ...createControls(workspace, interactions.event),
    screen: (user) => screenOf(workspace, views, user),
    ...createSightings(workspace),
    notified: () => notifications.slice(),
    requests: (method) => log.filter((one) => method === undefined || one.method === method),
    counts: () => countRequests(log),
    fail: failures.plan,
    heal: failures.clear,
    misbehave: failures.misbehave,
    tamper: socket.tamper,
    connections: transport.connected,
    http,
    killSockets: socket.kill,
    freezeSockets: socket.freeze,
    thawSockets: socket.thaw,
    disconnect: socket.disconnect,
    sayGoodbye: socket.sayGoodbye,
    linger: socket.linger,
    uninstall: () => {
      interactions.event({ type: 'tokens_revoked', tokens: { oauth: [], bot: [bot.userId] }, event_ts: workspace.nextTs() })
      interactions.event({ type: 'app_uninstalled', event_ts: workspace.nextTs() })
      tokens.botState = 'account_inactive'
    },
    setToken: (state) => void (tokens.botState = state),
    setAppToken: (state) => void (tokens.appState = state),
  }
}
