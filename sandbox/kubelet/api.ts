import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { http2Session } from './http2-session.ts'

/** An answer that is not 2xx, with the Status message of the API server. */
export class ApiFailure extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** A plain client of the Kubernetes API: one HTTP/2 session, JSON in and out. Network trouble throws what node:http2 throws. */
export interface Api {
  get(path: string): Promise<unknown>
  /** An answer that is not JSON: a log. */
  text(path: string): Promise<string>
  post(path: string, body: object): Promise<unknown>
  /** A JSON merge patch (RFC 7396). */
  patch(path: string, body: object): Promise<unknown>
  delete(path: string, body: object): Promise<unknown>
  /** The frames of a watch, until it ends. */
  watch(path: string, signal: AbortSignal): AsyncGenerator<unknown>
  close(): Promise<void>
}

const data = z.string().optional()
const kubeconfigSchema = z.looseObject({
  'current-context': z.string(),
  contexts: z.array(z.looseObject({ name: z.string(), context: z.looseObject({ cluster: z.string(), user: z.string() }) })),
  clusters: z.array(
    z.looseObject({
      name: z.string(),
      cluster: z.looseObject({
        server: z.string(),
        'certificate-authority-data': data,
        'certificate-authority': data,
        'insecure-skip-tls-verify': z.boolean().optional(),
      }),
    }),
  ),
  users: z.array(
    z.looseObject({
      name: z.string(),
      user: z.looseObject({ token: data, 'client-certificate-data': data, 'client-key-data': data, 'client-certificate': data, 'client-key': data }),
    }),
  ),
})

const statusSchema = z.looseObject({ message: z.string().optional() })

const failureOf = (code: number, text: string): ApiFailure => {
  if (!text.startsWith('{')) return new ApiFailure(code, text.slice(0, 300))
  return new ApiFailure(code, statusSchema.safeParse(JSON.parse(text)).data?.message ?? text.slice(0, 300))
}

/** Connects with the current context of that kubeconfig file. Throws when the file is not a kubeconfig. */
export const connectApi = (kubeconfig: string): Api => {
  const config = kubeconfigSchema.parse(parse(readFileSync(kubeconfig, 'utf8')))
  const context = config.contexts.find(({ name }) => name === config['current-context'])?.context
  const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster
  const user = config.users.find(({ name }) => name === context?.user)?.user
  if (cluster === undefined || user === undefined) throw new Error(`${kubeconfig}: the current context names no cluster or user`)
  const pem = (inline: string | undefined, file: string | undefined) => {
    if (inline !== undefined) return Buffer.from(inline, 'base64')
    return file === undefined ? undefined : readFileSync(resolve(dirname(kubeconfig), file))
  }
  const ca = pem(cluster['certificate-authority-data'], cluster['certificate-authority'])
  const cert = pem(user['client-certificate-data'], user['client-certificate'])
  const key = pem(user['client-key-data'], user['client-key'])
  const tls = { rejectUnauthorized: cluster['insecure-skip-tls-verify'] !== true, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
  const session = http2Session(cluster.server, tls)
  const own = {
    accept: 'application/json',
    'user-agent': 'kubelet/v1.36.1 (scripted)',
    ...(user.token === undefined ? {} : { authorization: `Bearer ${user.token}` }),
  }

  const call = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<string> => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    const headers = { ...own, ':method': method, ':path': path, ...(body === undefined ? {} : { 'content-type': type }) }
    const answer = await session.send(headers, body === undefined ? undefined : JSON.stringify(body), 15_000)
    const chunks: Buffer[] = []
    for await (const chunk of answer.stream) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    if (answer.status >= 300) throw failureOf(answer.status, text)
    return text
  }
  const json = async (answer: Promise<string>): Promise<unknown> => JSON.parse(await answer)

  async function* watch(path: string, signal: AbortSignal): AsyncGenerator<unknown> {
    const answer = await session.send({ ...own, ':method': 'GET', ':path': path }, undefined, 0)
    const stop = () => answer.stream.destroy()
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    try {
      const decoder = new TextDecoder()
      let rest = ''
      for await (const chunk of answer.stream) {
        rest += Buffer.isBuffer(chunk) ? decoder.decode(chunk, { stream: true }) : ''
        if (answer.status >= 300) continue
        const lines = rest.split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) if (line !== '') yield JSON.parse(line)
      }
      if (answer.status >= 300) throw failureOf(answer.status, rest)
    } finally {
      signal.removeEventListener('abort', stop)
      stop()
    }
  }

  return {
    get: (path) => json(call('GET', path)),
    text: (path) => call('GET', path),
    post: (path, body) => json(call('POST', path, body)),
    patch: (path, body) => json(call('PATCH', path, body)),
    delete: (path, body) => json(call('DELETE', path, body)),
    watch,
    close: async () => session.close(),
  }
}
