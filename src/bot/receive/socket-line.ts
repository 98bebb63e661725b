import { setTimeout as sleep } from 'node:timers/promises'
import { WebAPIPlatformError, type WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import { readTrouble } from '../delivery/slack-error.ts'
import type { Envelope } from './door.ts'
import { openSocket, type Socket, type SocketTimings } from './socket.ts'

/** One standing connection to Slack. It never gives up until it is stopped. */
export interface SocketLine {
  connected(): boolean
  /** Why there is none, in words; null while there is one or nothing is known yet. `refused`: trying again changes nothing. */
  trouble(): { readonly words: string; readonly refused: boolean } | null
  /** Settles once the line is closed. */
  stop(): Promise<void>
}

/** Milliseconds. */
export interface LineTimings extends SocketTimings {
  readonly retry: number
  readonly retryMost: number
  /** Between two tries with a token that Slack refuses: a person has to act. */
  readonly refused: number
  /** A connection that ended sooner is no good one: the next such waits before it tries again. */
  readonly short: number
  /** How long the old connection goes on beside the new one, for the acknowledgements under way: Slack gives each 3 s. */
  readonly overlap: number
}

const appTokenAdvice = 'copy the app-level token (xapp-…, scope connections:write) from the app\'s page "Basic Information"'
const words: Readonly<Record<string, string>> = {
  too_many_websockets: 'Slack allows 10 connections for one app, and they are all taken: does another installation use this app\'s SLACK_APP_TOKEN?',
  link_disabled: 'Socket Mode is switched off on the app\'s page "Socket Mode"',
}
const refusals = ['invalid_auth', 'not_authed', 'not_allowed_token_type', 'token_revoked', 'token_expired', 'account_inactive', 'missing_scope', 'forbidden_team', 'org_login_required']

const troubleOf = (error: unknown): { readonly words: string; readonly refused: boolean } => {
  const word = error instanceof WebAPIPlatformError ? error.data.error : undefined
  if (word !== undefined && refusals.includes(word)) return { words: `Slack refuses SLACK_APP_TOKEN (${word}): ${appTokenAdvice}`, refused: true }
  const why = word ?? readTrouble(error)?.why ?? (error instanceof Error ? error.message : String(error))
  return { words: `no connection to Slack: ${words[why] ?? why}`, refused: false }
}

/**
 * Keeps one Socket Mode connection open. A new one is opened as soon as Slack says goodbye, and the old one hears and answers until the
 * new one does: no deaf moment. One that was killed, froze or lost its way is replaced at once.
 */
export const openSocketLine = (options: {
  /** With the app-level token. */
  readonly client: WebClient
  readonly log: Logger
  readonly timings: LineTimings
  readonly onEnvelope: (envelope: Envelope) => void
  /** Milliseconds before the first connection. */
  readonly startAfter: number
}): SocketLine => {
  const { client, timings, onEnvelope } = options
  const log = options.log.child({ part: 'socket' })
  const stopping = new AbortController()
  const { signal } = stopping
  const sockets = new Set<Socket>()
  let trouble: ReturnType<SocketLine['trouble']> = null

  const connect = async (): Promise<Socket> => {
    const { url } = await client.apps.connections.open({})
    if (url === undefined) throw new Error('apps.connections.open answered without a URL')
    const socket = await openSocket({ url, log, timings, onEnvelope })
    if (signal.aborted) {
      socket.close()
      signal.throwIfAborted()
    }
    return socket
  }

  const drop = (socket: Socket): void => {
    sockets.delete(socket)
    socket.close()
  }

  const stopped = new Promise<'stopped'>((resolve) => signal.addEventListener('abort', () => resolve('stopped'), { once: true }))
  const pause = (ms: number): Promise<void> => sleep(ms, undefined, { signal })

  const again = (failures: number): number => Math.min(timings.retryMost, timings.retry * 1.5 ** Math.max(0, failures - 1))

  const keep = async (): Promise<void> => {
    let failures = 0
    await pause(options.startAfter)
    while (!signal.aborted) {
      const begun = performance.now()
      try {
        const socket = await connect()
        for (const old of sockets) setTimeout(() => drop(old), timings.overlap).unref()
        sockets.add(socket)
        trouble = null
        log.info('connected to Slack')
        const why = await Promise.race([socket.leaving, stopped])
        log.info({ why }, 'this connection to Slack ends')
        if (why === 'stopped') return
        if (why !== 'goodbye') drop(socket)
        if (why === 'link_disabled') trouble = { words: `no connection to Slack: ${words['link_disabled']}`, refused: false }
        failures = performance.now() - begun < timings.short ? failures + 1 : 0
        if (failures > 1 || why === 'link_disabled') await pause(again(failures))
      } catch (error) {
        if (signal.aborted) return
        failures += 1
        trouble = troubleOf(error)
        log.error({ err: error }, trouble.words)
        const asked = readTrouble(error)
        await pause(asked?.kind === 'limited' ? asked.seconds * 1_000 : trouble.refused ? timings.refused : again(failures))
      }
    }
  }

  const kept = keep().catch((error: unknown) => {
    if (!signal.aborted) log.error({ err: error }, 'the line to Slack ended')
  })
  return {
    connected: () => [...sockets].some((socket) => socket.usable()),
    trouble: () => ([...sockets].some((socket) => socket.usable()) ? null : trouble),
    stop: async () => {
      stopping.abort()
      for (const socket of sockets) drop(socket)
      // A connection that is just being made closes itself once it is there.
      await Promise.race([kept, sleep(timings.goodbye, undefined, { ref: false })])
    },
  }
}
