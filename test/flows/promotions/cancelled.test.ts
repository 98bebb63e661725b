import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shopManifest } from '../../support/world.ts'
import { openHolds, type Holds } from './holds.ts'
import { cardOf, channelFor, channelsOf, quickApp, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const apps = ['rehearsing', 'applying', 'proving', 'collecting', 'stopping'] as const

/** Later steps: changes.test.ts; during a release command: release-command.test.ts; by `--force`: forced.test.ts. */
describe('a cancel, by where the promotion stands', () => {
  let stage: Stage
  let holds: Holds
  const here = (app: string): string => channelFor(app).id
  const generations = (app: string): string => stage.world.cluster.list('deployments.apps', `convox-${app}`).map(({ metadata }) => `${metadata.name} ${String(metadata['generation'])}`).toSorted().join(', ')
  const web = (app: string): string => JSON.stringify(stage.world.cluster.get('deployments.apps', `convox-${app}`, 'web')?.['spec'] ?? null)
  const cancelled = (app: string) => stage.world.slack.until(async () => ((await stage.newest(app))['cancel_by'] === 'U0ANA' ? true : undefined), 20_000)

  beforeAll(async () => {
    stage = await startStage({ slack: { channels: channelsOf(apps) } })
    holds = await openHolds(stage.world.databaseUrl)
  })
  afterAll(async () => {
    await holds.close()
    await stage.close()
  })

  it('in the rehearsal: nothing was written', async () => {
    const back = await runningApp(stage.world, { app: 'rehearsing', channel: here('rehearsing') })
    const before = generations('rehearsing')
    const release = await quickImport(stage.world, 'rehearsing', '1.4.1')
    stage.world.cluster.pause()
    await quickPromote(stage.world, 'rehearsing')
    await stage.world.slack.until(async () => ((await stage.newest('rehearsing'))['step'] === 'dry_run' ? true : undefined), 20_000)
    await stage.ana.command(here('rehearsing'), '/convox apps cancel rehearsing')
    await cancelled('rehearsing')
    stage.world.cluster.resume()
    const card = await cardOf(stage.world, here('rehearsing'), /^Rolled back: /)
    expect(card.text).toBe(`Rolled back: rehearsing runs ${back} again; ana cancelled ${release}.`)
    await stage.lastWord(card, new RegExp(`ERROR: cancelled by @ana; ${back} is running`))
    expect(generations('rehearsing')).toBe(before)
    expect(stage.world.cluster.list('secrets', 'convox-rehearsing').filter(({ metadata }) => metadata.name.includes(release.toLowerCase()))).toEqual([])
  }, 60_000)

  it('in the apply: it goes back whole', async () => {
    const back = await runningApp(stage.world, { app: 'applying', channel: here('applying') })
    const release = await quickImport(stage.world, 'applying', '1.4.1', `${shopManifest}  extra:\n    build: .\n    command: bin/extra\n`)
    await holds.hold('after', 'applying', 'rolling_out apply')
    await quickPromote(stage.world, 'applying')
    await stage.world.slack.until(async () => ((await holds.isHeld('applying')) ? true : undefined), 20_000)
    expect(web('applying')).toContain(release)
    await stage.ana.command(here('applying'), '/convox apps cancel applying')
    await cancelled('applying')
    await holds.release()
    const card = await cardOf(stage.world, here('applying'), /^Rolled back: /)
    await stage.lastWord(card, new RegExp(`ERROR: cancelled by @ana; ${back} is running`))
    expect(web('applying')).toContain(back)
    expect(stage.world.cluster.get('deployments.apps', 'convox-applying', 'extra')).toBeUndefined()
    expect(await stage.newest('applying')).toMatchObject({ status: 'rolled_back', cause: { kind: 'cancelled' } })
  }, 60_000)

  it('on another replica, in the moment in which it is proven: whoever was told that it rolls back was told the truth', async () => {
    const back = await runningApp(stage.world, { app: 'proving', channel: here('proving') })
    const release = await quickImport(stage.world, 'proving', '1.4.1')
    await holds.hold('after', 'proving', 'rolling_out stability')
    const promotion = await quickPromote(stage.world, 'proving')
    await stage.world.slack.until(async () => ((await holds.isHeld('proving')) ? true : undefined), 20_000)
    // As another replica writes it: nobody wakes the owner of the rollout.
    await stage.rows(`update promotions set cancel_by = 'U0BO', cancel_at = now(), rev = rev + 1 where id = '${promotion}' and status = 'rolling_out'`)
    await holds.release()
    const card = await cardOf(stage.world, here('proving'), new RegExp(`^(Rolled back|Succeeded): .*${release}`))
    await stage.world.slack.until(async () => ((await stage.newest('proving'))['finished_at'] === null ? undefined : true), 20_000)
    expect(await stage.newest('proving')).toMatchObject({ id: promotion, status: 'rolled_back', cause: { kind: 'cancelled', by: 'U0BO' }, ended_by: 'U0BO' })
    await stage.lastWord(card, new RegExp(`ERROR: cancelled by @bo; ${back} is running`))
    expect(card.text).toBe(`Rolled back: proving runs ${back} again; bo cancelled ${release}.`)
    expect(web('proving')).toContain(back)
    expect(await stage.rows(`select step from promotion_steps where promotion_id = '${promotion}' and step = 'prune'`)).toEqual([])
  }, 60_000)

  it.each([['collecting', 'evidence'], ['stopping', 'scale_down']])('of a first release that has failed is refused, and has no button: %s, %s', async (app, step) => {
    await quickApp(stage.world, { app, channel: here(app) })
    await quickImport(stage.world, app, 'crash', shopManifest)
    await holds.hold('after', app, `rolling_out ${step}`)
    await quickPromote(stage.world, app)
    await stage.world.slack.until(async () => ((await holds.isHeld(app)) ? true : undefined), 20_000)
    expect(await stage.ask(stage.ana, `/convox apps cancel ${app}`, /scaling to 0|Cancel/)).toContain(`${app}\` is already scaling to 0; that cannot be cancelled.`)
    const moving = await cardOf(stage.world, here(app), /./)
    await stage.world.slack.until(() => (stage.buttons(moving).length === 0 ? true : undefined), 20_000)
    await holds.release()
    const card = await cardOf(stage.world, here(app), /^Failed: /)
    // Both of its services do.
    await stage.lastWord(card, /ERROR: first release failed: (web|worker) crashed at start/)
    expect(await stage.newest(app)).toMatchObject({ status: 'failed', cancel_by: null, ended_by: null })
    expect(await stage.rows(`select 1 from audit where app = '${app}' and action = 'promotion.cancel'`)).toEqual([])
  }, 60_000)
})
