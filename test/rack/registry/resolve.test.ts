import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import type { Credentials } from '../../../src/rack/registry/credentials.ts'
import { parseReference } from '../../../src/rack/registry/reference.ts'
import { resolveImage } from '../../../src/rack/registry/resolve.ts'
import type { Resolution, ResolveOptions } from '../../../src/rack/registry/resolve.ts'

const manifest = JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json' })
const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}`
const type = 'application/vnd.oci.image.manifest.v1+json'

interface Seen {
  readonly method: string
  readonly url: string
  readonly authorization: string | undefined
  readonly accept: string | undefined
}

type Handler = (request: IncomingMessage, response: ServerResponse, address: string) => void

const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => { server.close(resolve) })
  }
})

/** A real HTTP server on this machine that records what it was asked. */
const registry = async (handler: Handler): Promise<{ readonly address: string; readonly seen: readonly Seen[] }> => {
  const seen: Seen[] = []
  let address = ''
  const server = createServer((request, response) => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', authorization: request.headers.authorization, accept: request.headers.accept })
    handler(request, response, address)
  })
  servers.push(server)
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('not bound')
  address = `127.0.0.1:${bound.port}`
  return { address, seen }
}

const ask = async (text: string, options: ResolveOptions = {}): Promise<Resolution> => {
  const parsed = parseReference(text)
  if (!parsed.ok) throw new Error(parsed.why)
  return resolveImage(parsed.reference, options)
}

const found: Handler = (request, response) => {
  response.writeHead(200, { 'content-type': type, 'docker-content-digest': digest })
  response.end(request.method === 'HEAD' ? undefined : manifest)
}

const status = (code: number, headers: Record<string, string> = {}): Handler => (_request, response) => {
  response.writeHead(code, headers)
  response.end()
}

const credentialsOf = (host: string): Credentials => new Map([[host, { username: 'ana', password: 's3cret' }]])
const basic = `Basic ${Buffer.from('ana:s3cret').toString('base64')}`

describe('a registry that has the image', () => {
  it('gives the digest of a tag by one HEAD, whatever kind of manifest it is', async () => {
    const { address, seen } = await registry(found)
    expect(await ask(`${address}/shop/web:1.4`)).toEqual({ kind: 'resolved', reference: `${address}/shop/web:1.4@${digest}`, digest })
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual(['HEAD /v2/shop/web/manifests/1.4'])
    for (const kind of ['oci.image.index.v1', 'docker.distribution.manifest.list.v2', 'oci.image.manifest.v1', 'docker.distribution.manifest.v2']) {
      expect(seen[0]?.accept).toContain(kind)
    }
  })

  it('is asked by digest where the reference has one, and its tag is kept', async () => {
    const { address, seen } = await registry(found)
    expect(await ask(`${address}/shop:1@${digest}`)).toEqual({ kind: 'resolved', reference: `${address}/shop:1@${digest}`, digest })
    expect(await ask(`${address}/shop@${digest}`)).toEqual({ kind: 'resolved', reference: `${address}/shop@${digest}`, digest })
    expect(seen.map(({ url }) => url)).toEqual([`/v2/shop/manifests/${digest}`, `/v2/shop/manifests/${digest}`])
  })

  it.each([
    ['knows no HEAD', (request: IncomingMessage, response: ServerResponse, address: string) => (request.method === 'HEAD' ? status(405) : found)(request, response, address)],
    ['leaves the digest out', (request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(200, { 'content-type': `${type}; charset=utf-8` })
      response.end(request.method === 'HEAD' ? undefined : manifest)
    }],
  ])('is asked by GET when it %s', async (_how, handler) => {
    const { address, seen } = await registry(handler)
    expect(await ask(`${address}/shop:1`)).toMatchObject({ kind: 'resolved', digest })
    expect(seen.map(({ method }) => method)).toEqual(['HEAD', 'GET'])
  })

  it('is followed through redirects', async () => {
    const { address } = await registry((request, response, own) => (request.url?.startsWith('/v2/shop') ? status(307, { location: '/v2/moved/manifests/1' }) : found)(request, response, own))
    expect(await ask(`${address}/shop:1`)).toMatchObject({ kind: 'resolved', reference: `${address}/shop:1@${digest}` })
  })
})

describe('credentials', () => {
  const withBasic: Handler = (request, response, address) =>
    (request.headers.authorization === basic ? found : status(401, { 'www-authenticate': 'Basic realm="r"' }))(request, response, address)

  const withToken = (realm: (address: string) => string): Handler => (request, response, address) => {
    if (request.url?.startsWith('/token')) {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ token: 'pull-token' }))
      return
    }
    const challenge = `Bearer realm="${realm(address)}",service="reg",scope="repository:shop:pull"`
    ;(request.headers.authorization === 'Bearer pull-token' ? found : status(401, { 'www-authenticate': challenge }))(request, response, address)
  }

  it('are sent only once they are asked for', async () => {
    const { address, seen } = await registry(withBasic)
    expect(await ask(`${address}/shop:1`, { credentials: credentialsOf(address) })).toMatchObject({ kind: 'resolved' })
    expect(seen.map(({ authorization }) => authorization)).toEqual([undefined, basic])
  })

  it('fetch a token for the scope that is asked for', async () => {
    const { address, seen } = await registry(withToken((own) => `http://${own}/token`))
    expect(await ask(`${address}/shop:1`, { credentials: credentialsOf(address) })).toMatchObject({ kind: 'resolved' })
    expect(seen.map(({ url, authorization }) => [url, authorization])).toEqual([
      ['/v2/shop/manifests/1', undefined], ['/token?service=reg&scope=repository%3Ashop%3Apull', basic], ['/v2/shop/manifests/1', 'Bearer pull-token'],
    ])
  })

  it('are not needed for a token that anybody gets', async () => {
    const { address, seen } = await registry(withToken((own) => `http://${own}/token`))
    expect(await ask(`${address}/shop:1`)).toMatchObject({ kind: 'resolved' })
    expect(seen[1]?.authorization).toBeUndefined()
  })

  it('never go to a token realm on a foreign host', async () => {
    const foreign = await registry(found)
    const { address } = await registry(withToken(() => `http://localhost:${foreign.address.split(':')[1]}/token`))
    const result = await ask(`${address}/shop:1`, { credentials: credentialsOf(address) })
    expect(result).toMatchObject({ kind: 'unreachable', why: expect.stringContaining('a host of another domain') })
    expect(foreign.seen).toEqual([])
  })

  it('never go along with a redirect to another origin', async () => {
    const other = await registry(found)
    const { address } = await registry((request, response, own) =>
      (request.headers.authorization === basic ? status(307, { location: `http://${other.address}/v2/shop/manifests/1` }) : status(401, { 'www-authenticate': 'Basic realm="r"' }))(request, response, own))
    expect(await ask(`${address}/shop:1`, { credentials: credentialsOf(address) })).toMatchObject({ kind: 'resolved' })
    expect(other.seen.map(({ authorization }) => authorization)).toEqual([undefined])
  })

  it('of another registry are not used', async () => {
    const { address, seen } = await registry(withBasic)
    expect(await ask(`${address}/shop:1`, { credentials: credentialsOf('ghcr.io') })).toMatchObject({ kind: 'unreachable', why: 'refuses to be read without credentials: 401 Unauthorized' })
    expect(seen).toHaveLength(1)
  })

  it('that are wrong are reported, and never shown', async () => {
    const { address } = await registry(status(401, { 'www-authenticate': 'Basic realm="r"' }))
    const result = await ask(`${address}/shop:1`, { credentials: credentialsOf(address) })
    expect(result).toEqual({ kind: 'unreachable', reference: `${address}/shop:1`, registry: address, why: 'refuses to show the image: 401 Unauthorized' })
    expect(JSON.stringify(result)).not.toContain('s3cret')
  })
})

