import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { AnnouncementStore } from '../rack/app-announcements.ts'
import type { DeliveryStore } from '../rack/delivery-store.ts'
import type { Inbox, Operations } from '../rack/operations.ts'
import type { People } from '../rack/people.ts'
import { isGroupId, type RolePolicy } from '../rack/roles.ts'
import { createAdmins } from './delivery/admins.ts'
import { createAnnouncer } from './delivery/announcer.ts'
import { laneName } from './delivery/budget.ts'
import { createSender } from './delivery/sender.ts'
import { createSharedLook } from './delivery/shared.ts'
import { createSlackCalls } from './delivery/slack-calls.ts'
import { timings as usualTimings, type Timings } from './delivery/timings.ts'
import { dispatch, submit } from './dispatch.ts'
import { createDirectory, namesOf } from './directory.ts'
import { createIdentity, describeRoles } from './identify.ts'
import { peopleOf } from './people.ts'
import { probe, SlackTokenError, type Self } from './probe.ts'
import { createReception, type Reception } from './receive/bolt.ts'
import type { Door, Envelope } from './receive/door.ts'
import type { Handlers } from './receive/handle.ts'
import { listeners, type OnEvent } from './receive/on-event.ts'
import { createHttpDoor } from './receive/http-door.ts'
import { createSocketDoor } from './receive/socket-door.ts'
import { keepTakingOver, takeAllOver, type TakeOverParts } from './receive/take-over.ts'
import { createSlackClients } from './slack-clients.ts'
import { watchToken, type TokenWatch } from './token-watch.ts'

/** Slack's side of the installation. */
export interface BotConfig {
  readonly botToken: string
  /** For Socket Mode; not needed where `signingSecret` is given. */
  readonly appToken?: string | undefined
  /** Given: Slack's deliveries come over HTTP, to `serve`. */
  readonly signingSecret?: string | undefined
  /** Where the Web API is when it is not slack.com; ends in `/api/`. */
  readonly slackApiUrl?: string | undefined
  readonly roles: RolePolicy
}

export interface BotOptions {
  readonly config: BotConfig
  readonly racks: readonly Operations[]
  readonly inbox: Inbox
  readonly store: DeliveryStore
  /** What is said of apps, of each rack; none in tests that have nothing to say. */
  readonly announcements?: readonly AnnouncementStore[]
  /** Tests put their own here. */
  readonly handlers?: Handlers
  readonly log: Logger
  /** One that nobody can set: retries, paces and notices wait by it. */
  readonly clock: () => Date
  readonly timings?: Timings
  /** True when no other process shares the database: what a predecessor left over is then done again at once, not after 30 s. */
  readonly alone?: boolean
  /** How soon what another process left over is taken over; tests shorten it. */
  readonly takeOver?: TakeOverParts['timings']
}

export interface Bot {
  /** Settles once the bot hears and speaks; Slack being away is waited for. Throws `SlackTokenError`, and when it was stopped meanwhile. */
  start(): Promise<void>
  /** Takes nothing new, finishes what it has taken (at most 25 s) and what it is sending, and gives its leases back. */
  stop(): Promise<void>
  /** Who is who in the workspace; throws until it has started. */
  readonly people: People
  /** True while deliveries come in. */
  connected(): boolean
  /** What stands in the way of readiness, in words; null when nothing does. */
  trouble(): string | null
  /** What does not work for want of a scope, in words. */
  notes(): readonly string[]
  /** Asks Slack soon whether it still takes the bot token. */
  lookAtToken(): void
  /** Answers a request to `requestPath` (slack-manifest.ts): Slack's deliveries over HTTP. Null over Socket Mode. */
  readonly serve: ((request: IncomingMessage, response: ServerResponse) => void) | null
}

const limits = { acknowledge: 3_000, handle: 25_000, connect: 50 } as const

const home = (self: Self | undefined): Self => {
  if (self === undefined) throw new Error('Slack has not said yet whose workspace this is')
  return self
}

