import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shopManifest } from '../../support/world.ts'
import { openHolds, type Holds } from './holds.ts'
import { cardOf, channelFor, channelsOf, quickApp, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const apps = ['forced', 'asks', 'lost', 'proven', 'waitsfor', 'asksfor', 'stricter', 'goesback', 'migrates', 'first', 'firstfailed', 'tidies'] as const

describe('releases promote --force', () => {
  let stage: Stage
  let holds: Holds
  const here = (app: string): string => channelFor(app).id
  const params = (app: string, words: string): Promise<string> => stage.ask(stage.bo, `/convox apps params set ${words} -a ${app}`, /./s)
  const step = (app: string, name: string) => stage.world.slack.until(async () => {
    const rows = await stage.rows(`select step from promotions where app = '${app}' and status in ('rolling_out', 'rolling_back')`)
    return rows.some((row) => row['step'] === name) ? true : undefined
  }, 20_000)
  const statuses = async (app: string): Promise<string[]> => (await stage.rows(`select status from promotions where app = '${app}' order by seq`)).map((row) => String(row['status']))
  /** An app that runs one release and rolls out another, which stays in its stability window. */
  const busy = async (app: string): Promise<{ back: string; rolling: string }> => {
    const back = await runningApp(stage.world, { app, channel: here(app) })
    await params(app, 'stability=60s')
    const rolling = await quickImport(stage.world, app, '1.4.1')
    await quickPromote(stage.world, app)
    await step(app, 'stability')
    await params(app, 'stability=1s')
    return { back, rolling }
  }

  beforeAll(async () => {
    stage = await startStage({
      slack: { channels: channelsOf(apps, ['U0ANA', 'U0BO', 'U0CY', 'U0DEE']) },
    })
    holds = await openHolds(stage.world.databaseUrl)
  })
  afterAll(async () => {
    await holds.close()
    await stage.close()
  })

  it('cancels what rolls out, waits until that is rolled back, then rolls out itself', async () => {
    const { back, rolling } = await busy('forced')
    const next = await quickImport(stage.world, 'forced', '1.4.2')
    expect(await stage.ask(stage.ana, `/convox releases promote ${next} -a forced`, /updating/)).toContain(`app is currently updating: ${rolling}`)
    expect(await stage.ask(stage.ana, `/convox releases promote ${next} --force -a forced`, /Promoting/)).toContain(`Promoting ${next}... queued behind ${rolling}`)
    const cancelled = await cardOf(stage.world, here('forced'), new RegExp(`^Rolled back: forced runs ${back} again; ana cancelled ${rolling}`))
    const done = await cardOf(stage.world, here('forced'), new RegExp(`^Succeeded: ${next}`))
    await stage.lastWord(done, /\bOK\b/)
    expect(stage.statuses(cancelled)).toEqual(['Running => Pending', 'Pending => Updating', 'Updating => Cancelled', 'Cancelled => Rollback', 'Rollback => Reverted'])
    expect(stage.statuses(done)).toEqual(['Running => Pending', 'Pending => Updating', 'Updating => Running'])
    expect(await statuses('forced')).toEqual(['succeeded', 'rolled_back', 'succeeded'])
    const [first, second] = await stage.rows(`select finished_at, started_at from promotions where app = 'forced' order by seq offset 1`)
    expect(Number(second?.['started_at'])).toBeGreaterThanOrEqual(Number(first?.['finished_at']))
    expect(await stage.rows(`select actor, detail->>'forcedBy' as by from audit where app = 'forced' and action = 'promotion.cancel'`)).toEqual([{ actor: 'U0ANA', by: expect.stringMatching(/^P/) }])
  }, 60_000)

  it('bypasses no approval: nothing is cancelled before the last vote', async () => {
    const { rolling } = await busy('asks')
    await params('asks', 'approvals=1')
    const next = await quickImport(stage.world, 'asks', '1.4.2')
    await stage.ask(stage.ana, `/convox releases promote ${next} --force -a asks`, /waiting for approval/)
    const asked = await cardOf(stage.world, here('asks'), new RegExp(`^Waiting for approval: .*${next}`))
    expect(await statuses('asks')).toEqual(['succeeded', 'rolling_out', 'awaiting_approval'])
    await stage.click(stage.dee, asked, 'Approve')
    await cardOf(stage.world, here('asks'), new RegExp(`^Rolled back: .*${rolling}`))
    await cardOf(stage.world, here('asks'), new RegExp(`^Succeeded: ${next}`))
    expect(await statuses('asks')).toEqual(['succeeded', 'rolled_back', 'succeeded'])
  }, 60_000)

  it('asks again where the way back it waited for failed', async () => {
    const { rolling } = await busy('lost')
    await params('lost', 'approvals=1')
    const next = await quickImport(stage.world, 'lost', '1.4.2')
    stage.world.registry.remove('shop', '1.4.0')
    stage.world.node.evict(`${stage.world.shop}:1.4.0`)
    await stage.ask(stage.ana, `/convox releases promote ${next} --force -a lost`, /waiting for approval/)
    const asked = await cardOf(stage.world, here('lost'), new RegExp(`^Waiting for approval: .*${next}`))
    await stage.click(stage.dee, asked, 'Approve')
    await cardOf(stage.world, here('lost'), /^Rollback FAILED: /)
    const again = await stage.world.slack.until(async () => ((await statuses('lost')).join(' ') === 'succeeded rollback_failed awaiting_approval' ? true : undefined), 20_000)
    expect(again).toBe(true)
    stage.world.registry.push('shop', '1.4.0')
    await stage.lastWord(asked, /approvals cleared/)
    await stage.world.slack.until(() => (/Approvals 0 of 1/.test(stage.shown(asked)) ? true : undefined))
    await stage.click(stage.dee, asked, 'Approve')
    await cardOf(stage.world, here('lost'), new RegExp(`^Succeeded: ${next}`))
    expect(rolling).not.toBe(next)
  }, 90_000)

  it('asks there too for what needed no approval because it was verified good before; Promote again keeps the flag', async () => {
    const { back, rolling } = await busy('proven')
    await params('proven', 'approvals=1')
    stage.world.registry.remove('shop', '1.4.0')
    stage.world.node.evict(`${stage.world.shop}:1.4.0`)
    const question = await stage.answer(stage.ana, `/convox releases promote ${back} --force -a proven`, /is already active/)
    await stage.ana.click(question, 'Promote again')
    await cardOf(stage.world, here('proven'), new RegExp(`^Rollback FAILED: proven is not back on ${back}`))
    const asked = await cardOf(stage.world, here('proven'), new RegExp(`^Waiting for approval: .*${back}`))
    expect(await statuses('proven')).toEqual(['succeeded', 'rollback_failed', 'awaiting_approval'])
    expect(stage.shown(asked)).toContain('Approvals 0 of 1: by somebody else than @ana')
    expect((await stage.rows(`select actor from audit where app = 'proven' and action = 'promotion.cancel'`)).map((row) => row['actor'])).toEqual(['U0ANA'])
    stage.world.registry.push('shop', '1.4.0')
    expect(rolling).not.toBe(back)
  }, 90_000)

  it('asks for approval where the app wants one by the time it may begin', async () => {
    await busy('stricter')
    const next = await quickImport(stage.world, 'stricter', '1.4.2')
    stage.world.cluster.pause()
    await stage.ask(stage.ana, `/convox releases promote ${next} --force -a stricter`, /queued behind/)
    await params('stricter', 'approvals=1')
    stage.world.cluster.resume()
    const asked = await cardOf(stage.world, here('stricter'), new RegExp(`^Waiting for approval: .*${next}`))
    await stage.world.slack.until(() => (/approvals needed are now 1/.test(stage.shown(asked)) ? true : undefined))
    expect(await statuses('stricter')).toEqual(['succeeded', 'rolled_back', 'awaiting_approval'])
  }, 60_000)

  /** Somebody else changes what rolls out; that is noticed, and not written before `release` of the holds: what comes until then comes in between. */
  const changedByHand = async (app: string): Promise<void> => {
    const live = stage.world.cluster.get('deployments.apps', `convox-${app}`, 'web')
    if (live === undefined) throw new Error('no Deployment')
    const changed: Parameters<typeof stage.world.cluster.put>[2] = JSON.parse(JSON.stringify(live).replaceAll('bin/web', 'bin/other'))
    await holds.hold('after', app, 'rolling_out stability')
    stage.world.cluster.put('deployments.apps', `convox-${app}`, changed)
    await held(app)
  }
  const held = (app: string) => stage.world.slack.until(async () => ((await holds.isHeld(app)) ? true : undefined), 20_000)
  const spec = (app: string): string => JSON.stringify(stage.world.cluster.get('deployments.apps', `convox-${app}`, 'web')?.['spec'] ?? null)
  const cancels = (app: string) => stage.rows(`select actor, detail->>'forcedBy' as by from audit where app = '${app}' and action = 'promotion.cancel'`)

  it('without approvals ends and says why where somebody else got in between', async () => {
    const { rolling } = await busy('waitsfor')
    const next = await quickImport(stage.world, 'waitsfor', '1.4.2')
    await changedByHand('waitsfor')
    await stage.ask(stage.ana, `/convox releases promote ${next} --force -a waitsfor`, /queued behind/)
    await holds.release()
    const failed = await cardOf(stage.world, here('waitsfor'), new RegExp(`^(Failed|Succeeded): .*${next}`))
    expect(await statuses('waitsfor')).toEqual(['succeeded', 'superseded', 'failed'])
    expect(stage.shown(failed)).toContain(`${rolling}, which it was to replace, was superseded`)
    expect(spec('waitsfor')).toContain('bin/other')
  }, 60_000)

  it('with approvals asks again there', async () => {
    await busy('asksfor')
    await params('asksfor', 'approvals=1')
    const next = await quickImport(stage.world, 'asksfor', '1.4.2')
    await stage.ask(stage.ana, `/convox releases promote ${next} --force -a asksfor`, /waiting for approval/)
    const asked = await cardOf(stage.world, here('asksfor'), new RegExp(`^Waiting for approval: .*${next}`))
    await changedByHand('asksfor')
    await stage.click(stage.dee, asked, 'Approve')
    await holds.release()
    await stage.lastWord(asked, /approvals cleared/)
    expect(await statuses('asksfor')).toEqual(['succeeded', 'superseded', 'awaiting_approval'])
    expect(spec('asksfor')).toContain('bin/other')
  }, 60_000)

  it('waits for what goes back already, and cancels nothing', async () => {
    const back = await runningApp(stage.world, { app: 'goesback', channel: here('goesback') })
    const crash = await quickImport(stage.world, 'goesback', 'crash')
    await holds.hold('after', 'goesback', 'rolling_back restore')
    await quickPromote(stage.world, 'goesback')
    await held('goesback')
    const next = await quickImport(stage.world, 'goesback', '1.4.2')
    expect(await stage.ask(stage.ana, `/convox releases promote ${next} --force -a goesback`, /Promoting/)).toContain(`Promoting ${next}... queued behind ${crash}`)
    await holds.release()
    const gone = await cardOf(stage.world, here('goesback'), new RegExp(`^Rolled back: goesback runs ${back} again`))
    await stage.lastWord(gone, new RegExp(`ERROR: rolled back to ${back}: (web|worker) crashed at start`))
    await cardOf(stage.world, here('goesback'), new RegExp(`^Succeeded: ${next}`))
    expect(await statuses('goesback')).toEqual(['succeeded', 'rolled_back', 'succeeded'])
    expect(await cancels('goesback')).toEqual([])
  }, 60_000)

  it('waits for what was proven in that moment, and cancels nothing', async () => {
    await runningApp(stage.world, { app: 'tidies', channel: here('tidies') })
    const proven = await quickImport(stage.world, 'tidies', '1.4.1')
    await holds.hold('at', 'tidies', 'rolling_out prune')
    await quickPromote(stage.world, 'tidies', proven)
    await held('tidies')
    const next = await quickImport(stage.world, 'tidies', '1.4.2')
    const asked = stage.ask(stage.ana, `/convox releases promote ${next} --force -a tidies`, /Promoting/)
    // It has found one that can be cancelled, and waits for the row, as the lease of that does.
    const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%"promotions"%' and query not like '%set "lease_until"%'`
    await stage.world.slack.until(async () => ((await stage.rows(waiting)).length > 0 ? true : undefined), 20_000)
    await holds.release()
    expect(await asked).toContain(`Promoting ${next}...`)
    await cardOf(stage.world, here('tidies'), new RegExp(`^Succeeded: ${next}`))
    expect(await statuses('tidies')).toEqual(['succeeded', 'succeeded', 'succeeded'])
    expect(await cancels('tidies')).toEqual([])
    expect(await stage.rows(`select 1 from promotions where app = 'tidies' and cancel_by is not null`)).toEqual([])
  }, 60_000)

  it('stops a release command, and what that had made is gone before its own begins', async () => {
    const back = await runningApp(stage.world, { app: 'migrates', channel: here('migrates') })
    const command = 'release:\n  service: web\n  command: bin/migrate\n'
    const migrating = await quickImport(stage.world, 'migrates', 'notready', `${shopManifest}${command}`)
    const first = await quickPromote(stage.world, 'migrates')
    const jobs = (): readonly string[] => stage.world.cluster.list('jobs.batch', 'convox-migrates').map(({ metadata }) => metadata.name)
    await stage.world.slack.until(() => (jobs().length === 1 ? true : undefined), 20_000)
    const seen: string[] = []
    const stop = stage.world.cluster.observe(({ resource, type, object }) => {
      if (resource === 'jobs.batch' && type !== 'MODIFIED') seen.push(`${type} ${object.metadata.name}`)
    })
    const next = await quickImport(stage.world, 'migrates', '1.4.2', `${shopManifest}${command}`)
    await stage.ask(stage.ana, `/convox releases promote ${next} --force -a migrates`, /queued behind/)
    const card = await cardOf(stage.world, here('migrates'), new RegExp(`^Rolled back: migrates runs ${back} again; ana cancelled ${migrating}`))
    await stage.lastWord(card, /ERROR: cancelled by/)
    await cardOf(stage.world, here('migrates'), new RegExp(`^Succeeded: ${next}`))
    stop()
    const second = String((await stage.newest('migrates'))['id'])
    expect(seen.slice(0, 2)).toEqual([`DELETED release-${first.toLowerCase()}`, `ADDED release-${second.toLowerCase()}`])
    expect(await statuses('migrates')).toEqual(['succeeded', 'rolled_back', 'succeeded'])
    expect(spec('migrates')).not.toContain(migrating)
  }, 60_000)

  it('stops a first release that rolls out, which fails, then rolls out itself', async () => {
    await quickApp(stage.world, { app: 'first', channel: here('first'), params: { stability: '60s' } })
    const rolling = await quickImport(stage.world, 'first', '1.4.0', shopManifest)
    await quickPromote(stage.world, 'first')
    await step('first', 'stability')
    await params('first', 'stability=1s')
    const next = await quickImport(stage.world, 'first', '1.4.1')
    await stage.ask(stage.ana, `/convox releases promote ${next} --force -a first`, /queued behind/)
    const failed = await cardOf(stage.world, here('first'), new RegExp(`^Failed: .*${rolling}`))
    await stage.lastWord(failed, /ERROR: cancelled by @ana; nothing is running/)
    await cardOf(stage.world, here('first'), new RegExp(`^Succeeded: ${next}`))
    expect(await statuses('first')).toEqual(['failed', 'succeeded'])
    expect(spec('first')).toContain(next)
    expect(stage.world.cluster.get('deployments.apps', 'convox-first', 'web')?.['spec']).toMatchObject({ replicas: 2 })
    expect(await cancels('first')).toEqual([{ actor: 'U0ANA', by: expect.stringMatching(/^P/) }])
  }, 60_000)

  it('waits for a first release that has failed and is being stopped, and cancels nothing', async () => {
    await quickApp(stage.world, { app: 'firstfailed', channel: here('firstfailed') })
    const crash = await quickImport(stage.world, 'firstfailed', 'crash', shopManifest)
    await holds.hold('after', 'firstfailed', 'rolling_out evidence')
    await quickPromote(stage.world, 'firstfailed')
    await held('firstfailed')
    const next = await quickImport(stage.world, 'firstfailed', '1.4.1')
    await stage.ask(stage.ana, `/convox releases promote ${next} --force -a firstfailed`, /queued behind/)
    await holds.release()
    const failed = await cardOf(stage.world, here('firstfailed'), new RegExp(`^Failed: .*${crash}`))
    await stage.lastWord(failed, /ERROR: first release failed: (web|worker) crashed at start/)
    await cardOf(stage.world, here('firstfailed'), new RegExp(`^Succeeded: ${next}`))
    expect(await statuses('firstfailed')).toEqual(['failed', 'succeeded'])
    expect(await cancels('firstfailed')).toEqual([])
  }, 60_000)
})
