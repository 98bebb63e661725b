import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { afterEach, describe, expect, it } from 'vitest'
import { openGate, type Gate } from '../../../sandbox/cluster/gate.ts'
import { startCluster } from '../../../sandbox/cluster/start.ts'
import { memoryJournal } from '../../../sandbox/journal.ts'
import { openCache } from '../../../src/rack/cluster/cache.ts'
import { ClusterRefusal, ClusterUnreachable } from '../../../src/rack/cluster/cluster-error.ts'
import { loadKubeConfig } from '../../../src/rack/cluster/credentials.ts'
import { objectClient } from '../../../src/rack/cluster/objects.ts'
import { openSession, type ClusterSession } from '../../../src/rack/cluster/session.ts'
import { answerJson, kubeconfigFor, refuse, selfSigned, startScriptedServer, type ScriptedServer } from './scripted-server.ts'

/** A busy machine may take its time: what counts is that it comes. */
const slowly = { timeout: 20_000, interval: 20 }

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
const sessionOf = (load: () => KubeConfig, options: Parameters<typeof openSession>[1] = {}): ClusterSession => {
  const session = openSession(load, options)
  closing.push(() => session.close())
  return session
}
const temporary = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-connection-'))
  closing.push(() => rmSync(folder, { recursive: true }))
  return folder
}
const pods = { method: 'GET', path: '/api/v1/pods' } as const

describe('credentials', () => {
  let valid = 'first'
  const guarded = async (): Promise<ScriptedServer> => {
    valid = 'first'
    const server = await startScriptedServer((asked, response) => {
      if (asked.authorization === `Bearer ${valid}`) answerJson(response, 200, { kind: 'PodList', items: [] })
      else refuse(response, 401, 'Unauthorized', 'Unauthorized')
      return true
    })
    closing.push(() => server.close())
    return server
  }
  /** How a service account's token arrives, and how a cloud's plugin gives one: both from a file that changes. */
  const ways: readonly [string, (server: ScriptedServer, file: string) => KubeConfig][] = [
    ['a projected token', (server, file) => {
      const config = new KubeConfig()
      config.loadFromClusterAndUser(
        { name: 'it', server: server.url, caData: Buffer.from(server.certificate).toString('base64'), skipTLSVerify: false },
        { name: 'it', authProvider: { name: 'tokenFile', config: { tokenFile: file } } },
      )
      return config
    }],
    ['an exec plugin', (server, file) => loadKubeConfig(kubeconfigFor(server.url, server.certificate, {
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Never', command: process.execPath,
        args: ['-e', 'const token = require("node:fs").readFileSync(process.argv[1], "utf8"); console.log(JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status: { token } }))', file],
      },
    }))],
  ]

  it.each(ways)('of %s are read anew when the server does not know them any more', async (_what, configOf) => {
    const server = await guarded()
    const file = join(temporary(), 'token')
    writeFileSync(file, 'first')
    const session = sessionOf(() => configOf(server, file))
    expect(await session.request(pods)).toMatchObject({ kind: 'PodList' })
    writeFileSync(file, 'second')
    valid = 'second'
    // A write too: it was not carried out.
    expect(await session.request({ method: 'POST', path: '/api/v1/namespaces/x/pods', body: {} })).toMatchObject({ kind: 'PodList' })
    expect(await session.request(pods)).toMatchObject({ kind: 'PodList' })
    expect(server.asked.map(({ authorization }) => authorization)).toEqual(['Bearer first', 'Bearer first', 'Bearer second', 'Bearer second'])
  })

  it('that stay wrong are told as the server tells it, and not asked for with every request', async () => {
    const server = await guarded()
    valid = 'nobody has it'
    let loaded = 0
    const session = sessionOf(() => {
      loaded += 1
      return loadKubeConfig(server.kubeconfig)
    })
    for (let time = 0; time < 5; time += 1) await expect(session.request(pods)).rejects.toThrow(ClusterRefusal)
    expect(loaded).toBe(2)
    expect(session.silentSince()).toBeNull()
  })
})

