import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shopManifest } from '../../support/world.ts'
import { cardOf, channelFor, channelsOf, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const apps = ['timed', 'untimed'] as const
const timer = (name: string): string => `${shopManifest}timers:\n  ${name}:\n    schedule: "0 3 * * *"\n    command: bin/${name}\n    service: web\n`

describe('the timers of a release', () => {
  let stage: Stage
  const here = (app: string): string => channelFor(app).id
  const timers = (app: string) => stage.world.cluster.list('cronjobs.batch', `convox-${app}`).map((each) => [each.metadata.name, /"suspend":(\w+)/.exec(JSON.stringify(each['spec']))?.[1]].join(' '))
  const step = (app: string, name: string) => stage.world.slack.until(async () => ((await stage.newest(app))['step'] === name ? true : undefined), 20_000)

  beforeAll(async () => {
    stage = await startStage({
      slack: { channels: channelsOf(apps) },
    })
  })
  afterAll(() => stage.close())

  it('are suspended while it rolls out and run once it is proven; those it lacks are removed', async () => {
    await runningApp(stage.world, { app: 'timed', channel: here('timed'), manifest: timer('clean') })
    expect(timers('timed')).toEqual(['timer-clean false'])
    await stage.ask(stage.bo, '/convox apps params set stability=3s -a timed', /./s)
    const release = await quickImport(stage.world, 'timed', '1.4.1', timer('sweep'))
    await quickPromote(stage.world, 'timed')
    await step('timed', 'stability')
    expect(timers('timed').toSorted()).toEqual(['timer-clean true', 'timer-sweep true'])
    await cardOf(stage.world, here('timed'), new RegExp(`^Succeeded: ${release}`))
    expect(timers('timed')).toEqual(['timer-sweep false'])
  }, 60_000)

  it('of the release before run again after a rollback', async () => {
    const back = await runningApp(stage.world, { app: 'untimed', channel: here('untimed'), manifest: timer('clean') })
    await quickImport(stage.world, 'untimed', 'crash', timer('sweep'))
    await quickPromote(stage.world, 'untimed')
    const card = await cardOf(stage.world, here('untimed'), /^Rolled back: /)
    await stage.lastWord(card, new RegExp(`ERROR: rolled back to ${back}`))
    expect(timers('untimed')).toEqual(['timer-clean false'])
  }, 60_000)
})
