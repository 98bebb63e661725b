import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cardOf, channelFor, channelsOf, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const apps = ['forced', 'asks', 'lost', 'proven', 'waitsfor', 'stricter'] as const

describe('releases promote --force', () => {
  let stage: Stage
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
  })
  afterAll(() => stage.close())

  it('cancels what rolls out, waits until that is rolled back, then rolls out itself', async () => {
    const { back, rolling } = await busy('forced')
    const next = await quickImport(stage.world, 'forced', '1.4.2')
    expect(await stage.ask(stage.ana, `/convox releases promote ${next} -a forced`, /updating/)).toContain(`app is currently updating: ${rolling}`)
    expect(await stage.ask(stage.ana, `/convox releases promote ${next} --force -a forced`, /Promoting/)).toContain(`Promoting ${next}... queued behind ${rolling}`)
    const cancelled = await cardOf(stage.world, here('forced'), new RegExp(`^Rolled back: forced runs ${back} again; ana cancelled ${rolling}`))
    const done = await cardOf(stage.world, here('forced'), new RegExp(`^Succeeded: ${next}`))
    await stage.lastWord(done, /OK/)
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

  it('without approvals ends and says why where somebody else got in between', async () => {
    const { rolling } = await busy('waitsfor')
    const next = await quickImport(stage.world, 'waitsfor', '1.4.2')
    const live = stage.world.cluster.get('deployments.apps', 'convox-waitsfor', 'web')
    if (live === undefined) throw new Error('no Deployment')
    const changed: Parameters<typeof stage.world.cluster.put>[2] = JSON.parse(JSON.stringify(live).replaceAll('bin/web', 'bin/other'))
    stage.world.cluster.pause()
    await stage.ask(stage.ana, `/convox releases promote ${next} --force -a waitsfor`, /queued behind/)
    stage.world.cluster.put('deployments.apps', 'convox-waitsfor', changed)
    stage.world.cluster.resume()
    const failed = await cardOf(stage.world, here('waitsfor'), new RegExp(`^(Failed|Succeeded): .*${next}`))
    const ends = await statuses('waitsfor')
    // Whichever was noticed first: the change by hand (then nobody went back), or the cancel (then the way back took it over).
    expect([['succeeded', 'superseded', 'failed'], ['succeeded', 'rolled_back', 'succeeded']]).toContainEqual(ends)
    if (ends.includes('failed')) expect(stage.shown(failed)).toContain(`${rolling}, which it was to replace, was superseded`)
  }, 60_000)
})