describe('a plugin that gives no credentials', () => {
  it('holds up no request beyond its time, is run once for all of them, and leaves nobody believing that the cluster is seen', async () => {
    const server = await startScriptedServer((_asked, response) => {
      answerJson(response, 200, { kind: 'PodList', items: [] })
      return true
    })
    const folder = temporary()
    closing.push(() => server.close())
    // Runs until it is told what to say.
    const plugin = 'const fs = require("node:fs"); const [folder] = process.argv.slice(1); fs.writeFileSync(folder + "/run-" + process.pid, ""); '
      + 'setInterval(() => { if (!fs.existsSync(folder)) process.exit(1); if (!fs.existsSync(folder + "/token")) return; '
      + 'console.log(JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status: { token: "it" } })); process.exit(0) }, 20)'
    const session = sessionOf(() => loadKubeConfig(kubeconfigFor(server.url, server.certificate, {
      exec: { apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Never', command: process.execPath, args: ['-e', plugin, folder] },
    })))
    const asked = Array.from({ length: 4 }, () => session.request({ ...pods, timeout: 500 }))
    for (const one of asked) await expect(one).rejects.toThrow(ClusterUnreachable)
    expect(await session.confirm()).toBe(false)
    expect(session.silentSince()).not.toBeNull()
    expect(readdirSync(folder).filter((name) => name.startsWith('run-'))).toHaveLength(1)
    writeFileSync(join(folder, 'token'), '')
    await expect.poll(() => session.request(pods).then(() => session.silentSince()), slowly).toBeNull()
  }, 60_000)
})

describe('a connection', () => {
  const throughGate = async (): Promise<{ gate: Gate; server: ScriptedServer; session: ClusterSession; renewed: string[] }> => {
    const server = await startScriptedServer(() => false)
    const gate = await openGate(0, server.port)
    const renewed: string[] = []
    closing.push(() => server.close(), () => gate.close())
    const session = sessionOf(() => loadKubeConfig(kubeconfigFor(`https://127.0.0.1:${gate.port}`, server.certificate)), { onRenewed: (why) => renewed.push(why) })
    return { gate, server, session, renewed }
  }

  it('is asked for a sign of life once, however many want to know', async () => {
    const { server, session } = await throughGate()
    expect(await Promise.all(Array.from({ length: 20 }, () => session.confirm()))).toEqual(Array.from({ length: 20 }, () => true))
    expect(server.asked.map(({ path }) => path)).toEqual(['/livez'])
    expect(session.heardWithin(1_000)).toBe(true)
  })

  it('that freezes is silent after one unanswered question, is replaced after two, and heard again', async () => {
    const { gate, session, renewed } = await throughGate()
    const news: boolean[] = []
    session.onSilence(() => news.push(session.silentSince() !== null))
    expect(await session.confirm()).toBe(true)
    const heard = Date.now()
    gate.pause()
    expect(await session.confirm()).toBe(false)
    expect(news).toEqual([true])
    // Since it was last heard, not since we found out.
    expect(Math.abs((session.silentSince()?.getTime() ?? 0) - heard)).toBeLessThan(1_000)
    expect(renewed).toEqual([])
    expect(await session.confirm()).toBe(false)
    expect(renewed).toEqual(['no answer to 2 pulses'])
    gate.resume()
    expect(await session.confirm()).toBe(true)
    expect(news).toEqual([true, false])
  }, 30_000)

  it('is not silent because a wall clock was set', async () => {
    const { session: honest, server } = await throughGate()
    let jump = 0
    const session = sessionOf(() => loadKubeConfig(server.kubeconfig), { clock: () => new Date(Date.now() + jump) })
    expect([await honest.confirm(), await session.confirm()]).toEqual([true, true])
    jump = 3_600_000
    expect(session.silentSince()).toBeNull()
    expect(session.heardWithin(5_000)).toBe(true)
    jump = -3_600_000
    expect(session.silentSince()).toBeNull()
    expect(session.heardWithin(5_000)).toBe(true)
  })

  it('trusts the new authority of a server whose certificates were replaced', async () => {
    const [before, after] = [await selfSigned(), await selfSigned()]
    const file = join(temporary(), 'ca.crt')
    writeFileSync(file, before.cert)
    const old = await startScriptedServer(() => false, { pems: before })
    const session = sessionOf(() => {
      const config = new KubeConfig()
      config.loadFromClusterAndUser({ name: 'it', server: old.url, caFile: file, skipTLSVerify: false }, { name: 'it', token: 'first' })
      return config
    })
    expect(await session.confirm()).toBe(true)
    await old.close()
    const server = await startScriptedServer(() => false, { pems: after, port: old.port })
    closing.push(() => server.close())
    await expect.poll(() => session.confirm(), slowly).toBe(false)
    writeFileSync(file, after.cert)
    await expect.poll(() => session.confirm(), slowly).toBe(true)
  })

  it('that the server asks to go elsewhere is left for a new one, and nothing is lost', async () => {
    let version = 1
    const server = await startScriptedServer((asked, response) => {
      if (asked.path === '/livez') return false
      if (asked.query.get('watch') === 'true') {
        response.writeHead(200)
        response.write('\n')
        if (asked.path.endsWith('/deployments') && version > Number(asked.query.get('resourceVersion'))) {
          response.write(`${JSON.stringify({ type: 'ADDED', object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'meanwhile', namespace: 'convox-shop', uid: 'u', resourceVersion: '2' }, spec: { template: {} } } })}\n`)
        }
      } else answerJson(response, 200, { kind: 'List', metadata: { resourceVersion: '1' }, items: [] })
      return true
    })
    closing.push(() => server.close())
    const session = sessionOf(() => loadKubeConfig(server.kubeconfig))
    const stop = new AbortController()
    closing.push(() => stop.abort())
    const view = openCache(session, { namespacePrefix: 'convox-', clock: () => new Date(), signal: stop.signal, log: () => undefined })
    await expect.poll(() => view.blindSince(), slowly).toBeNull()
    version = 2
    server.goAway()
    await expect.poll(() => session.request(pods).then(() => 'answered', String), slowly).toBe('answered')
    await expect.poll(() => view.facts('convox-shop').deployments.map(({ meta }) => meta.name), slowly).toEqual(['meanwhile'])
    await expect.poll(() => view.blindSince(), slowly).toBeNull()
  }, 60_000)

  it('carries every watch and every request of a rack, and is the only one', async () => {
    let most = 0
    const server = await startScriptedServer((asked, response) => {
      if (asked.path === '/livez') return false
      most = Math.max(most, server.connections())
      if (asked.query.get('watch') === 'true') {
        response.writeHead(200)
        response.write('\n')
      } else answerJson(response, 200, { kind: 'List', metadata: { resourceVersion: '1' }, items: [] })
      return true
    })
    closing.push(() => server.close())
    const session = sessionOf(() => loadKubeConfig(server.kubeconfig))
    const stop = new AbortController()
    closing.push(() => stop.abort())
    const view = openCache(session, { namespacePrefix: 'convox-', clock: () => new Date(), signal: stop.signal, log: () => undefined })
    await expect.poll(() => view.blindSince(), slowly).toBeNull()
    await Promise.all(Array.from({ length: 50 }, () => session.request(pods)))
    const watches = server.asked.filter(({ query }) => query.get('watch') === 'true').map(({ path }) => path)
    expect(watches).toEqual([...new Set(watches)])
    expect(watches.length).toBeGreaterThanOrEqual(4)
    expect([most, server.connections()]).toEqual([1, 1])
  })
})

it('a restarted API server is watched on: what happened meanwhile is seen, what went is gone', async () => {
  const journal = memoryJournal()
  const certificateDir = temporary()
  const first = await startCluster({ journal, certificateDir })
  const session = sessionOf(() => loadKubeConfig(first.kubeconfig))
  const stop = new AbortController()
  closing.push(() => stop.abort())
  const view = openCache(session, { namespacePrefix: 'convox-', clock: () => new Date(), signal: stop.signal, log: () => undefined })
  const seen = () => view.facts('convox-shop').deployments.map(({ meta }) => meta.name).sort()
  const deployment = (name: string) => ({
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'convox-shop' },
    spec: { replicas: 0, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'shop:1' }] } } },
  })
  const objects = objectClient(session)
  await objects.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'convox-shop' } })
  await objects.apply(deployment('stays'), { force: true })
  await objects.apply(deployment('goes'), { force: true })
  await expect.poll(seen, slowly).toEqual(['goes', 'stays'])
  await first.close()
  await expect.poll(() => view.blindSince(), slowly).not.toBeNull()
  const second = await startCluster({ journal, port: Number(new URL(first.url).port), certificateDir })
  closing.push(() => second.close())
  second.remove('deployments.apps', 'convox-shop', 'goes')
  await expect.poll(() => objects.apply(deployment('new'), { force: true }).then(({ kind }) => kind, String), slowly).toBe('Deployment')
  await expect.poll(seen, slowly).toEqual(['new', 'stays'])
  await expect.poll(() => view.blindSince(), slowly).toBeNull()
}, 40_000)
