import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDriftReport } from '../../../src/rack/report-drift.ts'
import { cardOf, channelFor, channelsOf, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const apps = ['edited', 'deleted', 'back', 'scaled', 'watched'] as const

describe('a change by somebody else while no promotion is on', () => {
  let stage: Stage
  const here = (app: string): string => channelFor(app).id
  const running = (app: string): Promise<string> => runningApp(stage.world, { app, channel: here(app) })
  const object = (app: string) => {
    const live = stage.world.cluster.get('deployments.apps', `convox-${app}`, 'web')
    if (live === undefined) throw new Error('no Deployment')
    return JSON.stringify(live)
  }
  const put = async (app: string, text: string): Promise<void> => {
    const changed: Parameters<typeof stage.world.cluster.put>[2] = JSON.parse(text)
    stage.world.cluster.put('deployments.apps', `convox-${app}`, changed)
    await stage.world.cluster.settled()
  }
  const told = (app: string) => stage.world.slack.messages(here(app)).filter((message) => message.text.startsWith('Changed: '))
  /** The report of two replicas at once, each without a memory. */
  const report = async (): Promise<void> => {
    const { rack } = stage.world.slipway()
    await Promise.all([createDriftReport(rack)(), createDriftReport(rack)()])
  }

  beforeAll(async () => {
    stage = await startStage({
      slack: { channels: channelsOf(apps) },
    })
  })
  afterAll(() => stage.close())

  it('is told once, in the thread of the active release and in the channel, by name', async () => {
    const release = await running('edited')
    const card = await cardOf(stage.world, here('edited'), /^Succeeded: /)
    await stage.lastWord(card, /\bOK\b/)
    await report()
    expect(told('edited')).toEqual([])
    await put('edited', object('edited').replaceAll('bin/web', 'bin/other'))
    await report()
    const message = await stage.world.slack.until(() => told('edited')[0])
    expect(message.text).toBe('Changed: kubectl-edit changed web of edited. Nothing was done about it.')
    expect(message).toMatchObject({ thread: card.ts, broadcast: true })
    expect(stage.shown(message)).toContain(`It no longer runs what ${release} says, and nothing was done about it.`)
    expect(stage.shown(message)).toContain(`/convox releases promote ${release} -a edited`)
    await report()
    expect(object('edited')).toContain('bin/other')
    expect(await stage.rows(`select count(*)::int as n from outbox where kind = 'announcement' and fact->>'service' = 'web'`)).toEqual([{ n: 1 }])
    expect(await stage.rows(`select actor, detail->>'manager' as manager from audit where app = 'edited' and action = 'app.drift'`)).toEqual([{ actor: 'system', manager: 'kubectl-edit' }])
  }, 60_000)

  it('is told without anybody asking for a report', async () => {
    await running('watched')
    await put('watched', object('watched').replaceAll('bin/web', 'bin/other'))
    const message = await stage.world.slack.until(() => told('watched')[0], 90_000)
    expect(message.text).toBe('Changed: kubectl-edit changed web of watched. Nothing was done about it.')
  }, 120_000)

  it('is told of a Deployment that was deleted', async () => {
    await running('deleted')
    stage.world.cluster.remove('deployments.apps', 'convox-deleted', 'web')
    await stage.world.cluster.settled()
    await stage.world.slack.until(async () => {
      await report()
      return told('deleted')[0]
    })
    expect(told('deleted').map(({ text }) => text)).toEqual(['Changed: somebody deleted web of deleted. Nothing was done about it.'])
  }, 60_000)

  it('is measured against what came back after a rollback', async () => {
    await running('back')
    await quickImport(stage.world, 'back', 'crash')
    await quickPromote(stage.world, 'back')
    const card = await cardOf(stage.world, here('back'), /^Rolled back: /)
    await stage.lastWord(card, /ERROR/)
    await report()
    expect(told('back')).toEqual([])
  }, 60_000)

  it('is not a change of the number of processes, nor anything while a promotion is on', async () => {
    await running('scaled')
    await put('scaled', object('scaled').replace('"replicas":2', '"replicas":3'))
    await report()
    await stage.ask(stage.bo, '/convox apps params set stability=60s -a scaled', /./s)
    await quickImport(stage.world, 'scaled', '1.4.1')
    await quickPromote(stage.world, 'scaled')
    await stage.world.slack.until(async () => ((await stage.newest('scaled'))['step'] === 'stability' ? true : undefined), 20_000)
    await put('scaled', object('scaled').replaceAll('bin/web', 'bin/other'))
    await report()
    await cardOf(stage.world, here('scaled'), /^Superseded: /)
    await report()
    expect(told('scaled')).toEqual([])
  }, 60_000)
})
