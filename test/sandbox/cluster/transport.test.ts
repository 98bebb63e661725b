import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import * as k8s from '@kubernetes/client-node'
import { Agent, fetch } from 'undici'
import { describe, expect, it } from 'vitest'
import { startCluster } from '../../../sandbox/cluster/start.ts'
import { textAt } from '../../../sandbox/cluster/json.ts'
import { fileJournal, memoryJournal } from '../../../sandbox/journal.ts'
import { authorityOf, clientOf, closeCluster, deployment, deploymentsPath, openCluster } from './client.ts'

describe('The simulated API server', () => {
  it('speaks HTTP/2 and HTTP/1.1 behind its own certificate', async () => {
    const client = await openCluster()
    const one = clientOf(client.cluster, false)
    expect((await client.call('GET', '/version')).body['gitVersion']).toBe('v1.36.1')
    expect((await one.call('GET', '/version')).body['gitVersion']).toBe('v1.36.1')
    const watch = await one.watch('/api/v1/namespaces/demo/configmaps?watch=true')
    expect(textAt(await watch.next(), 'type')).toBe('ADDED')
    await watch.close()
    const stranger = new Agent()
    await expect(fetch(`${client.cluster.url}/version`, { dispatcher: stranger })).rejects.toThrow('fetch failed')
    await stranger.destroy()
    await one.close()
    await closeCluster(client)
  })

  it('lists what it serves', async () => {
    const client = await openCluster()
    expect(JSON.stringify((await client.call('GET', '/apis')).body)).toContain('"groupVersion":"apps/v1"')
    expect(JSON.stringify((await client.call('GET', '/apis/apps/v1')).body)).toContain('"name":"deployments/scale"')
    expect(JSON.stringify((await client.call('GET', '/api/v1')).body)).toContain('"shortNames":["po"]')
    await closeCluster(client)
  })

  it('answers nothing while paused, closes nothing, and goes on afterwards', async () => {
    const client = await openCluster()
    const watch = await client.watch('/api/v1/namespaces/demo/secrets?watch=true&resourceVersion=0')
    client.cluster.pause()
    const waiting = client.call('GET', '/livez')
    const first = await Promise.race([waiting.then(() => 'answered'), pause(150).then(() => 'silent')])
    client.cluster.put('secrets', 'demo', { metadata: { name: 'late' } })
    client.cluster.resume()
    expect(first).toBe('silent')
    expect((await waiting).status).toBe(200)
    expect(textAt(await watch.next(), 'object', 'metadata', 'name')).toBe('late')
    await watch.close()
    await closeCluster(client)
  })

  it('drops connections on demand and takes new ones', async () => {
    const client = await openCluster()
    const watch = await client.watch('/api/v1/namespaces/demo/secrets?watch=true&resourceVersion=0')
    client.cluster.dropConnections()
    await expect(watch.next()).rejects.toThrow()
    expect((await client.call('GET', '/livez')).status).toBe(200)
    await closeCluster(client)
  })

  it('goes on after a restart where it was, with the same certificate, token and versions', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'cluster-'))
    const certificateDir = join(directory, 'pki')
    const file = join(directory, 'journal')
    const first = await startCluster({ journal: fileJournal(file), certificateDir })
    first.put('namespaces', '', { metadata: { name: 'demo' } })
    first.put('secrets', 'demo', { metadata: { name: 'gone' } })
    first.remove('secrets', 'demo', 'gone')
    const kept = first.put('secrets', 'demo', { metadata: { name: 'kept' }, stringData: { A: '1' } })
    await first.settled()
    const newest = Math.max(...first.list('configmaps').map((map) => Number(map.metadata.resourceVersion)), Number(kept.metadata.resourceVersion))
    // Not closed: a killed process closes nothing.
    const second = await startCluster({ journal: fileJournal(file), certificateDir })
    expect(second.token).toBe(first.token)
    expect(authorityOf(second.kubeconfig)).toBe(authorityOf(first.kubeconfig))
    expect(second.get('secrets', 'demo', 'kept')).toEqual(kept)
    expect(second.get('secrets', 'demo', 'gone')).toBeUndefined()
    const next = second.put('secrets', 'demo', { metadata: { name: 'next' } })
    expect(Number(next.metadata.resourceVersion)).toBeGreaterThan(newest)
    await Promise.all([first.close(), second.close()])
    rmSync(directory, { recursive: true })
  })

  it('says so when its port is taken', async () => {
    const client = await openCluster()
    const port = Number(new URL(client.cluster.url).port)
    await expect(startCluster({ journal: memoryJournal(), port })).rejects.toThrow('EADDRINUSE')
    await closeCluster(client)
  })

  it('keeps a log of its requests', async () => {
    const client = await openCluster()
    await client.call('GET', '/api/v1/nodes', undefined, { 'user-agent': 'slipway/1' })
    expect(client.cluster.requests()).toEqual([expect.objectContaining({ method: 'GET', path: '/api/v1/nodes', userAgent: 'slipway/1' })])
    await closeCluster(client)
  })
})

describe('The official client', () => {
  it('lists, applies and watches through the kubeconfig', async () => {
    const client = await openCluster()
    const config = new k8s.KubeConfig()
    config.loadFromString(client.cluster.kubeconfig)
    const apps = config.makeApiClient(k8s.AppsV1Api)
    const seen: string[] = []
    const watch = new k8s.Watch(config)
    const controller = await watch.watch(deploymentsPath, { resourceVersion: '0' }, (type, object) => seen.push(`${type} ${object.metadata.name} ${object.status.observedGeneration ?? 0}`), () => undefined)
    const options = k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.ServerSideApply)
    const made = await apps.patchNamespacedDeployment({ name: 'web', namespace: 'demo', body: deployment(), fieldManager: 'slipway', force: true }, options)
    expect(made.metadata?.generation).toBe(1)
    expect((await apps.listNamespacedDeployment({ namespace: 'demo' })).items.map((item) => item.metadata?.name)).toEqual(['web'])
    await expect(apps.readNamespacedDeployment({ name: 'none', namespace: 'demo' })).rejects.toMatchObject({ code: 404 })
    await expect.poll(() => seen, { timeout: 20_000 }).toContain('MODIFIED web 1')
    expect(seen[0]).toBe('ADDED web 0')
    controller.abort()
    await closeCluster(client)
  })
})
