import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LoggedRequest } from '../../../sandbox/cluster/start.ts'
import { shopManifest } from '../../support/world.ts'
import { cardOf, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

/** What a request is for. */
type Purpose = 'dry run' | 'apply' | 'read' | 'create' | 'patch' | 'delete' | 'log' | 'list' | 'watch' | 'pulse' | 'other'

interface Audited { readonly purpose: Purpose; readonly object: string; readonly times: number }

const purposeOf = (method: string, path: string, query: URLSearchParams): Purpose => {
  if (path === '/livez') return 'pulse'
  if (query.get('watch') === 'true') return 'watch'
  if (path.endsWith('/log')) return 'log'
  if (method === 'PATCH') return query.get('dryRun') === 'All' ? 'dry run' : query.has('force') ? 'apply' : 'patch'
  if (method === 'DELETE') return 'delete'
  if (method === 'POST') return 'create'
  if (method === 'GET') return query.get('limit') === '500' ? 'list' : 'read'
  return 'other'
}

/** Slipway's requests, told apart: by what they are for, and which object; `secrets/env-r…-web` and the like are `secrets/env-web`, `jobs/release-p…` is `jobs/release`. */
const audit = (requests: readonly LoggedRequest[], namespace: string): Audited[] => {
  const counted = new Map<string, Audited>()
  for (const { method, path, userAgent } of requests) {
    if (userAgent !== 'slipway') continue
    const url = new URL(path, 'https://cluster')
    const purpose = purposeOf(method, url.pathname, url.searchParams)
    const rest = url.pathname.split(`/namespaces/${namespace}/`)[1] ?? url.pathname
    const object = [rest, url.searchParams.get('fieldSelector')?.replace('metadata.name=', '')].filter((part) => part !== undefined).join('/').replace(/env-r[a-z]{10}-/, 'env-').replace(/release-p[a-z]{10}/, 'release')
    const key = `${purpose} ${object}`
    counted.set(key, { purpose, object, times: (counted.get(key)?.times ?? 0) + 1 })
  }
  return [...counted.values()]
}
const of = (audited: readonly Audited[], ...purposes: readonly Purpose[]): string[] =>
  audited.filter(({ purpose }) => purposes.includes(purpose)).map(({ purpose, object, times }) => `${purpose} ${object}${times === 1 ? '' : ` ×${times}`}`).sort()

const objects = ['deployments/web', 'deployments/worker', 'secrets/env-web', 'secrets/env-worker', 'services/web']
/** With an autoscaler, a timer and a release command. */
const everything = `${shopManifest.replace('scale: 2', 'scale:\n      count: 2-6\n      targets:\n        cpu: 70')}timers:
  clean:
    schedule: "0 3 * * *"
    command: bin/clean
    service: web
release:
  service: web
  command: bin/migrate
`
const more = ['cronjobs/timer-clean', 'horizontalpodautoscalers/web', 'jobs/release']
const each = (purpose: Purpose, names: readonly string[]): string[] => names.map((name) => `${purpose} ${name}`)

describe('the requests that a rollout costs', () => {
  let stage: Stage
  const app = 'shop'
  const namespace = 'convox-shop'

  /** Everything that was asked of the cluster until the card says so. */
  const asked = async (act: () => Promise<unknown>, card: (release: string) => RegExp, tag: string, manifest: string | null = null): Promise<Audited[]> => {
    const release = await quickImport(stage.world, app, tag, manifest)
    const from = stage.world.cluster.requests().length
    await act()
    await cardOf(stage.world, stage.channel, card(release))
    return audit(stage.world.cluster.requests().slice(from), namespace)
  }
  const promoted = (tag: string, manifest: string | null = null): Promise<Audited[]> =>
    asked(() => quickPromote(stage.world, app), (release) => new RegExp(`^Succeeded: ${release}`), tag, manifest)

  beforeAll(async () => {
    stage = await startStage()
    await runningApp(stage.world, { app, channel: stage.channel, manifest: shopManifest })
  })
  afterAll(() => stage.close())

  it('are two for each object, and nothing is read or listed', async () => {
    const audited = await promoted('1.4.1')
    expect(of(audited, 'dry run')).toEqual(each('dry run', objects))
    expect(of(audited, 'apply')).toEqual(each('apply', objects))
    expect(of(audited, 'read', 'create', 'patch', 'log', 'list', 'watch', 'other')).toEqual([])
  })

  it('are one more for each object of which somebody else owns a field', async () => {
    const web = stage.world.cluster.get('deployments.apps', namespace, 'web')
    if (web === undefined) throw new Error('web is not there')
    stage.world.cluster.put('deployments.apps', namespace, { ...web, metadata: { ...web.metadata, labels: { release: 'mine' } } }, { manager: 'kubectl-edit' })
    const audited = await promoted('1.4.2')
    const contested = audited.filter(({ purpose }) => purpose === 'dry run').map(({ object, times }) => `${object} ${times}`)
    expect(contested.sort()).toEqual(objects.map((object) => `${object} ${object === 'deployments/web' ? 2 : 1}`))
    expect(of(audited, 'apply')).toEqual(each('apply', objects))
    expect(of(audited, 'read', 'create', 'patch', 'log', 'list', 'watch', 'other')).toEqual([])
  })

  it('are one for each deletion', async () => {
    const audited = await promoted('1.5.0', shopManifest.replace(/ {2}worker:[^]*/, ''))
    expect(of(audited, 'delete').filter((line) => !line.includes('secrets/'))).toEqual(['delete deployments/worker'])
    expect(audited.filter(({ purpose }) => purpose === 'delete').every(({ times }) => times === 1)).toBe(true)
    expect(of(audited, 'read')).toEqual([])
    expect(stage.world.cluster.get('deployments.apps', namespace, 'worker')).toBeUndefined()
    await promoted('1.4.0', shopManifest)
  })

  it('are, of a timer, two besides to suspend it and let it run again; of a release command one to make its Job, one to remove it, and a read of its log', async () => {
    await promoted('1.4.1', everything)
    const audited = await promoted('1.4.2', everything)
    expect(of(audited, 'dry run')).toEqual(each('dry run', [...objects, ...more].sort()))
    expect(of(audited, 'apply')).toEqual(['apply cronjobs/timer-clean ×3', ...each('apply', [...objects, 'horizontalpodautoscalers/web'])].sort())
    expect(of(audited, 'create')).toEqual(['create jobs'])
    expect(of(audited, 'delete').filter((line) => !line.includes('secrets/'))).toEqual(['delete jobs/release'])
    expect(audited.filter(({ purpose }) => purpose === 'log').map(({ times }) => times)).toEqual([1])
    expect(of(audited, 'read', 'patch', 'list', 'watch', 'other')).toEqual([])
  }, 60_000)

  it('are one for the deletion of a timer and of an autoscaler, and one to suspend it before', async () => {
    const audited = await promoted('1.4.1', shopManifest)
    expect(of(audited, 'apply')).toEqual(each('apply', ['cronjobs/timer-clean', ...objects]))
    expect(of(audited, 'delete').filter((line) => !line.includes('secrets/'))).toEqual(['delete cronjobs/timer-clean', 'delete horizontalpodautoscalers/web'])
    expect(of(audited, 'read', 'create', 'patch', 'list', 'watch', 'other')).toEqual([])
  })

  it('are one for the Job of a release command that a rollback removes, and none for one that failed', async () => {
    const bad = everything.replace('port: 5000', 'port: 5000\n    health: {path: /check, interval: 1, grace: 0}')
    const back = await asked(() => quickPromote(stage.world, app), (release) => new RegExp(`^Rolled back: .*${release}`), 'notready', bad)
    expect(back.filter(({ object }) => object.startsWith('jobs')).map(({ purpose, object, times }) => `${purpose} ${object} ${times}`).sort())
      .toEqual(['create jobs 1', 'delete jobs/release 1', 'dry run jobs/release 1'])
    expect(of(back, 'delete').filter((line) => !line.includes('secrets/'))).toEqual(['delete cronjobs/timer-clean', 'delete horizontalpodautoscalers/web', 'delete jobs/release'])
    const failed = await asked(() => quickPromote(stage.world, app), (release) => new RegExp(`^Failed: .*${release}`), 'crash', everything)
    expect(of(failed, 'apply', 'create', 'delete', 'read', 'patch')).toEqual(['apply secrets/env-web', 'create jobs'])
    await promoted('1.4.0', shopManifest)
  }, 60_000)

  it('are, for a failed one, at most two log reads of at most three containers, and two for each object of the way back', async () => {
    const release = await quickImport(stage.world, app, 'crash')
    const from = stage.world.cluster.requests().length
    await quickPromote(stage.world, app)
    await cardOf(stage.world, stage.channel, new RegExp(`^Rolled back: .*${release}`))
    const audited = audit(stage.world.cluster.requests().slice(from), namespace)
    const logs = audited.filter(({ purpose }) => purpose === 'log')
    expect(logs.length).toBeGreaterThanOrEqual(1)
    expect(logs.length).toBeLessThanOrEqual(3)
    expect(Math.max(...logs.map(({ times }) => times))).toBeLessThanOrEqual(2)
    expect(of(audited, 'dry run')).toEqual(each('dry run', objects))
    const back = audited.filter(({ purpose }) => ['apply', 'read', 'patch', 'create'].includes(purpose))
    for (const object of objects) expect(back.filter((one) => one.object === object).reduce((sum, { times }) => sum + times, 0), object).toBeLessThanOrEqual(1 + 2)
    expect(back.map(({ object }) => object).filter((object) => !objects.includes(object))).toEqual([])
    expect(of(audited, 'list', 'watch', 'other')).toEqual([])
  })
})
