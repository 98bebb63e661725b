import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shopManifest } from '../../support/world.ts'
import { cardOf, channelFor, channelsOf, quickApp, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const apps = ['refused', 'superseded', 'stuck', 'cancelled', 'pruned', 'scaled', 'firstcancel'] as const

describe('a rollout that somebody or something gets in the way of', () => {
  let stage: Stage
  let refusal: string | undefined
  const here = (app: string): string => channelFor(app).id
  const running = (app: string, params: Readonly<Record<string, string>> = {}): Promise<string> => runningApp(stage.world, { app, channel: here(app), params })
  const step = (app: string, name: string) => stage.world.slack.until(async () => ((await stage.newest(app))['step'] === name ? true : undefined), 20_000)
  const spec = (app: string, service: string): string => JSON.stringify(stage.world.cluster.get('deployments.apps', `convox-${app}`, service)?.['spec'] ?? null)

  beforeAll(async () => {
    stage = await startStage({
      slack: { channels: channelsOf(apps) },
      cluster: { refuse: (object) => (object['kind'] === 'Deployment' && JSON.stringify(object['metadata']).includes('convox-refused') ? refusal : undefined) },
    })
  })
  afterAll(() => stage.close())

  it('changes nothing when the cluster refuses a part of it', async () => {
    const back = await running('refused')
    const before = spec('refused', 'web')
    const release = await quickImport(stage.world, 'refused', '1.4.1')
    refusal = 'admission webhook "policy.example.com" denied the request: runAsNonRoot is required'
    await quickPromote(stage.world, 'refused')
    const card = await cardOf(stage.world, here('refused'), /^Failed: /)
    expect(card.text).toBe(`Failed: ${release} on refused: refused by the cluster. Not rolled out, ${back} is running.`)
    const notice = await stage.lastWord(card, /ERROR: nothing changed: refused by the cluster; R[A-Z]{10} is running/)
    expect(notice.broadcast).toBe(true)
    expect(stage.shown(notice)).toContain(`❌ Failed: ${release} is not running on refused. For @ana (asked).`)
    expect(stage.shown(notice)).toContain('denied the request: runAsNonRoot is required')
    expect(stage.shown(notice)).toContain(`Running now ${back}, nothing changed`)
    expect(stage.statuses(card)).toEqual(['Running => Pending', 'Pending => Error'])
    expect(spec('refused', 'web')).toBe(before)
    expect(stage.world.cluster.list('secrets', 'convox-refused').map((secret) => secret.metadata.name).filter((name) => name.includes(release.toLowerCase()))).toEqual([])
    expect(await stage.newest('refused')).toMatchObject({ status: 'failed', step: 'dry_run' })
  })

  it('is superseded, not rolled back, when somebody else changes a Deployment meanwhile', async () => {
    await running('superseded')
    await stage.ask(stage.bo, '/convox apps params set stability=60s -a superseded', /./s)
    const release = await quickImport(stage.world, 'superseded', '1.4.1')
    await quickPromote(stage.world, 'superseded')
    await step('superseded', 'stability')
    const live = stage.world.cluster.get('deployments.apps', 'convox-superseded', 'web')
    if (live === undefined) throw new Error('no Deployment')
    const text = JSON.stringify(live).replaceAll('bin/web', 'bin/other')
    const changed: Parameters<typeof stage.world.cluster.put>[2] = JSON.parse(text)
    stage.world.cluster.put('deployments.apps', 'convox-superseded', changed)
    const card = await cardOf(stage.world, here('superseded'), /^Superseded: /)
    expect(card.text).toBe(`Superseded: ${release} on superseded was stopped, kubectl-edit changed web. Nothing was rolled back.`)
    const last = await stage.lastWord(card, /ERROR: superseded by kubectl-edit: web/)
    expect(last.broadcast ?? false).toBe(false)
    expect(stage.buttons(card)).toEqual([])
    expect(spec('superseded', 'web')).toContain('bin/other')
    expect(spec('superseded', 'worker')).toContain(release)
    expect(await stage.newest('superseded')).toMatchObject({ status: 'superseded' })
  }, 60_000)

  it('says loudly that a rollback failed, keeps the app failed, and goes back once it can', async () => {
    const back = await running('stuck')
    const release = await quickImport(stage.world, 'stuck', '1.4.1')
    await stage.ask(stage.bo, '/convox apps params set stability=60s -a stuck', /./s)
    await quickPromote(stage.world, 'stuck')
    await step('stuck', 'stability')
    stage.world.registry.remove('shop', '1.4.0')
    stage.world.node.evict(`${stage.world.shop}:1.4.0`)
    const moving = await cardOf(stage.world, here('stuck'), new RegExp(`^Rolling out: ${release}`))
    await stage.click(stage.ana, moving, 'Cancel and roll back')
    const card = await cardOf(stage.world, here('stuck'), /^Rollback FAILED: /)
    expect(card.ts).toBe(moving.ts)
    expect(card.text).toBe(`Rollback FAILED: stuck is not back on ${back}: web image not found. A person has to act.`)
    const notice = await stage.lastWord(card, new RegExp(`ERROR: rollback to ${back} failed: (web|worker) image not found; running: web R`))
    expect(notice.broadcast).toBe(true)
    expect(stage.shown(notice)).toContain('Why it went back @ana cancelled it at <time>.')
    expect(stage.shown(notice)).toMatch(/Why that failed The registry has no image registry\/shop:1\.4\.0@sha256:[0-9a-f]{12} for (web|worker)\./)
    expect(stage.shown(notice)).toContain('Nothing more happens by itself.')
    expect(stage.buttons(notice)).toEqual(['Try again'])
    expect(stage.statuses(card)).toEqual(['Running => Pending', 'Pending => Updating', 'Updating => Cancelled', 'Cancelled => Rollback', 'Rollback => Failure'])
    expect(await stage.ask(stage.ana, '/convox apps info stuck', /Status/)).toMatch(/Status +failed/)

    stage.world.registry.push('shop', '1.4.0')
    await stage.ask(stage.bo, '/convox apps params set stability=1s -a stuck', /./s)
    await stage.ana.click(notice, 'Try again')
    const done = await stage.world.slack.until(async () => ((await stage.newest('stuck'))['status'] === 'succeeded' ? stage.newest('stuck') : undefined), 40_000)
    expect(done).toMatchObject({ kind: 'rollback', waived: 'policy' })
    expect(await stage.ask(stage.ana, '/convox apps info stuck', /Status/)).toMatch(/Status +running/)
    const good = await cardOf(stage.world, here('stuck'), /^Succeeded: stuck|^Succeeded: R[A-Z]{10} is active on stuck/)
    await stage.lastWord(good, /^```\nOK\n```/)
    expect(spec('stuck', 'web')).toContain('shop:1.4.0')
  }, 90_000)

  it('goes back when it is cancelled, and cannot be cancelled on the way back', async () => {
    const back = await running('cancelled')
    await stage.ask(stage.bo, '/convox apps params set stability=60s -a cancelled', /./s)
    const release = await quickImport(stage.world, 'cancelled', '1.4.1')
    await quickPromote(stage.world, 'cancelled')
    await step('cancelled', 'stability')
    const moving = await cardOf(stage.world, here('cancelled'), /^Rolling out: /)
    const clicked = await stage.ana.click(moving, 'Cancel and roll back')
    expect(clicked.dialog).toEqual({
      title: 'Cancel and roll back?', text: `cancelled stops rolling out ${release} and goes back to ${back}. What a release command did stays.`, confirm: 'Cancel and roll back', deny: 'Keep rolling out',
    })
    await step('cancelled', 'services_back')
    expect(await stage.ask(stage.ana, '/convox apps cancel cancelled', /already going back|not updating/)).toContain(`already going back to \`${back}\`; that cannot be cancelled.`)
    const card = await cardOf(stage.world, here('cancelled'), /^Rolled back: /)
    expect(card.text).toBe(`Rolled back: cancelled runs ${back} again; ana cancelled ${release}.`)
    const last = await stage.lastWord(card, new RegExp(`ERROR: cancelled by @ana; ${back} is running`))
    expect(last.broadcast ?? false).toBe(false)
    expect(stage.statuses(card)).toEqual(['Running => Pending', 'Pending => Updating', 'Updating => Cancelled', 'Cancelled => Rollback', 'Rollback => Reverted'])
    expect(stage.lines(card).filter((line) => line === 'system/convox/promotion cancelled by @ana')).toHaveLength(1)
    expect(spec('cancelled', 'web')).toContain(back)
    expect(await stage.newest('cancelled')).toMatchObject({ status: 'rolled_back', cancel_by: 'U0ANA', ended_by: 'U0ANA' })
  }, 60_000)

  it('is scaled to 0 when a first release is cancelled, and the app is not failed', async () => {
    await quickApp(stage.world, { app: 'firstcancel', channel: here('firstcancel'), params: { stability: '60s' } })
    await quickImport(stage.world, 'firstcancel', '1.4.0', shopManifest)
    await quickPromote(stage.world, 'firstcancel')
    await step('firstcancel', 'stability')
    const moving = await cardOf(stage.world, here('firstcancel'), /^Rolling out: /)
    await stage.ana.click(moving, 'Cancel and roll back')
    const card = await cardOf(stage.world, here('firstcancel'), /^Failed: /)
    const last = await stage.lastWord(card, /ERROR: cancelled by @ana; nothing is running/)
    expect(last.broadcast ?? false).toBe(false)
    expect(stage.world.cluster.get('deployments.apps', 'convox-firstcancel', 'web')?.['spec']).toMatchObject({ replicas: 0 })
    expect(await stage.ask(stage.ana, '/convox apps info firstcancel', /Status/)).toMatch(/Status +running/)
  })

  it('removes a service that the new release lacks after it is proven, and a rollback brings it back', async () => {
    const back = await running('pruned')
    const release = await quickImport(stage.world, 'pruned', '1.4.1', 'services:\n  web:\n    build: .\n    command: bin/web\n    port: 5000\n    scale: 2\n')
    await quickPromote(stage.world, 'pruned')
    await cardOf(stage.world, here('pruned'), new RegExp(`^Succeeded: ${release}`))
    expect(stage.world.cluster.get('deployments.apps', 'convox-pruned', 'worker')).toBeUndefined()
    expect(stage.world.cluster.get('deployments.apps', 'convox-pruned', 'web')).toBeDefined()
    // The env Secrets of the release before stay as long as its ReplicaSets could be scaled up again.
    const secrets = stage.world.cluster.list('secrets', 'convox-pruned').map((secret) => secret.metadata.name)
    expect(secrets).toEqual(expect.arrayContaining([`env-${back.toLowerCase()}-web`, `env-${release.toLowerCase()}-web`]))
    for (const secret of stage.world.cluster.list('secrets', 'convox-pruned').filter((one) => one.metadata.name.startsWith('env-'))) expect(secret['immutable']).toBe(true)

    await stage.ask(stage.ana, `/convox releases rollback ${back} -a pruned`, /Rolling back/)
    await stage.world.slack.until(async () => ((await stage.newest('pruned'))['status'] === 'succeeded' && (await stage.newest('pruned'))['kind'] === 'rollback' ? true : undefined), 20_000)
    expect(spec('pruned', 'worker')).toContain('bin/work')

    // A service that only the failed release had is gone once it went back.
    const extra = await quickImport(stage.world, 'pruned', 'crash', `${shopManifest}  extra:\n    build: .\n    command: bin/extra\n`)
    await quickPromote(stage.world, 'pruned')
    await cardOf(stage.world, here('pruned'), new RegExp(`^Rolled back: .*${extra}`))
    expect(stage.world.cluster.get('deployments.apps', 'convox-pruned', 'extra')).toBeUndefined()
    expect(spec('pruned', 'worker')).toContain('bin/work')
  }, 60_000)

  it('keeps the number of processes that somebody else set', async () => {
    const back = await running('scaled')
    const live = stage.world.cluster.get('deployments.apps', 'convox-scaled', 'web')
    if (live === undefined) throw new Error('no Deployment')
    const more: Parameters<typeof stage.world.cluster.put>[2] = JSON.parse(JSON.stringify(live).replace('"replicas":2', '"replicas":3'))
    stage.world.cluster.put('deployments.apps', 'convox-scaled', more, { manager: 'kubectl' })
    await stage.world.cluster.settled()
    const release = await quickImport(stage.world, 'scaled', '1.4.1')
    await quickPromote(stage.world, 'scaled')
    await cardOf(stage.world, here('scaled'), new RegExp(`^Succeeded: ${release}`))
    expect(stage.world.cluster.get('deployments.apps', 'convox-scaled', 'web')?.['spec']).toMatchObject({ replicas: 3 })
    const crash = await quickImport(stage.world, 'scaled', 'crash')
    await quickPromote(stage.world, 'scaled')
    await cardOf(stage.world, here('scaled'), new RegExp(`^Rolled back: .*${crash}`))
    expect(stage.world.cluster.get('deployments.apps', 'convox-scaled', 'web')?.['spec']).toMatchObject({ replicas: 3 })
    expect(back).not.toBe(release)
  }, 60_000)
})
