import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2'
import { connect } from 'node:http2'
import type { SecureContextOptions } from 'node:tls'

/** One HTTP/2 connection to a server, made anew whenever the last one broke. */
export interface Http2Session {
  /** Sends a request and waits for its status. Not answered within `timeout` ms (0: no limit) it fails. */
  send(headers: OutgoingHttpHeaders, body: string | undefined, timeout: number): Promise<{ status: number; stream: ClientHttp2Stream }>
  close(): void
}

/** A frozen connection is found within two of these (ms): the ping of the last one is not answered yet. */
const pingEvery = 10_000
/** How many bytes may be under way, as Go's transport asks for: with the default of 64 KiB for everything, one busy watch holds up all others. */
const streamWindow = 4 * 1024 * 1024
const connectionWindow = 64 * 1024 * 1024

/**
 * A client session on `node:http2`. undici's HTTP/2 client (7.30, client-h2.js `busy`) holds POST and PATCH back while anything
 * else runs on the connection, and a watch always runs: a kubelet's status would wait for ever.
 */
export const http2Session = (origin: string, tls: SecureContextOptions & { rejectUnauthorized: boolean }): Http2Session => {
  let current: ClientHttp2Session | undefined

  const fresh = (): ClientHttp2Session => {
    const session = connect(origin, { ...tls, settings: { initialWindowSize: streamWindow } })
    session.once('connect', () => session.setLocalWindowSize(connectionWindow))
    let answered = true
    const pinging = setInterval(() => {
      if (!answered) return session.destroy(new Error(`${origin} does not answer`))
      answered = false
      if (!session.connecting && !session.destroyed) session.ping((error) => (answered = error === null))
    }, pingEvery)
    // Each request on it fails with this error too, and says so.
    session.on('error', () => session.destroy())
    session.on('goaway', () => forget(session))
    session.on('close', () => {
      clearInterval(pinging)
      forget(session)
    })
    return session
  }
  const forget = (session: ClientHttp2Session) => {
    if (current === session) current = undefined
  }

  return {
    send: (headers, body, timeout) =>
      new Promise((resolve, reject) => {
        if (current === undefined || current.destroyed || current.closed) current = fresh()
        const stream = current.request(headers, { endStream: body === undefined })
        const fail = (error: Error) => reject(error)
        const closed = () => reject(new Error(`${origin}: the connection was closed`))
        if (timeout > 0) stream.setTimeout(timeout, () => stream.destroy(new Error(`${origin}: no answer in ${timeout} ms`)))
        stream.once('error', fail)
        stream.once('close', closed)
        stream.once('response', (answer) => {
          // From here on the reader of the stream hears of its errors.
          stream.off('error', fail)
          stream.off('close', closed)
          resolve({ status: answer[':status'] ?? 0, stream })
        })
        if (body !== undefined) stream.end(body)
      }),
    close: () => current?.destroy(),
  }
}
