import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** What the registry holds: repository -> tag -> what tells one build from another (any text). */
export type Catalog = Record<string, string[] | Record<string, string>>

export const manifestTypes = ['application/vnd.oci.image.index.v1+json', 'application/vnd.oci.image.manifest.v1+json'] as const

export interface RegistryOptions {
  /** 0, the default: any free one. */
  port?: number
  catalog: Catalog
  /** `bearer` answers 401 with a challenge that names the token endpoint, `basic` asks for the password itself. */
  auth?: { kind: 'bearer' | 'basic'; username: string; password: string }
}

/** How the next requests for manifests go wrong. */
export interface Fault {
  status?: 401 | 403 | 404 | 429 | 500 | 503
  /** Seconds, for 429. */
  retryAfter?: number
  /** ms before the answer. */
  delay?: number
  /** Closes the connection instead of answering. */
  drop?: boolean
  /** How many requests; all, when left out. */
  times?: number
}

export interface SimulatedRegistry {
  /** `127.0.0.1:PORT`, as it stands in image references. */
  address: string
  /** `sha256:…` of a tag; undefined when there is none. */
  digest(repository: string, tag: string): string | undefined
  /** Adds a tag or moves it. */
  push(repository: string, tag: string, content?: string): string
  /** Removes a tag; what it pointed to goes too. */
  remove(repository: string, tag: string): void
  fail(fault: Fault | undefined): void
  requests(): { method: string; path: string; at: number }[]
  close(): Promise<void>
}

