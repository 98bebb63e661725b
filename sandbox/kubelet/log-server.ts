import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import { generate } from 'selfsigned'
import { environmentOf } from './needs.ts'
import type { PodLife } from './pod-life.ts'
import type { WrittenLine } from './container-log.ts'
import { logLines, logSource } from './pod-log.ts'

/** The kubelet's https server. */
export interface LogServer {
  port: number
  close(): Promise<void>
}

/** What of a log is wanted: the query of the API's pods/log. */
interface Wanted {
  previous: boolean
  follow: boolean
  timestamps: boolean
  tail: number
  bytes: number
  since: number
}

const wantedOf = (query: URLSearchParams, now: number): Wanted => {
  const number = (name: string) => (query.has(name) ? Number(query.get(name)) : Infinity)
  const sinceTime = query.get('sinceTime')
  const ago = number('sinceSeconds')
  return {
    previous: query.get('previous') === 'true',
    follow: query.get('follow') === 'true',
    timestamps: query.get('timestamps') === 'true',
    tail: number('tailLines'),
    bytes: number('limitBytes'),
    since: sinceTime !== null ? Date.parse(sinceTime) : Number.isFinite(ago) ? now - ago * 1000 : 0,
  }
}

const textOf = (lines: readonly WrittenLine[], { timestamps }: Wanted) =>
  lines.map(({ time, text }) => `${timestamps ? `${new Date(time).toISOString().slice(0, -1)}000000Z ` : ''}${text}\n`).join('')

const answer = (response: ServerResponse, code: number, text: string) => {
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(text)
}

/** Serves `/containerLogs/<namespace>/<pod>/<container>` on a free port of 127.0.0.1, as the API server's pods/log asks a kubelet. */
export const serveLogs = async (lives: () => Iterable<PodLife>, speed: number): Promise<LogServer> => {
  const pems = await generate([{ name: 'commonName', value: 'scripted-kubelet' }])
  const closing = new AbortController()

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(incoming.url ?? '/', 'https://kubelet')
    const [, route, namespace, podName, name] = url.pathname.split('/').map(decodeURIComponent)
    if (url.pathname === '/healthz') return answer(response, 200, 'ok')
    if (route !== 'containerLogs') return answer(response, 404, '404 page not found\n')
    const life = [...lives()].find(({ pod }) => pod.metadata.namespace === namespace && pod.metadata.name === podName)
    if (life === undefined || podName === undefined) return answer(response, 404, `pod "${podName}" not found\n`)
    const container = [...life.containers, ...life.initContainers].find(({ spec }) => spec.name === name)
    if (container === undefined) return answer(response, 400, `container "${name}" not found in pod "${podName}"`)
    const wanted = wantedOf(url.searchParams, Date.now())
    const source = logSource(podName, container, wanted.previous)
    if ('refusal' in source) return answer(response, 400, source.refusal)
    const leaks = container.scenario.runs.some((run) => run.printsEnvironment === true)
    const environment = leaks ? await environmentOf(life.pod, container.spec, life.host) : { values: new Map<string, string>() }
    const values = 'values' in environment ? environment.values : new Map<string, string>()
    const finite = life.pod.spec.restartPolicy !== 'Always'
    const read = () => logLines(container, source, Date.now(), speed, finite, values).filter(({ time }) => time >= wanted.since)

    const lines = read()
    const tail = wanted.tail === Infinity ? lines : lines.slice(Math.max(0, lines.length - wanted.tail))
    if (!wanted.follow || source.endedAt !== undefined) return answer(response, 200, Buffer.from(textOf(tail, wanted)).subarray(0, wanted.bytes).toString())
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
    response.write(textOf(tail, wanted))
    const id = container.status.containerID
    let told = lines.length
    while (!response.destroyed && !closing.signal.aborted && container.status.containerID === id && container.status.state.running !== undefined) {
      await pause(200)
      const all = read()
      if (all.length > told) response.write(textOf(all.slice(told), wanted))
      told = all.length
    }
    response.end()
  }

  const server = createServer({ key: pems.private, cert: pems.cert }, (incoming, response) => {
    handle(incoming, response).catch((error: unknown) => {
      if (!response.headersSent) answer(response, 500, error instanceof Error ? error.message : String(error))
      else response.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the kubelet server has no port')
  return {
    port: address.port,
    close: () =>
      new Promise((resolve, reject) => {
        closing.abort()
        server.close((error) => (error === undefined ? resolve() : reject(error)))
        server.closeAllConnections()
      }),
  }
}
