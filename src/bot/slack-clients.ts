import type { Logger as SdkLogger } from '@slack/bolt'
import { LogLevel } from '@slack/bolt'
import { WebClient, type WebClientOptions } from '@slack/web-api'
import type { Logger } from 'pino'

/**
 * One client each for what a person waits for, for posting and for reading: a queue that is slow in one never delays another. Nothing
 * is retried by the SDK (a stored message whose answer was lost would be posted twice) and a 429 pauses nobody (reference/slack.md 6.2).
 */
export interface SlackClients {
  readonly interactive: WebClient
  /** `views.open` only: its trigger lives 3 s. */
  readonly opening: WebClient
  readonly posting: WebClient
  readonly reading: WebClient
}

/** Milliseconds. */
const timeouts = { call: 10_000, open: 2_500 } as const

/**
 * The SDK's log lines in ours. Its debug lines are left out: they hold bodies, response_urls and triggers.
 * A line is one string: error objects inside are turned into theirs by the SDK already.
 */
export const sdkLogger = (log: Logger, part: string): SdkLogger => {
  const child = log.child({ part })
  const line = (words: readonly unknown[]): string => words.map(String).join(' ')
  return {
    debug: () => undefined,
    info: (...words: unknown[]) => child.debug(line(words)),
    warn: (...words: unknown[]) => child.warn(line(words)),
    error: (...words: unknown[]) => child.error(line(words)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.INFO,
    setName: () => undefined,
  }
}

/** Options of every client that must not do anything twice. */
export const onceOptions = (slackApiUrl: string | undefined, log: Logger): WebClientOptions => ({
  ...(slackApiUrl === undefined ? {} : { slackApiUrl }),
  retryConfig: { retries: 0 },
  rejectRateLimitedCalls: true,
  timeout: timeouts.call,
  logger: sdkLogger(log, 'slack'),
})

export const createSlackClients = (config: { readonly botToken: string; readonly slackApiUrl?: string | undefined }, log: Logger): SlackClients => {
  const options = onceOptions(config.slackApiUrl, log)
  const client = (more: WebClientOptions = {}): WebClient => new WebClient(config.botToken, { ...options, ...more })
  return { interactive: client(), opening: client({ timeout: timeouts.open }), posting: client(), reading: client() }
}
