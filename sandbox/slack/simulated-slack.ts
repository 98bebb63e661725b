import type { Journal } from '../journal.ts'
import type { Notified } from './attention.ts'
import type { Controls } from './controls.ts'
import type { Actor } from './driver.ts'
import type { Failure, Misbehaviour } from './failures.ts'
import type { Guide } from './guide.ts'
import type { HttpTransport } from './http-transport.ts'
import type { Limits } from './rate-limits.ts'
import type { Channel, Message, Person, UserGroup } from './records.ts'
import type { Tampering } from './socket.ts'
import type { Workspace } from './store.ts'
import type { RequestCount } from './request-count.ts'
import type { Sightings } from './sightings.ts'
import type { TransportKind } from './transport.ts'
import type { LoggedRequest, Tokens } from './web-api/serve.ts'
import type { SlashCommand } from './wiring.ts'

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
  /** Scopes of the app-level token; `connections:write` when left out. */
  appScopes?: string[]
  /** Subscribed events. */
  events?: string[]
  commands?: SlashCommand[]
  guide?: Guide
  limits?: Limits
  /** Left out: a free plan, where usergroups.* answer `plan_upgrade_required`. */
  usergroups?: UserGroup[]
  /** Milliseconds since 1970; for tests. */
  now?: () => number
  /** How the app is reached; when left out as its manifest says, or by Socket Mode. With `http`, `http.setRequestUrl` says where it listens. */
  transport?: TransportKind
  /** What requests are signed with over HTTP; `signing-secret` when left out. */
  signingSecret?: string
  /** Milliseconds to acknowledge; 3,000 as Slack's when left out. */
  ackTime?: number
  /** Milliseconds between pings to the app. */
  pingEvery?: number
}

/** A running simulated Slack. Everything after `close` is for tests. */
export interface SimulatedSlack extends Controls, Sightings {
  apiUrl: string
  pageUrl: string
  close: () => Promise<void>
  transport: TransportKind
  workspace: Workspace
  as: (user: string) => Actor
  transcript: (channel: string) => string
  seenBy: (user: string, channel: string) => string
  messages: (channel: string) => Message[]
  thread: (message: Message) => Message[]
  /** Everything one person can read now, modals included. */
  screen: (user: string) => string
  /** Whose attention was called, and by what. Edits and whispers call nobody's. */
  notified: () => Notified[]
  requests: (method?: string) => LoggedRequest[]
  /** By method: calls, 429s, and the most calls in one minute. */
  counts: () => Record<string, RequestCount>
  fail: (method: string, failure: Failure) => void
  /** Forgets planned failures. */
  heal: () => void
  /** Lets `decide` look at every call that has no planned failure, until the function that this returns is called. */
  misbehave: (decide: Misbehaviour) => () => void
  /** Envelopes take these ways from now on; undefined: the straight one. */
  tamper: (tampering: Tampering | undefined) => void
  connections: () => number
  /** The oldest so many, or all. */
  killSockets: (most?: number) => void
  freezeSockets: (most?: number) => void
  thawSockets: () => void
  /** Sends a close frame to every connection. */
  sayGoodbye: () => void
  /** Whether a closing handshake leaves the TCP connection open. */
  linger: (on: boolean) => void
  disconnect: (reason: 'warning' | 'refresh_requested' | 'link_disabled') => void
  /** Over HTTP: where the app is, what was sent to it, and requests that are not right. */
  http: Omit<HttpTransport, 'deliver' | 'connected'>
  /** Somebody removes the app: it hears of that, and its token is `account_inactive` from then on. */
  uninstall: () => void
  setToken: (state: Tokens['botState']) => void
  setAppToken: (state: Tokens['appState']) => void
}
