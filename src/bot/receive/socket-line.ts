import { SocketModeReceiver } from '@slack/bolt'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { z } from 'zod'
import { sdkLogger } from '../slack-clients.ts'

/** One envelope of Socket Mode, and the way to acknowledge it. */
export interface Envelope {
  readonly id: string
  readonly type: string
  readonly body: unknown
  readonly retryNum: number | undefined
  readonly retryReason: string | undefined
  ack(response?: object): Promise<void>
}

/** One standing connection to Slack. It never gives up until it is stopped. */
export interface SocketLine {
  connected(): boolean
  /** Settles once the line is closed. */
  stop(): Promise<void>
}

/** Milliseconds. */
const waits = {
  /** Between the address of the socket and its hello. */
  hello: 20_000,
  retry: 500,
  retryMost: 30_000,
  /** Pongs later than the SDK's 5 s are common (reference/slack.md 6.2: 211 false disconnects a day). */
  pong: 15_000,
  /** A connection that ended sooner is no good one: the next such waits before it tries again. */
  short: 10_000,
  /** For the goodbye at a stop. */
  goodbye: 1_000,
} as const

const slackEvent = z.object({
  ack: z.custom<(response?: object) => Promise<void>>((value) => typeof value === 'function'),
  envelope_id: z.string(), type: z.string(), body: z.unknown(), retry_num: z.number().optional(), retry_reason: z.string().optional(),
})

const isGoodbye = (data: unknown): boolean => typeof data === 'string' && data.includes('"disconnect"') && z.object({ type: z.literal('disconnect') }).safeParse(JSON.parse(data)).success

/**
 * Keeps one Socket Mode connection open. The SDK's own reconnecting is off: it lets some failures end in an unhandled rejection,
 * and it closes the old socket before it opens the next one, deaf for 5 to 10 s (reference/slack.md 6.2). Here a new connection is
 * opened as soon as Slack says goodbye, and the old one still delivers until it is closed.
 */
export const openSocketLine = (options: {
  readonly appToken: string
  readonly slackApiUrl: string | undefined
  readonly log: Logger
  readonly onEnvelope: (envelope: Envelope) => void
  /** Milliseconds before the first connection. */
  readonly startAfter: number
}): SocketLine => {
  const { appToken, slackApiUrl, onEnvelope } = options
  const log = options.log.child({ part: 'socket' })
  const stopping = new AbortController()
  let open = 0

  const socket = (): SocketModeReceiver => {
    const receiver = new SocketModeReceiver({
      appToken, autoReconnectEnabled: false, clientPingTimeout: waits.pong, logger: sdkLogger(log, 'socket'),
      installerOptions: { clientOptions: { ...(slackApiUrl === undefined ? {} : { slackApiUrl }), timeout: 10_000, retryConfig: { retries: 3, factor: 1.5, minTimeout: 500, maxTimeout: 10_000 } } },
    })
    receiver.client.on('slack_event', (event: unknown) => {
      const parsed = slackEvent.safeParse(event)
      if (!parsed.success) return log.warn('an envelope in an unknown form was left alone')
      const { ack, envelope_id: id, type, body, retry_num: retryNum, retry_reason: retryReason } = parsed.data
      return onEnvelope({ id, type, body, retryNum, retryReason, ack })
    })
    return receiver
  }

  /** Connects once; settles when Slack says goodbye or the socket is gone. */
  const connection = async (): Promise<void> => {
    const receiver = socket()
    const { client } = receiver
    let end = (): void => undefined
    const over = new Promise<void>((resolve) => {
      end = resolve
    })
    client.once('disconnected', end)
    client.on('ws_message', (data: unknown) => {
      if (isGoodbye(data)) end()
    })
    stopping.signal.addEventListener('abort', end, { once: true })
    let hello: NodeJS.Timeout | undefined
    client.once('authenticated', () => {
      hello = setTimeout(() => void receiver.stop().catch((error: unknown) => log.warn({ err: error }, 'a socket without a hello')), waits.hello)
    })
    try {
      await receiver.start()
      clearTimeout(hello)
      open += 1
      log.info('connected to Slack')
      await over
      open -= 1
      log.info('this connection to Slack ends')
    } finally {
      clearTimeout(hello)
      stopping.signal.removeEventListener('abort', end)
      await receiver.stop()
    }
  }

  const keep = async (): Promise<void> => {
    let failures = 0
    await sleep(options.startAfter, undefined, { signal: stopping.signal })
    while (!stopping.signal.aborted) {
      const begun = performance.now()
      try {
        await connection()
        failures = performance.now() - begun < waits.short ? failures + 1 : 0
        if (failures > 1) await sleep(waits.retry * failures, undefined, { signal: stopping.signal })
      } catch (error) {
        if (stopping.signal.aborted) return
        failures += 1
        // The SDK may reject with undefined when the socket closes before its hello.
        log.error({ err: error ?? new Error('the socket closed before its hello') }, 'no connection to Slack')
        await sleep(Math.min(waits.retryMost, waits.retry * 2 ** failures), undefined, { signal: stopping.signal })
      }
    }
  }

  const kept = keep().catch((error: unknown) => {
    if (!stopping.signal.aborted) log.error({ err: error }, 'the line to Slack ended')
  })
  return {
    connected: () => open > 0,
    stop: async () => {
      stopping.abort()
      await Promise.race([kept, sleep(waits.goodbye, undefined, { ref: false })])
    },
  }
}
