import type { IncomingMessage } from 'node:http'
import { createServer, request as httpsRequest } from 'node:https'
import { generate } from 'selfsigned'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startCluster, type SimulatedCluster } from '../../../sandbox/cluster/start.ts'
import { memoryJournal } from '../../../sandbox/journal.ts'
import { openCache, type ClusterView } from '../../../src/rack/cluster/cache.ts'
import { ClusterRefusal, ClusterUnreachable } from '../../../src/rack/cluster/cluster-error.ts'
import { OldClusterError, requireVersion } from '../../../src/rack/cluster/connect.ts'
import { objectClient, type ObjectClient, type PlainObject } from '../../../src/rack/cluster/objects.ts'
import { loadKubeConfig } from '../../../src/rack/cluster/credentials.ts'
import { openSession, type ClusterSession } from '../../../src/rack/cluster/session.ts'

const namespace = (name: string): PlainObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
const deployment = (name: string, image: string): PlainObject => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'convox-shop' },
  spec: { replicas: 0, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image }] } } },
})

/** A busy machine may take its time: what counts is that it comes. */
const slowly = { timeout: 20_000, interval: 50 }

/** A front that speaks only HTTP/1.1, as some load balancers do. */
const http1Proxy = async (cluster: SimulatedCluster): Promise<{ kubeconfig: string; versions: () => string[]; freezeWatches: () => void; close: () => Promise<void> }> => {
  const pems = await generate([{ name: 'commonName', value: '127.0.0.1' }], { keySize: 2048 })
  const versions = new Set<string>()
  const watches = new Set<IncomingMessage>()
  const server = createServer({ key: pems.private, cert: pems.cert, ALPNProtocols: ['http/1.1'] }, (request, response) => {
    versions.add(request.httpVersion)
    const upstream = httpsRequest(`${cluster.url}${request.url ?? ''}`, { method: request.method, headers: request.headers, rejectUnauthorized: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      response.flushHeaders()
      if (request.url?.includes('watch=true')) watches.add(answer)
      answer.on('error', () => response.destroy()).pipe(response)
    })
    upstream.on('error', () => response.destroy())
    response.on('close', () => upstream.destroy())
    request.pipe(upstream)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const kubeconfig = cluster.kubeconfig.replace(/server: .*/, `server: https://127.0.0.1:${port}`).replace(/certificate-authority-data: .*/, 'insecure-skip-tls-verify: true')
  return {
    kubeconfig, versions: () => [...versions],
    freezeWatches: () => {
      for (const watch of watches) watch.unpipe().pause()
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  }
}

describe('one session to a cluster', () => {
  let cluster: SimulatedCluster
  let session: ClusterSession
  let objects: ObjectClient
  let stop: AbortController
  const renewed: string[] = []
  const openView = (): ClusterView => openCache(session, { namespacePrefix: 'convox-', clock: () => new Date(), signal: stop.signal, log: () => undefined })
  const seen = (view: ClusterView): string[] => view.facts('convox-shop').deployments.map((each) => each.meta.name).sort()

  beforeEach(async () => {
    cluster = await startCluster({ journal: memoryJournal() })
    session = openSession(() => loadKubeConfig(cluster.kubeconfig), { onRenewed: (why) => renewed.push(why) })
    objects = objectClient(session)
    stop = new AbortController()
    renewed.length = 0
    await objects.create(namespace('convox-shop'))
  })
  afterEach(async () => {
    stop.abort()
    await session.close()
    await cluster.close()
  })

  it('writes while watches are open: a write is never held back behind them', async () => {
    const view = openView()
    await expect.poll(() => view.blindSince(), slowly).toBeNull()
    await objects.apply(deployment('web', 'shop:1'), { force: false, timeout: 10_000 })
    await expect.poll(() => seen(view), slowly).toEqual(['web'])
  })

  it('tells refusals in the cluster\'s words, with what was in the way', async () => {
    await expect(objects.create(namespace('convox-shop'))).rejects.toMatchObject({ name: 'ClusterRefusal', status: 409, reason: 'AlreadyExists' })
    await objects.apply(deployment('web', 'shop:1'), { force: false })
    const other = await session.request({
      method: 'PATCH', path: '/apis/apps/v1/namespaces/convox-shop/deployments/web', query: { fieldManager: 'kubectl-edit', force: 'true' }, contentType: 'application/apply-patch+yaml', body: deployment('web', 'shop:9'),
    })
    expect(other).toMatchObject({ kind: 'Deployment' })
    const conflict = await objects.apply(deployment('web', 'shop:2'), { force: false }).catch((error: unknown) => error)
    expect(conflict).toBeInstanceOf(ClusterRefusal)
    expect(conflict).toMatchObject({ status: 409, causes: [{ message: expect.stringContaining('kubectl-edit') }] })
  })

  it('refuses a stale resourceVersion, deletes only the uid it means, and finds nothing where nothing is', async () => {
    // A Secret: no controller writes it meanwhile.
    const secret = (value: string): PlainObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'env', namespace: 'convox-shop' }, data: { A: Buffer.from(value).toString('base64') } })
    const made = await objects.apply(secret('1'), { force: true })
    const version = made.metadata.resourceVersion ?? ''
    expect((await objects.apply(secret('2'), { force: true, resourceVersion: version })).metadata.resourceVersion).not.toBe(version)
    await expect(objects.apply(secret('3'), { force: true, resourceVersion: version })).rejects.toMatchObject({ status: 409, causes: [] })
    const name = { apiVersion: 'v1', kind: 'Secret', namespace: 'convox-shop', name: 'env' }
    await expect(objects.remove(name, '00000000-0000-0000-0000-000000000000')).rejects.toMatchObject({ status: 409 })
    expect(await objects.remove(name, made.metadata.uid ?? '')).toBe(true)
    expect(await objects.read(name)).toBeUndefined()
    expect(await objects.remove(name, made.metadata.uid ?? '')).toBe(false)
  })

  it('deletes in one request what has a name and our labels, and leaves what has the name alone', async () => {
    const secret = (name: string, labels: Record<string, string>): PlainObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'convox-shop', labels } })
    const ours = { 'app.kubernetes.io/managed-by': 'slipway', 'slipway-installation': 'i1' }
    await objects.create(secret('env', ours))
    await objects.create(secret('env-2', ours))
    await objects.create(secret('theirs', { ...ours, 'slipway-installation': 'i2' }))
    const before = cluster.requests().length
    const named = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', namespace: 'convox-shop', name })
    expect(await objects.removeLabelled(named('env'), ours)).toBe(true)
    expect(await objects.removeLabelled(named('env'), ours)).toBe(false)
    expect(await objects.removeLabelled(named('theirs'), ours)).toBe(false)
    expect(cluster.requests().length - before).toBe(3)
    expect(cluster.list('secrets', 'convox-shop').map(({ metadata }) => metadata.name).sort()).toEqual(['env-2', 'theirs'])
  })

  it.each([
    ['every connection is reset', (each: SimulatedCluster) => each.dropConnections()],
    ['every watch ends as at its time limit', (each: SimulatedCluster) => each.endWatches()],
    ['the versions are too old, said in the stream', (each: SimulatedCluster) => {
      each.compact('frame')
      each.endWatches()
    }],
    ['the versions are too old, said as HTTP 410', (each: SimulatedCluster) => {
      each.compact('status')
      each.dropConnections()
    }],
  ])('goes on watching when %s, deletions in the gap included', async (_what, disturb) => {
    const view = openView()
    const gone = await objects.apply(deployment('gone', 'shop:1'), { force: true })
    await expect.poll(() => seen(view), slowly).toEqual(['gone'])
    disturb(cluster)
    await expect.poll(() => objects.remove({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'convox-shop', name: 'gone' }, gone.metadata.uid ?? '').catch(() => false), slowly).toBe(true)
    await objects.apply(deployment('new', 'shop:1'), { force: true })
    await expect.poll(() => seen(view), slowly).toEqual(['new'])
    await expect.poll(() => view.blindSince(), slowly).toBeNull()
  }, 90_000)

  it('finds a frozen connection by its pulse, says so, and sees again on a new one', async () => {
    const view = openView()
    await expect.poll(() => view.blindSince(), slowly).toBeNull()
    cluster.pause()
    await expect.poll(() => view.blindSince(), slowly).not.toBeNull()
    await expect.poll(() => renewed, slowly).not.toEqual([])
    cluster.resume()
    await expect.poll(() => view.blindSince(), slowly).toBeNull()
    await objects.apply(deployment('after', 'shop:1'), { force: true })
    await expect.poll(() => seen(view), slowly).toEqual(['after'])
  }, 90_000)

  it('keeps nothing of namespaces that are not this rack\'s', async () => {
    await objects.create(namespace('other'))
    await objects.apply({ ...deployment('web', 'shop:1'), metadata: { name: 'web', namespace: 'other' } }, { force: true })
    const view = openView()
    await objects.apply(deployment('ours', 'shop:1'), { force: true })
    await expect.poll(() => seen(view), slowly).toEqual(['ours'])
    expect(view.facts('other').deployments).toEqual([])
  })

  it('keeps no copy of an object that a tool left in its annotations', async () => {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': 'x'.repeat(10_000), 'slipway/note': 'kept' }
    await objects.apply({ ...deployment('web', 'shop:1'), metadata: { ...deployment('web', 'shop:1').metadata, annotations } }, { force: true })
    const view = openView()
    await expect.poll(() => seen(view), slowly).toEqual(['web'])
    const kept = view.facts('convox-shop').deployments.map(({ meta }) => meta.annotations)
    expect(kept).toEqual([expect.objectContaining({ 'slipway/note': 'kept' })])
    expect(JSON.stringify(view.facts('convox-shop'))).not.toContain('xxxxx')
  })

  it('gives watches connections of their own where the server speaks only HTTP/1.1', async () => {
    const proxy = await http1Proxy(cluster)
    const plain = openSession(() => loadKubeConfig(proxy.kubeconfig))
    const watch = new AbortController()
    const list = await plain.request({ method: 'GET', path: '/api/v1/pods' })
    expect(list).toMatchObject({ kind: 'PodList' })
    const open = Array.from({ length: 12 }, async () => {
      for await (const _ of plain.lines({ method: 'GET', path: '/api/v1/namespaces', query: { watch: 'true' }, signal: watch.signal })) break
    })
    await objectClient(plain).create(namespace('convox-through-the-proxy'), 10_000)
    await Promise.all(open)
    expect(proxy.versions()).toEqual(['1.1'])
    watch.abort()
    await plain.close()
    await proxy.close()
  })

  it('takes no answer for a sign of life of watches that have other connections: a confirmation opens them anew', async () => {
    const proxy = await http1Proxy(cluster)
    const plain = openSession(() => loadKubeConfig(proxy.kubeconfig))
    const view = openCache(plain, { namespacePrefix: 'convox-', clock: () => new Date(), signal: stop.signal, log: () => undefined })
    await expect.poll(() => view.blindSince(), slowly).toBeNull()
    proxy.freezeWatches()
    await objects.apply(deployment('unseen', 'shop:1'), { force: true })
    await plain.request({ method: 'GET', path: '/api/v1/pods' })
    expect(seen(view)).toEqual([])
    expect(view.confirmed()).toBe(false)
    expect(await Promise.all([view.confirm(), view.confirm()])).toEqual([true, true])
    expect(seen(view)).toEqual(['unseen'])
    expect(view.blindSince()).toBeNull()
    stop.abort()
    await plain.close()
    await proxy.close()
  })

  it('asks for a version it can work with', async () => {
    expect(await requireVersion(session)).toBe('1.36')
    const old = { ...session, request: async () => ({ major: '1', minor: '29+' }) }
    await expect(requireVersion(old)).rejects.toThrow(OldClusterError)
  })

  it('says that nobody answers where nobody does', async () => {
    await cluster.close()
    await expect(objects.read({ apiVersion: 'v1', kind: 'Namespace', name: 'convox-shop' }, 2_000)).rejects.toThrow(ClusterUnreachable)
    cluster = await startCluster({ journal: memoryJournal() })
  })
})
