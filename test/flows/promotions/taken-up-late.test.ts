import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shopManifest } from '../../support/world.ts'
import { channelFor, channelsOf, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const apps = ['half-applied', 'late-command'] as const

describe('a promotion that is taken up long after its process died', () => {
  let stage: Stage
  const rowOf = async (id: string) => (await stage.rows(`select * from promotions where id = '${id}'`))[0] ?? {}
  const at = (id: string, step: string) => stage.world.slack.until(async () => ((await rowOf(id))['step'] === step ? true : undefined), 40_000)
  const end = (id: string) => stage.world.slack.until(async () => ((await rowOf(id))['finished_at'] === null ? undefined : rowOf(id)), 60_000)
  const running = (app: string): Promise<string> => runningApp(stage.world, { app, channel: channelFor(app).id })

  beforeAll(async () => {
    stage = await startStage({
      slack: { channels: channelsOf(apps) },
    })
  })
  afterAll(() => stage.close())

  it('goes back when what it had begun to apply is refused by then, and a release command is not blamed for the time in which nobody could start it', async () => {
    const { world } = stage
    const back = await running('half-applied')
    await running('late-command')
    const half = await quickPromote(world, 'half-applied', await quickImport(world, 'half-applied', 'notready', shopManifest.replace(/port: 5000/, 'port: 5000\n    health: /check')))
    await at(half, 'services')
    await quickImport(world, 'late-command', 'badimage', `${shopManifest}release:\n  service: web\n  command: bin/migrate\n  deadline: 120\n`)
    const late = await quickPromote(world, 'late-command')
    await at(late, 'release_job')
    await world.stop()
    expect([(await rowOf(half))['finished_at'], (await rowOf(late))['finished_at']]).toEqual([null, null])
    await stage.rows(`update promotions set step = 'apply' where id = '${half}' and status = 'rolling_out'`)
    await stage.rows(`update builds set manifest = 'services: 7' where id = (select build_id from releases join promotions on promotions.release_id = releases.id where promotions.id = '${half}')`)
    await stage.rows(`update promotions set state = jsonb_set(state #- '{command,made}', '{command,until}', '"2020-01-01T00:00:00.000Z"') where id = '${late}'`)
    await world.start()
    expect(await end(half)).toMatchObject({ status: 'rolled_back', cause: { kind: 'not_possible' } })
    expect(JSON.stringify(world.cluster.get('deployments.apps', 'convox-half-applied', 'web')?.['spec'])).toContain(back)
    expect(await end(late)).toMatchObject({ status: 'failed', cause: { kind: 'image_not_found' } })
    expect(world.cluster.list('jobs.batch', 'convox-late-command')).toEqual([])
  }, 120_000)
})
