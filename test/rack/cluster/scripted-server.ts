import { createSecureServer, type Http2ServerResponse, type ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import { stringify } from 'yaml'
import { generate } from 'selfsigned'

/** One request as the script sees it. */
export interface Asked { readonly method: string; readonly path: string; readonly query: URLSearchParams; readonly authorization: string; readonly at: number }

/** An API server that answers what a test says, and `ok` to pulses unless told otherwise. */
export interface ScriptedServer {
  readonly url: string
  readonly port: number
  readonly certificate: string
  readonly kubeconfig: string
  readonly asked: readonly Asked[]
  /** Connections that are open now. */
  connections(): number
  /** Asks every client to go to another server, as an API server does now and then (`--goaway-chance`). */
  goAway(): void
  close(): Promise<void>
}

/** Answers one request; false leaves it to the server (404, or `ok` to a pulse). */
export type Script = (asked: Asked, response: Http2ServerResponse) => boolean | void

export const answerJson = (response: Http2ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
export const refuse = (response: Http2ServerResponse, code: number, reason: string, message: string): void =>
  answerJson(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code })

export const kubeconfigFor = (url: string, certificate: string, user: Record<string, unknown> = { token: 'first' }): string => stringify({
  apiVersion: 'v1', kind: 'Config', 'current-context': 'it', contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }], users: [{ name: 'it', user }],
  clusters: [{ name: 'it', cluster: { server: url, 'certificate-authority-data': Buffer.from(certificate).toString('base64') } }],
})

export const selfSigned = () => generate([{ name: 'commonName', value: '127.0.0.1' }], {
  keyType: 'ec', algorithm: 'sha256', extensions: [{ name: 'basicConstraints', cA: true }, { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
})

export const startScriptedServer = async (script: Script, options: { port?: number; pems?: Awaited<ReturnType<typeof selfSigned>> } = {}): Promise<ScriptedServer> => {
  const pems = options.pems ?? (await selfSigned())
  const asked: Asked[] = []
  const sessions = new Set<ServerHttp2Session>()
  const sockets = new Set<Socket>()
  const server = createSecureServer({ key: pems.private, cert: pems.cert }, (request, response) => {
    const url = new URL(request.url, 'https://it')
    const one = { method: request.method, path: url.pathname, query: url.searchParams, authorization: request.headers.authorization ?? '', at: performance.now() }
    asked.push(one)
    if (script(one, response) !== false) return
    if (one.path === '/livez') response.end('ok')
    else refuse(response, 404, 'NotFound', 'no such thing')
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('session', (session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
    // A client that vanishes in the middle is what these tests are about.
    session.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => void server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const url = `https://127.0.0.1:${port}`
  return {
    url, port, certificate: pems.cert, kubeconfig: kubeconfigFor(url, pems.cert), asked, connections: () => sessions.size,
    goAway: () => {
      for (const session of sessions) session.goaway()
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
      for (const session of sessions) session.destroy()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
