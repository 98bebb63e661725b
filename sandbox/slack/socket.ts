import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { z } from 'zod'
import type { Alarms } from './alarms.ts'
import { retriesAfter, usualAckTime, type Delivery, type EnvelopeType, type Transport } from './transport.ts'
import { Refused } from './web-api/refused.ts'

/** docs.slack.dev apis/events-api/using-socket-mode: at most 10 connections per app. */
const maxConnections = 10
/** docs.slack.dev apis/events-api: the last retry of an event comes 5 minutes later; after that it is lost. */
const eventLife = 5 * 60_000

/** One way of an envelope to a connection: so many ms later, as it is (`same`), or under an envelope id of its own (`new`) that nobody waits for. */
export type Passage = { after: number; id: 'same' | 'new' }
/** Which ways an envelope takes; none: it is lost with the socket it was written to. */
export type Tampering = (envelope: { type: EnvelopeType; payload: unknown }) => readonly Passage[]

type Envelope = { type: EnvelopeType; envelope_id: string; payload: unknown; accepts_response_payload: boolean; retry_attempt?: number; retry_reason?: string }
type Pending = { envelope: Envelope; on: WebSocket | undefined; attempt: number; settle: (delivery: Delivery) => void; until: number }
type Connection = { id: number; socket: WebSocket; frozen: boolean }

const acknowledgement = z.object({ envelope_id: z.string(), payload: z.unknown().optional() })

/**
 * Socket Mode: docs.slack.dev apis/events-api/using-socket-mode. Each payload goes to one connection; one that a dropped socket left unacknowledged
 * comes again on another, with the same envelope_id. `changed` is called when the number of connections changes.
 */
