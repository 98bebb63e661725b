import { createServer } from 'node:http'

/** One thing readiness depends on: null when it is fine, else words. */
export interface Check {
  readonly name: string
  trouble(): Promise<string | null>
  /** What does not stand in the way of readiness, and somebody should know. */
  notes?(): readonly string[]
}

/** Serves /healthz (the process turns) and /readyz (200 only when every check is fine; the body names the rest, and what the checks note). Returns the port. */
export const serveHealth = (port: number, checks: readonly Check[]): Promise<{ readonly port: number; close(): Promise<void> }> =>
  new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      const answer = (status: number, lines: readonly string[]): void => void response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${lines.join('\n')}\n`)
      if (request.url === '/healthz') return answer(200, ['ok'])
      if (request.url !== '/readyz') return answer(404, ['only /healthz and /readyz'])
      Promise.all(checks.map(async (check) => {
        const trouble = await check.trouble().catch((error: unknown) => String(error))
        return trouble === null ? null : `${check.name}: ${trouble}`
      })).then((found) => {
        const troubles = found.filter((line) => line !== null)
        const notes = checks.flatMap((check) => (check.notes?.() ?? []).map((note) => `note: ${check.name}: ${note}`))
        answer(troubles.length === 0 ? 200 : 503, [...(troubles.length === 0 ? ['ok'] : troubles), ...notes])
      }, (error: unknown) => answer(500, [String(error)]))
    })
    server.once('error', reject)
    server.listen(port, () => {
      const address = server.address()
      resolve({ port: address !== null && typeof address === 'object' ? address.port : port, close: () => new Promise((done) => void server.close(() => done())) })
    })
  })
