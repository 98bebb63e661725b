import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** One thing readiness depends on: null when it is fine, else words. */
export interface Check {
  readonly name: string
  trouble(): Promise<string | null>
  /**
   * What all replicas have in common: while it is away no other one would do better, and over HTTP one that is not ready hears nothing at all, so that
   * nobody could even be told. Its trouble is named then, and stands in the way of readiness only until it was fine for the `first` time, or `never`.
   */
  readonly common?: 'first' | 'never'
  /** What does not stand in the way of readiness, and somebody should know. */
  notes?(): readonly string[]
}

/** One more path of the same port. */
export interface Route { readonly path: string; serve(request: IncomingMessage, response: ServerResponse): void }

/**
 * Milliseconds. Longer than the 60 s for which an Ingress of nginx keeps a connection to us: the side that lets go first loses the
 * request that is just being sent. A request that takes longer than Slack waits for its answer is nobody's.
 */
const timeouts = { keepAlive: 75_000, request: 10_000 } as const

/**
 * Serves /healthz (the process turns), /readyz (200 only when every check is fine that is not excused as common; the body names all that are not, and
 * what the checks note) and the routes. Returns the port.
 */
export const serveHealth = (port: number, checks: readonly Check[], routes: readonly Route[] = []): Promise<{ readonly port: number; close(): Promise<void> }> =>
  new Promise((resolve, reject) => {
    const wasFine = new Set<Check>()
    const excused = (check: Check): boolean => check.common === 'never' || (check.common === 'first' && wasFine.has(check))
    const server = createServer({ keepAliveTimeout: timeouts.keepAlive, requestTimeout: timeouts.request, headersTimeout: timeouts.request }, (request, response) => {
      const path = request.url?.split('?')[0]
      const route = routes.find((one) => one.path === path)
      if (route !== undefined) return route.serve(request, response)
      const answer = (status: number, lines: readonly string[]): void => void response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${lines.join('\n')}\n`)
      if (request.url === '/healthz') return answer(200, ['ok'])
      if (request.url !== '/readyz') return answer(404, ['only /healthz and /readyz'])
      Promise.all(checks.map(async (check) => {
        const trouble = await check.trouble().catch((error: unknown) => String(error))
        if (trouble === null) wasFine.add(check)
        return trouble === null ? [] : [{ line: `${check.name}: ${trouble}`, excused: excused(check) }]
      })).then((found) => {
        const troubles = found.flat()
        const ready = troubles.every((trouble) => trouble.excused)
        const notes = checks.flatMap((check) => (check.notes?.() ?? []).map((note) => `note: ${check.name}: ${note}`))
        answer(ready ? 200 : 503, [...(ready ? ['ok'] : []), ...troubles.map(({ line }) => line), ...notes])
      }, (error: unknown) => answer(500, [String(error)]))
    })
    server.once('error', reject)
    server.listen(port, () => {
      const address = server.address()
      resolve({ port: address !== null && typeof address === 'object' ? address.port : port, close: () => new Promise((done) => void server.close(() => done())) })
    })
  })
