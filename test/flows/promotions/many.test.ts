import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { channelFor, channelsOf, quickApp, quickImport, quickPromote } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const apps = Array.from({ length: 200 }, (_, index) => `app-${index}`)
/** Pods of this one come and go all the time, by somebody's hand. */
const restless = 'app-0'
/** Every fourth one crashes. */
const crashes = (app: string): boolean => Number(app.slice(4)) % 4 === 3

/** So small that the simulated node has room for all of them. */
const manifest = `services:
  web:
    build: .
    port: 5000
    health:
      path: /
      interval: 1
    scale:
      cpu: 100
      memory: 64
`

describe('two hundred promotions at once', () => {
  let stage: Stage

  beforeAll(async () => {
    stage = await startStage({ slack: { channels: channelsOf(apps) } })
    const left = [...apps]
    await Promise.all(Array.from({ length: 8 }, async () => {
      for (let app = left.shift(); app !== undefined; app = left.shift()) {
        await quickApp(stage.world, { app, channel: channelFor(app).id, params: { stability: '8s' } })
        await quickImport(stage.world, app, crashes(app) ? 'crash' : '1.4.1', manifest)
      }
    }))
  }, 180_000)
  afterAll(() => stage.close())

  it('judges each by what its own pods do and within its deadline, whatever the pods of one of them do', async () => {
    const { world } = stage
    const space = `convox-${restless}`
    const hand = setInterval(() => {
      for (const pod of world.cluster.list('pods', space)) world.cluster.remove('pods', space, pod.metadata.name)
    }, 100)
    try {
      await Promise.all(apps.map((app) => quickPromote(world, app, null, app === restless ? 3_600 : 100)))
      const rows = await world.slack.until(async () => {
        const ended = await stage.rows(`select app, status, cause->>'kind' as cause from promotions where finished_at is not null and app <> '${restless}'`)
        return ended.length === apps.length - 1 ? ended : undefined
      }, 110_000)
      for (const { app, status, cause } of rows) {
        expect({ app, status, cause }).toEqual(crashes(String(app)) ? { app, status: 'failed', cause: 'crashed_at_start' } : { app, status: 'succeeded', cause: null })
      }
      expect(await stage.rows('select app, epoch from promotions where epoch > 1')).toEqual([])
      expect(await stage.newest(restless)).toMatchObject({ status: 'rolling_out' })
    } finally {
      clearInterval(hand)
    }
  }, 120_000)
})
