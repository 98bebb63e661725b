import type { RequestOptions } from 'node:https'
import { connect as tlsConnect } from 'node:tls'
import { Agent } from 'undici'

/** The connections of one session: one and the same where the server speaks HTTP/2. */
export interface Agents {
  readonly requests: Agent
  readonly watches: Agent
  /** What it was opened with: other certificates need other connections. */
  readonly identity: string
}

const tlsOf = (options: RequestOptions) => ({
  ...(options.ca === undefined ? {} : { ca: options.ca }), ...(options.cert === undefined ? {} : { cert: options.cert }),
  ...(options.key === undefined ? {} : { key: options.key }), ...(options.servername === undefined ? {} : { servername: options.servername }),
  ...(options.rejectUnauthorized === undefined ? {} : { rejectUnauthorized: options.rejectUnauthorized }),
})

/** Tells whether two sets of options would open the same kind of connection. */
export const tlsIdentity = (options: RequestOptions): string => JSON.stringify([options.ca, options.cert, options.key].map((part) => (part === undefined ? null : String(part))))

/** Where ALPN yields only HTTP/1.1, one limited Agent would deadlock behind an open watch: then watches get their own. */
const speaksHttp2 = (server: URL, tls: ReturnType<typeof tlsOf>): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const servername = tls.servername ?? (/^[\d.:[\]]+$/.test(server.hostname) ? undefined : server.hostname)
    const socket = tlsConnect({ host: server.hostname, port: Number(server.port === '' ? 443 : server.port), servername, ALPNProtocols: ['h2', 'http/1.1'], timeout: 5_000, ...tls })
    socket.once('secureConnect', () => {
      const h2 = socket.alpnProtocol === 'h2'
      socket.destroy()
      resolve(h2)
    })
    socket.once('timeout', () => socket.destroy(new Error('timed out')))
    socket.once('error', reject)
  })

/** Opens what this server speaks. Certificates are those of now: files are read anew each time. */
export const openAgents = async (server: URL, https: RequestOptions): Promise<Agents> => {
  const tls = tlsOf(https)
  const identity = tlsIdentity(https)
  const plain = { bodyTimeout: 0, headersTimeout: 30_000, keepAliveTimeout: 30_000 }
  if (server.protocol === 'http:') return { requests: new Agent({ ...plain, connections: 8 }), watches: new Agent(plain), identity }
  const connect = { ...tls, timeout: 5_000 }
  if (await speaksHttp2(server, tls)) {
    const one = new Agent({ ...plain, connect, allowH2: true, connections: 1, pipelining: 100 })
    return { requests: one, watches: one, identity }
  }
  return { requests: new Agent({ ...plain, connect, connections: 8 }), watches: new Agent({ ...plain, connect }), identity }
}

/** Ends every connection at once; whatever is under way on them fails with `why`. */
export const destroyAgents = async (agents: Agents, why: string): Promise<void> => {
  const error = new Error(why)
  await Promise.all([agents.requests.destroy(error), agents.watches === agents.requests ? undefined : agents.watches.destroy(error)])
}
