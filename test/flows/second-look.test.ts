import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setAppParams } from '../../src/rack/app-params.ts'
import { shopManifest } from '../support/world.ts'
import { admin, cardOf, channelFor, channelsOf, quickApp, quickImport, quickPromote, runningApp } from './promotions/quick-app.ts'
import { startStage, type Stage } from './promotions/stage.ts'

const apps = ['diff', 'stays', 'asked', 'late'] as const

const wantsNone = (object: Readonly<Record<string, unknown>>): boolean => {
  const { spec } = object
  return typeof spec === 'object' && spec !== null && 'replicas' in spec && spec.replicas === 0
}

describe('a promotion that nobody may be misled about', () => {
  let stage: Stage
  const here = (app: string): string => channelFor(app).id

  beforeAll(async () => {
    stage = await startStage({
      slack: {
        channels: channelsOf(apps),
      },
      cluster: {
        refuse: (object) =>
          JSON.stringify(object['metadata']).includes('convox-stays') && wantsNone(object)
            ? 'admission webhook "floor.example.com" denied the request: at least one process' : undefined,
      },
    })
  })
  afterAll(() => stage.close())

  it('shows what would change against the release that is active when the votes became void', async () => {
    await runningApp(stage.world, { app: 'diff', channel: here('diff') })
    await setAppParams(stage.world.slipway().rack, admin, { app: 'diff', params: [['approvals', '1']] })
    const asked = await quickImport(stage.world, 'diff', '1.4.2')
    await quickPromote(stage.world, 'diff', asked)
    const card = await cardOf(stage.world, here('diff'), new RegExp(`${asked} `))
    expect(stage.shown(card)).toMatch(/1\.4\.0.*1\.4\.2/)
    await setAppParams(stage.world.slipway().rack, admin, { app: 'diff', params: [['approvals', '0']] })
    const between = await quickImport(stage.world, 'diff', '1.4.1')
    await quickPromote(stage.world, 'diff', between)
    await cardOf(stage.world, here('diff'), new RegExp(`^Succeeded: ${between} `))
    await stage.click(stage.bo, card, 'Approve')
    await stage.world.slack.until(() => (/1\.4\.1.*1\.4\.2/.test(stage.shown(card)) ? true : undefined))
    expect(stage.shown(card)).toContain('approvals were cleared')
    expect(stage.shown(card)).not.toContain('1.4.0')
    const [{ voted } = {}] = await stage.rows("select count(*)::int as voted from approvals join promotions on promotions.id = promotion_id where app = 'diff'")
    expect(voted).toBe(0)
  })

  it('ends and says what may still run when the cluster refuses to stop a failed first release', async () => {
    await quickApp(stage.world, { app: 'stays', channel: here('stays') })
    const release = await quickImport(stage.world, 'stays', 'crash', shopManifest)
    await quickPromote(stage.world, 'stays', release)
    const card = await cardOf(stage.world, here('stays'), /^Failed: first release /)
    expect(card.text).toContain('Part of it may still be running.')
    const notice = await stage.lastWord(card, /ERROR: first release failed: .*; not all of it could be scaled to 0/)
    expect(stage.shown(notice)).not.toContain('scaled to 0 and kept')
    expect(stage.shown(card)).toContain('could not scale')
    expect(stage.shown(card)).toContain('at least one process')
    expect(await stage.newest('stays')).toMatchObject({ status: 'failed', step: 'scale_down' })
  })

  it('does not delete an app under a request that waits: its card would wait for ever', async () => {
    await quickApp(stage.world, { app: 'asked', channel: here('asked'), params: { approvals: '1' } })
    const release = await quickImport(stage.world, 'asked', '1.4.0', shopManifest)
    const promotion = await quickPromote(stage.world, 'asked', release)
    const card = await cardOf(stage.world, here('asked'), new RegExp(`${release} `))
    expect(await stage.ask(stage.bo, '/convox apps delete asked --confirm asked', /request/))
      .toContain(`asked has an open request: ${release}. Cancel it on its card first: /convox promotions info ${promotion}`)
    await stage.ana.click(card, 'Cancel request')
    await cardOf(stage.world, here('asked'), /^Cancelled: /)
    expect(await stage.ask(stage.bo, '/convox apps delete asked --confirm asked', /OK/)).toContain('Deleting asked... OK')
    const word = await stage.lastWord(card, /ERROR: cancelled by/, 40_000)
    await stage.world.slack.until(() => stage.buttons(word).length === 0, 90_000)
    expect(stage.shown(word)).toContain('ERROR: cancelled by')
  }, 240_000)

  it('says the end of a promotion also when Slack takes it only after its app was deleted, and leaves no button', async () => {
    await quickApp(stage.world, { app: 'late', channel: here('late'), params: { approvals: '1' } })
    const release = await quickImport(stage.world, 'late', '1.4.0', shopManifest)
    await quickPromote(stage.world, 'late', release)
    const card = await cardOf(stage.world, here('late'), new RegExp(`${release} `))
    const goOn = stage.world.slack.misbehave(({ method, args }) =>
      (args['channel'] === here('late') && ['chat.update', 'chat.postMessage'].includes(method) ? { status: 429, retryAfter: 1 } : undefined))
    await stage.ana.click(card, 'Cancel request')
    await stage.world.slack.until(async () => (await stage.newest('late'))['status'] === 'cancelled')
    expect(await stage.ask(stage.bo, '/convox apps delete late --confirm late', /OK/)).toContain('Deleting late... OK')
    expect(stage.shown(card)).toContain('Waiting for approval')
    goOn()
    await cardOf(stage.world, here('late'), /^Cancelled: /, 90_000)
    const word = await stage.lastWord(card, /ERROR: cancelled by/, 40_000)
    expect(stage.buttons(card)).toEqual([])
    await stage.world.slack.until(() => stage.buttons(word).length === 0, 90_000)
    // Whoever looks after deletions does so twice a minute.
    await stage.world.slack.until(async () => (await stage.rows("select name from apps where name = 'late'")).length === 0, 90_000)
  }, 240_000)
})
