/** What Slack sends to an app: a command, something done to a message or view, or an event. */
export const envelopeTypes = ['slash_commands', 'interactive', 'events_api'] as const
export type EnvelopeType = (typeof envelopeTypes)[number]

/** How an app is reached. */
export const transportKinds = ['socket', 'http'] as const
export type TransportKind = (typeof transportKinds)[number]

/**
 * What became of a payload: acknowledged (perhaps with an answer), not within 3 s, answered with something that is no acknowledgement
 * (`why` says what), or nobody was there.
 */
export type Delivery = { kind: 'ack'; payload: unknown } | { kind: 'timeout' } | { kind: 'refused'; why: string } | { kind: 'offline' }

/** The way to the app; the same for everything that people do, over Socket Mode or HTTP. */
export interface Transport {
  /** Sends one payload. `accepts`: the acknowledgement may carry an answer. An event waits or is repeated, what a person did fails at once. */
  deliver: (type: EnvelopeType, payload: Record<string, unknown>, accepts: boolean) => Promise<Delivery>
  /** How many ways there are to the app now: open sockets, or one Request URL that was verified. */
  connected: () => number
}

/** docs.slack.dev apis/events-api: an event that was not taken comes again at once, after a minute, and after five (ms). */
export const retriesAfter: readonly number[] = [0, 60_000, 300_000]

/** docs.slack.dev interactivity/handling-user-interaction: milliseconds to acknowledge. */
export const usualAckTime = 3000