interface Manifest {
  type: (typeof manifestTypes)[number]
  text: string
  digest: string
}

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`

/** A manifest that depends on nothing but repository, tag and content: the same digest at every start. */
const manifestOf = (repository: string, tag: string, content: string): Manifest => {
  const seed = `${repository}:${tag}:${content}`
  const type = manifestTypes[1]
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: type,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(`config ${seed}`), size: 1024 },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: sha256(`layer ${seed}`), size: 4_194_304 }],
    annotations: { 'org.opencontainers.image.ref.name': tag },
  })
  return { type, text, digest: sha256(text) }
}

const namePattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/

const problem = (response: ServerResponse, status: number, code: string, message: string, headers: Record<string, string> = {}, detail: unknown = null): void => {
  const text = JSON.stringify({ errors: [{ code, message, detail }] })
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers })
  response.end(text)
}

const json = (response: ServerResponse, body: unknown, headers: Record<string, string> = {}): void => {
  const text = JSON.stringify(body)
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers })
  response.end(text)
}

const accepts = (request: IncomingMessage, type: string): boolean => {
  const accept = request.headers.accept ?? '*/*'
  return accept.split(',').some((part) => ['*/*', 'application/*', type].includes(part.split(';')[0]?.trim() ?? ''))
}

/** Starts a registry that knows manifests and nothing else (OCI distribution 1.1, plain http on 127.0.0.1). */
export const startRegistry = async (options: RegistryOptions): Promise<SimulatedRegistry> => {
  const tags = new Map<string, Map<string, Manifest>>()
  const log: { method: string; path: string; at: number }[] = []
  let fault: Fault | undefined
  const tokens = new Set<string>()

  const push = (repository: string, tag: string, content = ''): string => {
    const manifest = manifestOf(repository, tag, content)
    const known = tags.get(repository) ?? new Map<string, Manifest>()
    tags.set(repository, known.set(tag, manifest))
    return manifest.digest
  }
  for (const [repository, content] of Object.entries(options.catalog)) {
    if (Array.isArray(content)) for (const tag of content) push(repository, tag)
    else for (const [tag, text] of Object.entries(content)) push(repository, tag, text)
  }

  const password = (request: IncomingMessage): boolean => {
    const { auth } = options
    return auth !== undefined && request.headers.authorization === `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`
  }
  const allowed = (request: IncomingMessage): boolean => {
    if (!options.auth) return true
    return options.auth.kind === 'basic' ? password(request) : tokens.has((request.headers.authorization ?? '').replace(/^Bearer /, ''))
  }

  const serveToken = (request: IncomingMessage, response: ServerResponse, query: URLSearchParams): void => {
    if (!password(request)) {
      problem(response, 401, 'UNAUTHORIZED', 'authentication required')
      return
    }
    const token = createHash('sha256').update(`${query.get('scope')} ${tokens.size}`).digest('base64url')
    tokens.add(token)
    json(response, { token, access_token: token, expires_in: 300, issued_at: new Date().toISOString() })
  }

  const serveManifest = (request: IncomingMessage, response: ServerResponse, repository: string, reference: string): void => {
    if (!namePattern.test(repository)) {
      problem(response, 400, 'NAME_INVALID', 'invalid repository name')
      return
    }
    const known = tags.get(repository)
    if (!known) {
      problem(response, 404, 'NAME_UNKNOWN', 'repository name not known to registry', {}, { name: repository })
      return
    }
    if (!reference.startsWith('sha256:') && !tagPattern.test(reference)) {
      problem(response, 400, 'TAG_INVALID', 'manifest tag did not match URI')
      return
    }
    const manifest = reference.startsWith('sha256:') ? [...known.values()].find((item) => item.digest === reference) : known.get(reference)
    if (!manifest || !accepts(request, manifest.type)) {
      const detail = manifest ? { message: `OCI manifest found, but accept header does not support OCI manifests` } : { Tag: reference }
      problem(response, 404, 'MANIFEST_UNKNOWN', 'manifest unknown', {}, detail)
      return
    }
    response.writeHead(200, { 'content-type': manifest.type, 'content-length': Buffer.byteLength(manifest.text), 'docker-content-digest': manifest.digest, etag: `"${manifest.digest}"` })
    response.end(request.method === 'HEAD' ? undefined : manifest.text)
  }

  const failing = (): Fault | undefined => {
    const active = fault
    if (active?.times !== undefined) {
      active.times -= 1
      if (active.times <= 0) fault = undefined
    }
    return active
  }

  const faultCodes: Record<number, [code: string, message: string]> = {
    401: ['UNAUTHORIZED', 'authentication required'],
    403: ['DENIED', 'requested access to the resource is denied'],
    404: ['MANIFEST_UNKNOWN', 'manifest unknown'],
    429: ['TOOMANYREQUESTS', 'You have reached your pull rate limit.'],
  }

  const route = (request: IncomingMessage, response: ServerResponse, url: URL): void => {
    if (url.pathname === '/token') {
      serveToken(request, response, url.searchParams)
      return
    }
    const [, repository = '', what = '', reference = ''] = /^\/v2\/(.+)\/(manifests|tags)\/([^/]+)$/.exec(url.pathname) ?? []
    if (!allowed(request)) {
      const challenge =
        options.auth?.kind === 'basic' ? 'Basic realm="sandbox"' : `Bearer realm="http://${address}/token",service="sandbox"${repository === '' ? '' : `,scope="repository:${repository}:pull"`}`
      problem(response, 401, 'UNAUTHORIZED', 'authentication required', { 'www-authenticate': challenge, 'docker-distribution-api-version': 'registry/2.0' })
      return
    }
    if (url.pathname === '/v2/') json(response, {}, { 'docker-distribution-api-version': 'registry/2.0' })
    else if (request.method !== 'GET' && request.method !== 'HEAD') problem(response, 405, 'UNSUPPORTED', 'The operation is unsupported.')
    else if (what === 'manifests') serveManifest(request, response, repository, reference)
    else if (what === 'tags' && reference === 'list') {
      const known = tags.get(repository)
      if (known) json(response, { name: repository, tags: [...known.keys()].sort() })
      else problem(response, 404, 'NAME_UNKNOWN', 'repository name not known to registry', {}, { name: repository })
    } else {
      response.writeHead(404, { 'content-type': 'text/plain' })
      response.end('404 page not found\n')
    }
  }

  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    const url = new URL(path, 'http://registry')
    log.push({ method: request.method ?? 'GET', path, at: Date.now() })
    const active = url.pathname.includes('/manifests/') ? failing() : undefined
    const act = (): void => {
      if (active?.drop === true) {
        request.socket.destroy()
        return
      }
      if (active?.status !== undefined) {
        const [code, message] = faultCodes[active.status] ?? ['UNKNOWN', 'unknown error']
        problem(response, active.status, code, message, active.retryAfter === undefined ? {} : { 'retry-after': String(active.retryAfter) })
        return
      }
      route(request, response, url)
    }
    if (active?.delay === undefined) act()
    else setTimeout(act, active.delay).unref()
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', () => {
      const bound = server.address()
      if (typeof bound === 'object' && bound !== null) resolve(bound.port)
      else reject(new Error('the registry has no port'))
    })
  })
  const address = `127.0.0.1:${port}`
  return {
    address,
    digest: (repository, tag) => tags.get(repository)?.get(tag)?.digest,
    push,
    remove: (repository, tag) => void tags.get(repository)?.delete(tag),
    fail: (next) => {
      fault = next ? { ...next } : undefined
    },
    requests: () => [...log],
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
