import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ClusterOptions } from '../../../sandbox/cluster/start.ts'
import { cardOf, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

type Denied = NonNullable<ClusterOptions['denied']>
const reading: Denied = ({ verb, resource, namespace, name }) => verb === 'get' && resource === 'secrets' && namespace === 'slipway' && name === 'slipway-pull'
const copying: Denied = ({ verb, resource, namespace, name }) => verb === 'patch' && resource === 'secrets' && namespace === 'convox-shop' && name === 'slipway-pull'

const forbidden = 'secrets "slipway-pull" is forbidden: User "sandbox" cannot get resource "secrets" in API group "" in the namespace "slipway"'

describe('the pull secret of the rack', () => {
  let stage: Stage
  let running = ''
  let denied: Denied = () => false

  const put = (password: string): void => {
    stage.world.cluster.put('secrets', 'slipway', {
      apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/dockerconfigjson', metadata: { name: 'slipway-pull', namespace: 'slipway' },
      data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths: { registry: { auth: password } } })).toString('base64') },
    })
  }
  const secret = (namespace: string) => stage.world.cluster.get('secrets', namespace, 'slipway-pull')
  /** What was asked of the cluster since, and was not a mere question. */
  const writesSince = (before: number): readonly string[] =>
    stage.world.cluster.requests().slice(before).filter(({ method, path }) => method !== 'GET' && path.includes('/namespaces/convox-shop/') && !path.includes('dryRun=All')).map(({ method, path }) => `${method} ${path}`)
  const readsSince = (before: number): number => stage.world.cluster.requests().slice(before).filter(({ method, path }) => method === 'GET' && path.endsWith('/namespaces/slipway/secrets/slipway-pull')).length

  beforeAll(async () => {
    stage = await startStage({ settings: { PULL_SECRET: 'slipway/slipway-pull' }, cluster: { denied: (access) => denied(access) } })
    stage.world.cluster.put('namespaces', '', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'slipway' } })
    put('first')
    running = await runningApp(stage.world, { app: 'shop', channel: stage.channel })
  })
  afterAll(() => stage.close())
  beforeEach(() => {
    denied = () => false
    put('first')
  })

  it('is read once for a promotion, and copied to where its pods name it', async () => {
    put('second')
    const before = stage.world.cluster.requests().length
    running = await quickImport(stage.world, 'shop', '1.4.1')
    await quickPromote(stage.world, 'shop', running)
    await cardOf(stage.world, stage.channel, new RegExp(`^Succeeded: ${running}`))
    expect(secret('convox-shop')?.['data']).toEqual(secret('slipway')?.['data'])
    expect(readsSince(before)).toBe(1)
  }, 90_000)

  it.each([
    ['may not be read', () => void (denied = reading), { kind: 'pull_secret', reason: 'Forbidden', object: 'slipway/slipway-pull', message: forbidden },
      'Slipway may not read the rack\'s pull secret slipway/slipway-pull: ', 'ERROR: nothing changed: pull secret not readable'],
    ['is not there', () => stage.world.cluster.remove('secrets', 'slipway', 'slipway-pull'), { kind: 'pull_secret', reason: 'NotFound', object: 'slipway/slipway-pull' },
      'the rack\'s pull secret slipway/slipway-pull does not exist.', 'ERROR: nothing changed: pull secret not found'],
    ['may not be copied', () => void (denied = copying), { kind: 'refused', reason: 'Forbidden' }, 'secrets "slipway-pull" is forbidden', 'ERROR: nothing changed: refused by the cluster'],
  ])('ends a promotion before anything changes when it %s', async (_what, spoil, cause, why, last) => {
    const release = await quickImport(stage.world, 'shop', '1.4.2')
    spoil()
    const before = stage.world.cluster.requests().length
    await quickPromote(stage.world, 'shop', release)
    const card = await cardOf(stage.world, stage.channel, new RegExp(`^(Failed|Rolled back|Rollback FAILED|Succeeded): .*${release}`))
    expect(await stage.newest()).toMatchObject({ status: 'failed', cause })
    expect(stage.shown(card)).toContain(why)
    await stage.lastWord(card, new RegExp(`${last}; ${running} is running`))
    expect(writesSince(before)).toEqual([])
  }, 90_000)

  it('keeps no failed release from going back when it may not be read any more: what was copied stays, and the card says so', async () => {
    const release = await quickImport(stage.world, 'shop', 'crash')
    const stop = stage.world.cluster.observe(() => {
      if (JSON.stringify(stage.world.cluster.get('deployments.apps', 'convox-shop', 'web')).includes(release)) denied = reading
    })
    await quickPromote(stage.world, 'shop', release)
    const card = await cardOf(stage.world, stage.channel, /^(Rolled back|Rollback FAILED): /)
    stop()
    expect(denied).toBe(reading)
    expect(await stage.newest()).toMatchObject({ status: 'rolled_back', cause: { kind: 'crashed_at_start' }, rollback_cause: null })
    expect(stage.shown(card)).toContain(`could not copy the pull secret slipway/slipway-pull: ${forbidden}. Processes have the copy from before, if there is one.`)
    expect(secret('convox-shop')?.['data']).toEqual(secret('slipway')?.['data'])
  }, 90_000)

  it('keeps nobody from going back by hand either', async () => {
    const newer = await quickImport(stage.world, 'shop', '1.4.2')
    await quickPromote(stage.world, 'shop', newer)
    await cardOf(stage.world, stage.channel, new RegExp(`^Succeeded: ${newer}`))
    stage.world.cluster.remove('secrets', 'slipway', 'slipway-pull')
    await stage.ana.command(stage.channel, `/convox releases rollback ${running} -a shop`)
    await stage.world.slack.until(async () => ((await stage.newest())['kind'] === 'rollback' && (await stage.newest())['finished_at'] !== null ? true : undefined), 60_000)
    expect(await stage.newest()).toMatchObject({ status: 'succeeded', warnings: [expect.objectContaining({ kind: 'pull_secret_not_copied' })] })
  }, 120_000)
})
