import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cardOf, channelFor, channelsOf, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const app = 'mute'

describe('logs that are asked for and never answered, not even with an error', () => {
  let stage: Stage
  let asked = 0

  beforeAll(async () => {
    stage = await startStage({ slack: { channels: channelsOf([app]) } })
    const held = (): Promise<never> => {
      asked += 1
      return new Promise<never>(() => undefined)
    }
    Object.defineProperty(stage.world.slipway().rack, 'readLog', { value: held })
  })
  afterAll(() => stage.close())

  it('keep no rollback from its end, and the notice says that they could not be read', async () => {
    const back = await runningApp(stage.world, { app, channel: channelFor(app).id })
    const release = await quickImport(stage.world, app, 'crash')
    await quickPromote(stage.world, app, release)
    const card = await cardOf(stage.world, channelFor(app).id, /^Rolled back: /)
    const notice = await stage.lastWord(card, new RegExp(`ERROR: rolled back to ${back}`))
    expect(asked).toBeGreaterThan(0)
    expect(stage.shown(notice)).toContain('No log: the cluster did not answer in time.')
  }, 60_000)
})
