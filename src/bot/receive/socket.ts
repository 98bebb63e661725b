import type { Socket as NetSocket } from 'node:net'
import type { Logger } from 'pino'
import { Agent, buildConnector, ping, WebSocket } from 'undici'
import { z } from 'zod'
import type { Envelope } from './door.ts'
import { standstillLimit, watchStandstill } from './standstill.ts'

/** Why a socket is to be replaced: Slack says goodbye, it is closed, nothing was heard for too long, or this process stood still. */
export type Leaving = 'goodbye' | 'link_disabled' | 'closed' | 'silent' | 'stood_still'

/** One connection of Socket Mode, after its hello. */
export interface Socket {
  /** Settles when it is time for another one; after a goodbye this one still hears and answers. */
  readonly leaving: Promise<Leaving>
  usable(): boolean
  /** Says goodbye, and cuts the line when that is not answered. */
  close(): void
}

/** Milliseconds. */
export interface SocketTimings {
  /** From the request for a connection to Slack's hello. */
  readonly hello: number
  /** Between our pings, which Slack answers. */
  readonly ping: number
  /** Without one byte from Slack, neither message nor ping nor answer to ours: the line is dead, whatever TCP says. */
  readonly silence: number
  /** A process that stood still for so long reads what Slack has given up: it is left unread, and not done late. */
  readonly standstill: number
  /** For Slack's answer to our goodbye. */
  readonly goodbye: number
}

/** Slack pings every 10 s or so. Pongs later than 5 s are common (reference/slack.md 6.2: 211 false disconnects a day); three missed in a row are not. */
export const socketTimings: SocketTimings = { hello: 20_000, ping: 5_000, silence: 16_000, standstill: standstillLimit, goodbye: 2_000 }

const tick = 250
const frame = z.object({
  type: z.string(), reason: z.string().optional(), envelope_id: z.string().optional(), payload: z.unknown().optional(),
  retry_attempt: z.number().optional(), retry_reason: z.string().optional(),
})

const parse = (data: unknown): z.infer<typeof frame> | null => {
  if (typeof data !== 'string') return null
  try {
    const parsed = frame.safeParse(JSON.parse(data))
    return parsed.success ? parsed.data : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/**
 * Opens one connection; settles at Slack's hello, rejects without one. The SDK's own client is not used: it closes the old socket before
 * the next one is there, lets a frozen one hang for 45 s, and cannot acknowledge on a socket that was told to leave (reference/slack.md 6.2).
 */
export const openSocket = (options: {
  readonly url: string; readonly log: Logger; readonly timings: SocketTimings; readonly onEnvelope: (envelope: Envelope) => void
}): Promise<Socket> => new Promise((resolve, reject) => {
  const { url, log, timings, onEnvelope } = options
  // The line beneath the WebSocket, to see that it is alive and to cut it when it is not. HTTP/1.1: a stream of HTTP/2 cannot be cut alone.
  let line: NetSocket | undefined
  const connect = buildConnector({ allowH2: false })
  const agent = new Agent({
    connect: (asked, callback) => connect(asked, (...answer) => {
      if (answer[0] === null) [, line] = answer
      callback(...answer)
    }),
  })
  const socket = new WebSocket(url, { dispatcher: agent })
  let leave = (_why: Leaving): void => undefined
  const leaving = new Promise<Leaving>((settle) => {
    leave = settle
  })
  let greeted = false
  let heardBytes = 0
  let heardAt = performance.now()
  let pingedAt = performance.now()
  let over = false
  const standstill = watchStandstill(timings.standstill)

  const cut = (): void => {
    over = true
    clearInterval(watch)
    standstill.stop()
    line?.destroy()
    agent.destroy().catch((error: unknown) => log.debug({ err: error }, 'a connection\'s agent'))
  }
  const giveUp = (why: Leaving): void => {
    if (over) return
    log.warn({ why }, why === 'silent' ? `not a byte from Slack for ${timings.silence} ms: this connection is replaced` : 'this process stood still; what Slack sent meanwhile it has given up: this connection is replaced')
    cut()
    leave(why)
    reject(new Error(`the connection was given up: ${why}`))
  }

  const watch = setInterval(() => {
    const now = performance.now()
    if (standstill.justNow()) return giveUp('stood_still')
    const bytes = line?.bytesRead ?? 0
    if (bytes !== heardBytes) [heardBytes, heardAt] = [bytes, now]
    if (now - heardAt > (greeted ? timings.silence : timings.hello)) return giveUp('silent')
    if (now - pingedAt < timings.ping || socket.readyState !== WebSocket.OPEN) return
    pingedAt = now
    ping(socket)
  }, tick)
  watch.unref()

  const send = (value: object): Promise<void> => {
    if (socket.readyState !== WebSocket.OPEN) return Promise.reject(new Error('this connection is gone'))
    socket.send(JSON.stringify(value))
    return Promise.resolve()
  }

  socket.addEventListener('message', ({ data }) => {
    if (over) return
    if (standstill.justNow()) return giveUp('stood_still')
    const said = parse(data)
    if (said === null) return log.warn('a frame in an unknown form was left alone')
    const { type, envelope_id: id } = said
    if (type === 'hello') {
      greeted = true
      return resolve({
        leaving,
        usable: () => !over && socket.readyState === WebSocket.OPEN,
        close: () => {
          socket.close(1000)
          setTimeout(cut, timings.goodbye).unref()
        },
      })
    }
    if (type === 'disconnect') return leave(said.reason === 'link_disabled' ? 'link_disabled' : 'goodbye')
    if (id === undefined) return log.warn({ type }, 'a frame without an id was left alone')
    return onEnvelope({
      id, body: said.payload, retryNum: said.retry_attempt, retryReason: said.retry_reason,
      ack: (response) => send({ envelope_id: id, ...(response === undefined ? {} : { payload: response }) }),
      // Unacknowledged, it comes again over another connection, or ends in Slack's own time-out.
      refuse: () => undefined,
    })
  })
  // The error event brings nothing that close does not; without a listener undici would throw it.
  socket.addEventListener('error', (event) => log.debug({ why: event.message }, 'the connection to Slack broke'))
  socket.addEventListener('close', ({ code }) => {
    cut()
    leave('closed')
    reject(new Error(`the connection was closed before Slack's hello (${code})`))
  })
})
