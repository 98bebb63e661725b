import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseJson, textAt } from '../../../sandbox/cluster/json.ts'
import { startRegistry, type RegistryOptions, type SimulatedRegistry } from '../../../sandbox/registry/start.ts'

const oci = 'application/vnd.oci.image.manifest.v1+json'
const options: RegistryOptions = { catalog: { shop: ['1.0', 'crash'], 'team/api': { latest: 'one' } } }
let registry: SimulatedRegistry
beforeEach(async () => {
  registry = await startRegistry(options)
})
afterEach(() => registry.close())

const get = async (path: string, method = 'GET', headers: Record<string, string> = {}, from = registry) => {
  const answer = await fetch(`http://${from.address}${path}`, { method, headers })
  const text = await answer.text()
  return { status: answer.status, text, headers: answer.headers }
}
const codeOf = (text: string): string => textAt(parseJson(text), 'errors', 0, 'code')

describe('The registry', () => {
  it('says that it is one', async () => {
    const { status, headers } = await get('/v2/')
    expect([status, headers.get('docker-distribution-api-version')]).toEqual([200, 'registry/2.0'])
  })

  it('serves a manifest by tag and by digest, the digest being that of its text', async () => {
    const byTag = await get('/v2/shop/manifests/1.0', 'GET', { accept: oci })
    const digest = byTag.headers.get('docker-content-digest')
    expect(digest).toBe(`sha256:${createHash('sha256').update(byTag.text).digest('hex')}`)
    expect(digest).toBe(registry.digest('shop', '1.0'))
    expect(byTag.headers.get('content-type')).toBe(oci)
    expect((await get(`/v2/shop/manifests/${digest}`)).text).toBe(byTag.text)
    const head = await get('/v2/team/api/manifests/latest', 'HEAD')
    expect([head.status, head.text, head.headers.get('docker-content-digest')]).toEqual([200, '', registry.digest('team/api', 'latest')])
  })

  it('gives the same digests at every start, others to other contents', async () => {
    const again = await startRegistry({ catalog: { shop: ['1.0'], 'team/api': { latest: 'two' } } })
    expect(again.digest('shop', '1.0')).toBe(registry.digest('shop', '1.0'))
    expect(again.digest('team/api', 'latest')).not.toBe(registry.digest('team/api', 'latest'))
    expect(registry.digest('shop', 'crash')).not.toBe(registry.digest('shop', '1.0'))
    await again.close()
  })

  it.each([
    ['a tag nobody pushed', '/v2/shop/manifests/none', 404, 'MANIFEST_UNKNOWN'],
    ['a digest nobody pushed', `/v2/shop/manifests/sha256:${'0'.repeat(64)}`, 404, 'MANIFEST_UNKNOWN'],
    ['a repository nobody made', '/v2/none/manifests/1', 404, 'NAME_UNKNOWN'],
    ['its tags', '/v2/none/tags/list', 404, 'NAME_UNKNOWN'],
    ['a name that is none', '/v2/Shop/manifests/1', 400, 'NAME_INVALID'],
    ['a tag that is none', '/v2/shop/manifests/.x', 400, 'TAG_INVALID'],
  ])('refuses %s', async (_, path, status, code) => {
    const answer = await get(path)
    expect([answer.status, codeOf(answer.text)]).toEqual([status, code])
  })

  it('has nothing for a client that cannot read it', async () => {
    const answer = await get('/v2/shop/manifests/1.0', 'GET', { accept: 'application/vnd.docker.distribution.manifest.v2+json' })
    expect([answer.status, codeOf(answer.text)]).toEqual([404, 'MANIFEST_UNKNOWN'])
  })

  it('lists tags, moves and removes them', async () => {
    expect(parseJson((await get('/v2/shop/tags/list')).text)).toEqual({ name: 'shop', tags: ['1.0', 'crash'] })
    const before = registry.digest('shop', '1.0')
    expect(registry.push('shop', '1.0', 'newer')).not.toBe(before)
    registry.remove('shop', 'crash')
    expect((await get('/v2/shop/manifests/crash')).status).toBe(404)
  })

  it('asks for a bearer token and takes only its own', async () => {
    const strict = await startRegistry({ ...options, auth: { kind: 'bearer', username: 'robot', password: 'secret' } })
    const refused = await get('/v2/shop/manifests/1.0', 'GET', {}, strict)
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, `Bearer realm="http://${strict.address}/token",service="sandbox",scope="repository:shop:pull"`])
    const basic = (password: string) => ({ authorization: `Basic ${Buffer.from(`robot:${password}`).toString('base64')}` })
    expect((await get('/token?service=sandbox&scope=repository:shop:pull', 'GET', basic('wrong'), strict)).status).toBe(401)
    const token = textAt(parseJson((await get('/token?service=sandbox&scope=repository:shop:pull', 'GET', basic('secret'), strict)).text), 'token')
    expect((await get('/v2/shop/manifests/1.0', 'GET', { authorization: `Bearer ${token}` }, strict)).status).toBe(200)
    expect((await get('/v2/shop/manifests/1.0', 'GET', { authorization: 'Bearer other' }, strict)).status).toBe(401)
    await strict.close()
  })

  it('asks for a password', async () => {
    const strict = await startRegistry({ ...options, auth: { kind: 'basic', username: 'robot', password: 'secret' } })
    const refused = await get('/v2/shop/manifests/1.0', 'GET', {}, strict)
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="sandbox"'])
    const authorization = `Basic ${Buffer.from('robot:secret').toString('base64')}`
    expect((await get('/v2/shop/manifests/1.0', 'GET', { authorization }, strict)).status).toBe(200)
    await strict.close()
  })

  it('fails as told, and as often', async () => {
    registry.fail({ status: 429, retryAfter: 7, times: 1 })
    const limited = await get('/v2/shop/manifests/1.0')
    expect([limited.status, codeOf(limited.text), limited.headers.get('retry-after')]).toEqual([429, 'TOOMANYREQUESTS', '7'])
    expect((await get('/v2/shop/manifests/1.0')).status).toBe(200)
    registry.fail({ status: 500 })
    expect((await get('/v2/shop/manifests/1.0')).status).toBe(500)
    expect((await get('/v2/')).status).toBe(200)
    registry.fail({ drop: true })
    await expect(get('/v2/shop/manifests/1.0')).rejects.toThrow('fetch failed')
    registry.fail(undefined)
    expect((await get('/v2/shop/manifests/1.0')).status).toBe(200)
  })

  it('does not answer within the delay', async () => {
    registry.fail({ delay: 60_000 })
    await expect(fetch(`http://${registry.address}/v2/shop/manifests/1.0`, { signal: AbortSignal.timeout(50) })).rejects.toThrow('timeout')
  })

  it('keeps a log, and refuses what is not reading', async () => {
    expect((await get('/v2/shop/manifests/1.0', 'DELETE')).status).toBe(405)
    expect(registry.requests()).toEqual([expect.objectContaining({ method: 'DELETE', path: '/v2/shop/manifests/1.0' })])
  })

  it('speaks plain http', async () => {
    const [host, port] = registry.address.split(':')
    const status = await new Promise((resolve) => request({ host, port, path: '/v2/' }, (answer) => resolve(answer.resume().statusCode)).end())
    expect(status).toBe(200)
  })
})