describe('a registry that cannot say', () => {
  it.each<[string, Handler, string]>([
    ['is forbidden', status(403), 'refuses to show the image: 403 Forbidden'],
    ['limits the rate', status(429), 'answered 429 Too Many Requests'],
    ['is broken', status(500), 'answered 500 Internal Server Error'],
    ['is away behind its proxy', status(503), 'answered 503 Service Unavailable'],
    ['is a web site', (request, response) => { response.writeHead(200, { 'content-type': 'text/html' }); response.end(request.method === 'HEAD' ? undefined : '<html>') }, 'answered with "text/html", not with an image manifest'],
    ['lies about its digest', (request, response) => { response.writeHead(request.method === 'HEAD' ? 405 : 200, { 'content-type': type, 'docker-content-digest': `sha256:${'0'.repeat(64)}` }); response.end(request.method === 'HEAD' ? undefined : manifest) }, 'answered with a manifest that does not match its digest'],
    ['answers too much', (request, response) => { response.writeHead(request.method === 'HEAD' ? 405 : 200, { 'content-type': type }); response.end(request.method === 'HEAD' ? undefined : Buffer.alloc(5 * 1024 * 1024)) }, 'answered with more than 4 MiB'],
    ['runs in circles', (request, response) => { status(302, { location: request.url ?? '/' })(request, response, '') }, 'redirects more than 5 times'],
    ['redirects without TLS', status(302, { location: 'http://registry.example.com/v2/' }), 'redirects to http://registry.example.com, which is not asked'],
    ['hangs up', (request) => { request.socket.destroy() }, 'closed the connection'],
    ['breaks off', (request, response) => { response.writeHead(request.method === 'HEAD' ? 405 : 200, { 'content-type': type, 'content-length': '999' }); response.end(request.method === 'HEAD' ? undefined : 'x', () => { request.socket.destroy() }) }, 'broke off its answer'],
    ['gives a token that is none', (request, response, address) => (request.url?.startsWith('/token') ? status(200) : status(401, { 'www-authenticate': `Bearer realm="http://${address}/token"` }))(request, response, address), 'gave no token'],
    ['gives nobody a token', (request, response, address) => (request.url?.startsWith('/token') ? status(403) : status(401, { 'www-authenticate': `Bearer realm="http://${address}/token"` }))(request, response, address), 'refuses to be read without credentials: 403 Forbidden'],
    ['wants its token from elsewhere without TLS', status(401, { 'www-authenticate': 'Bearer realm="http://auth.example.com/token"' }), 'wants its token from http://auth.example.com, which is not asked'],
  ])('because it %s is unreachable, with the reason', async (_what, handler, why) => {
    const { address } = await registry(handler)
    expect(await ask(`${address}/shop:1`)).toEqual({ kind: 'unreachable', reference: `${address}/shop:1`, registry: address, why })
  })

  it('because it is not there is unreachable', async () => {
    const { address } = await registry(found)
    for (const server of servers.splice(0)) await new Promise((resolve) => { server.close(resolve) })
    expect(await ask(`${address}/shop:1`)).toMatchObject({ kind: 'unreachable', why: 'refuses connections' })
  })

  it('because it never answers is unreachable after its time', async () => {
    const { address } = await registry(() => undefined)
    expect(await ask(`${address}/shop:1`, { timeout: 200 })).toMatchObject({ kind: 'unreachable', why: 'did not answer in 0.2 s' })
  })

  it('stops at once when the question is taken back', async () => {
    const { address } = await registry(() => undefined)
    const abort = new AbortController()
    const asked = ask(`${address}/shop:1`, { signal: abort.signal })
    abort.abort(new Error('shutting down'))
    await expect(asked).rejects.toThrow('shutting down')
  })
})

describe('an image that is not there', () => {
  it.each([['tag', 'shop:nope'], ['digest', `shop@${digest}`]])('is missing by %s', async (_how, image) => {
    const { address } = await registry(status(404))
    expect(await ask(`${address}/${image}`)).toEqual({ kind: 'missing', reference: `${address}/${image}`, registry: address })
  })

  it('is missing when only GET says so', async () => {
    const { address } = await registry((request, response, own) => status(request.method === 'HEAD' ? 405 : 404)(request, response, own))
    expect(await ask(`${address}/shop:1`)).toMatchObject({ kind: 'missing' })
  })

  it('has another digest than the one that was asked for when the registry mixes them up', async () => {
    const { address } = await registry(found)
    expect(await ask(`${address}/shop@sha256:${'1'.repeat(64)}`)).toMatchObject({ kind: 'unreachable', why: 'answered with another digest than it was asked for' })
  })
})