export const createBot = (options: BotOptions): Bot => {
  const { config, inbox, racks, store, clock, handlers = { dispatch, submit } } = options
  const log = options.log.child({ part: 'bot' })
  const now = (): number => clock().getTime()
  const clients = createSlackClients(config, log)
  const directory = createDirectory(clients.interactive, now)
  const identity = createIdentity(directory, () => home(self), config.roles)
  const stopping = new AbortController()
  let self: Self | undefined
  let reception: Reception | undefined
  let token: TokenWatch | undefined
  let taking: Promise<void> = Promise.resolve()
  const over = new AbortController()
  const heard = { log, onEnvelope: (envelope: Envelope) => (reception === undefined ? envelope.refuse() : reception.receive(envelope)) }
  const door: Door = config.signingSecret === undefined
    ? createSocketDoor({ ...heard, appToken: config.appToken ?? '', slackApiUrl: config.slackApiUrl })
    : createHttpDoor({ ...heard, signingSecret: config.signingSecret, now })

  const timings = options.timings ?? usualTimings
  const admins = createAdmins(clients.reading, () => config.roles.everywhere.admin.filter((id) => !isGroupId(id)), log)
  const isShared = createSharedLook(directory, log, now)
  const sender = createSender({
    store: {
      ...store,
      view: async (promotion: string, also: readonly string[] = []) => {
        const view = await store.view(promotion)
        return { ...view, names: { ...view.names, ...await namesOf(directory, [...new Set([...peopleOf(view), ...also])], (error) => log.warn({ err: error }, 'a name could not be read')) } }
      },
    },
    calls: createSlackCalls(clients), timings, botId: () => self?.botId,
    admins, isShared, onCutOff: () => token?.look(), log, now,
  })

  const announcer = createAnnouncer({
    stores: options.announcements ?? [], calls: createSlackCalls(clients),
    mayPost: (channel) => store.takeLane(laneName({ kind: 'post', channel }), timings.rules.post, 'prompt', 0), pause: (channel, ms) => store.pauseLane(laneName({ kind: 'post', channel }), ms),
    names: (ids) => namesOf(directory, ids, (error) => log.warn({ err: error }, 'a name could not be read')), admins, isShared, botId: () => self?.botId, log, timings,
  })

  const untilConnected = async (): Promise<void> => {
    while (!door.connected()) {
      stopping.signal.throwIfAborted()
      const refused = door.refused()
      if (refused !== null) throw new SlackTokenError(refused)
      await new Promise((resolve) => setTimeout(resolve, limits.connect))
    }
  }

  const trouble = (): string | null => {
    if (self === undefined) return 'Slack does not answer yet'
    const lacking = token?.missing().filter((one) => one.essential).map((one) => one.line) ?? []
    return token?.refused() ?? door.trouble() ?? (door.connected() ? null : 'not connected') ?? (lacking.length > 0 ? lacking.join(' ') : null)
  }

  const openAgain = (): void => {
    if (!stopping.signal.aborted) door.open()
  }

  return {
    people: identity.people,
    connected: door.connected,
    trouble,
    notes: () => token?.missing().filter((one) => !one.essential).map((one) => one.line) ?? [],
    lookAtToken: () => token?.look(),
    serve: door.serve,
    start: async () => {
      const me = await probe(clients.reading, log, stopping.signal)
      self = me
      log.info({ team: me.teamName, bot: me.botName }, `speaking as ${me.botName} in ${me.teamName}; ${describeRoles(config.roles)}`)
      identity.unreadGroups().then(
        (unread) => unread.forEach((one) => log.warn(one, `the user group ${one.group} of CONFIG_FILE cannot be read (${one.why}): it grants nothing`)),
        (error: unknown) => log.warn({ err: error }, 'the user groups of CONFIG_FILE were not read'),
      )
      token = watchToken({
        client: clients.reading, log, self: me, onGood: openAgain,
        onRefused: () => void door.close().catch((error: unknown) => log.error({ err: error }, 'the intake was not closed')),
      })
      const ask: OnEvent = (event) => {
        if (event.type === 'tokens_revoked' || event.type === 'app_uninstalled') token?.look()
      }
      const told = [ask, ...listeners({ clients, directory, store, log, botUserId: me.botUserId })]
      const front = createReception({ clients, directory, store, handlers, identity, racks, admins: config.roles.everywhere.admin.filter((id) => !isGroupId(id)), inbox, listeners: told, log, clock }, {
        botToken: config.botToken, slackApiUrl: config.slackApiUrl, botId: me.botId, botUserId: me.botUserId,
      })
      reception = front
      stopping.signal.throwIfAborted()
      const left: TakeOverParts = { inbox, log, inHand: front.inHand, again: (delivery) => front.again(delivery), takes: () => !stopping.signal.aborted, signal: over.signal, alone: options.alone ?? false, timings: options.takeOver }
      if (left.alone) await takeAllOver(left)
      sender.start()
      announcer.start()
      door.open()
      await untilConnected()
      taking = keepTakingOver(left).catch((error: unknown) => log.error({ err: error }, 'what others leave over is not taken over any more'))
    },
    stop: async () => {
      stopping.abort(new Error('the bot was stopped'))
      token?.stop()
      if (await reception?.close(limits.acknowledge) === false) log.warn('some acknowledgements were not given in time')
      await door.close()
      // Together: what may take long must not add up to more than the process is given.
      const [finished] = await Promise.all([reception?.finished(limits.handle), sender.stop(), announcer.stop()])
      if (finished === false) log.warn('some deliveries were not finished; they are done again at the next start')
      over.abort()
      await taking
    },
  }
}