export const createSocketMode = (options: {
  appId: string
  host: () => string
  now: () => number
  alarms: Alarms
  ackTime?: number
  pingEvery?: number
  changed: () => void
  /** Socket Mode is off: who connects is told so and let go. */
  disabled?: boolean
}) => {
  const server = new WebSocketServer({ noServer: true })
  const tickets = new Set<string>()
  const connections: Connection[] = []
  const pending = new Map<string, Pending>()
  let turn = 0
  let count = 0
  let tampering: Tampering | undefined
  let lingering = false

  const send = (connection: Connection, value: unknown) => connection.socket.send(JSON.stringify(value))
  const usable = () => connections.filter((one) => one.socket.readyState === one.socket.OPEN)

  const dispatch = (item: Pending): boolean => {
    const open = usable()
    const chosen = open[turn++ % Math.max(1, open.length)]
    if (!chosen) return false
    item.on = chosen.socket
    const retry =
      item.attempt > 0
        ? { retry_attempt: item.attempt, retry_reason: 'timeout' }
        : item.envelope.type === 'events_api'
          ? { retry_attempt: 0, retry_reason: '' }
          : {}
    item.attempt += 1
    const straight: readonly Passage[] = [{ after: 0, id: 'same' }]
    for (const [index, { after, id }] of (tampering?.(item.envelope) ?? straight).entries()) {
      const value = { ...item.envelope, ...retry, ...(id === 'new' ? { envelope_id: randomUUID() } : {}) }
      const pass = () => {
        const to = index === 0 ? chosen : (usable()[turn++ % Math.max(1, usable().length)] ?? chosen)
        if (to.socket.readyState === to.socket.OPEN) send(to, value)
      }
      if (after === 0) pass()
      else setTimeout(pass, after).unref()
    }
    if (item.envelope.type === 'events_api') askAgain(item)
    return true
  }

  /** An event that nobody acknowledged in time comes again, to whichever connection is next. */
  const askAgain = (item: Pending) => {
    const attempt = item.attempt
    const open = () => pending.get(item.envelope.envelope_id) === item && item.attempt === attempt
    options.alarms.at(options.now() + (options.ackTime ?? usualAckTime), () => {
      if (!open()) return
      const after = retriesAfter[attempt - 1]
      if (after !== undefined) return options.alarms.at(options.now() + after, () => void (open() && dispatch(item)))
      pending.delete(item.envelope.envelope_id)
      item.settle({ kind: 'timeout' })
    })
  }

  const orphaned = (socket?: WebSocket) => {
    for (const [id, item] of pending) {
      if (item.on !== socket) continue
      item.on = undefined
      if (item.until < options.now()) pending.delete(id)
      else dispatch(item)
    }
  }

  const received = (data: string) => {
    const parsed = acknowledgement.safeParse(JSON.parse(data))
    const item = parsed.success ? pending.get(parsed.data.envelope_id) : undefined
    // A second acknowledgement, or one for nothing, is ignored.
    if (!parsed.success || !item) return
    pending.delete(parsed.data.envelope_id)
    item.settle({ kind: 'ack', payload: parsed.data.payload })
  }

  const welcome = (socket: WebSocket) => {
    if (options.disabled) {
      socket.send(JSON.stringify({ type: 'disconnect', reason: 'link_disabled', debug_info: { host: 'applink' } }))
      return socket.close(1000)
    }
    const connection: Connection = { id: ++count, socket, frozen: false }
    connections.push(connection)
    const ping = setInterval(() => connection.frozen || socket.ping('Ping from applink'), options.pingEvery ?? 10_000)
    socket.on('message', (data) => {
      const text = Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data instanceof ArrayBuffer ? new Uint8Array(data) : data).toString()
      try {
        received(text)
      } catch (error) {
        socket.close(1007, error instanceof Error ? error.message.slice(0, 100) : 'not JSON')
      }
    })
    socket.on('close', () => {
      clearInterval(ping)
      connections.splice(connections.indexOf(connection), 1)
      options.changed()
      orphaned(socket)
    })
    // An error is always followed by close, where it is dealt with; without a listener it would end the process.
    socket.on('error', () => socket.terminate())
    send(connection, {
      type: 'hello',
      num_connections: usable().length,
      debug_info: { host: `applink-${connection.id}`, build_number: 1, approximate_connection_time: 18_060 },
      connection_info: { app_id: options.appId },
    })
    options.changed()
    orphaned()
  }

  return {
    /** How many sockets are open. */
    connected: () => usable().length,
    /** The URL of a new connection, good for one use. Throws `too_many_websockets`. */
    url: (): string => {
      if (usable().length >= maxConnections) throw new Refused('too_many_websockets')
      const ticket = randomUUID()
      tickets.add(ticket)
      return `ws://${options.host()}/link/?ticket=${ticket}&app_id=${options.appId}`
    },
    /** Takes an HTTP upgrade of that URL. */
    upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const ticket = new URL(request.url ?? '', 'http://local').searchParams.get('ticket') ?? ''
      if (!tickets.delete(ticket)) return void socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n')
      const end = socket.end.bind(socket)
      Reflect.set(socket, 'end', (...rest: unknown[]) => (lingering ? socket : Reflect.apply(end, undefined, rest)))
      server.handleUpgrade(request, socket, head, welcome)
    },
    /** Sends one payload to one connection. An event waits for a connection up to 5 minutes, whatever a person did fails at once. */
    deliver: ((type, payload, accepts) =>
      new Promise((resolve) => {
        const event = type === 'events_api'
        const life = event ? eventLife : (options.ackTime ?? usualAckTime)
        const id = randomUUID()
        const timer = event ? undefined : setTimeout(() => (pending.delete(id), resolve({ kind: 'timeout' })), life)
        const item: Pending = {
          envelope: { type, envelope_id: id, payload, accepts_response_payload: accepts },
          on: undefined,
          attempt: 0,
          until: options.now() + life,
          settle: (delivery) => {
            clearTimeout(timer)
            resolve(delivery)
          },
        }
        pending.set(id, item)
        if (dispatch(item) || event) return
        pending.delete(id)
        item.settle({ kind: 'offline' })
      })) satisfies Transport['deliver'],
    /** Cuts every socket without a close frame, as a network does. */
    kill: (most = connections.length) => connections.slice(0, most).forEach((one) => one.socket.terminate()),
    tamper: (next: Tampering | undefined) => void (tampering = next),
    /** Stops reading and pinging on every socket, without closing: the other side cannot know. */
    freeze: (most = connections.length) => {
      for (const one of connections.slice(0, most)) {
        one.frozen = true
        one.socket.pause()
      }
    },
    thaw: () => {
      for (const one of connections) {
        one.frozen = false
        one.socket.resume()
      }
    },
    /** Tells every connection that it will end (`warning`) or must be replaced now (`refresh_requested`), or that the app's link is disabled. */
    disconnect: (reason: 'warning' | 'refresh_requested' | 'link_disabled') =>
      usable().forEach((one) => send(one, { type: 'disconnect', reason, debug_info: { host: `applink-${one.id}` } })),
    /** Sends a close frame to every connection. */
    sayGoodbye: () => usable().forEach((one) => one.socket.close(1000)),
    /** From now on a closing handshake does not end the TCP connection under it, as Slack's does not (slackapi/node-slack-sdk#2752). */
    linger: (on: boolean) => void (lingering = on),
    close: () => {
      connections.slice().forEach((one) => one.socket.terminate())
      server.close()
    },
  }
}

export type SocketMode = ReturnType<typeof createSocketMode>
