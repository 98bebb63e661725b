import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeLateWrites } from '../../../src/rack/rollout/late-writes.ts'
import { shopManifest } from '../../support/world.ts'
import { cardOf, channelFor, channelsOf, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const app = 'late'

describe('what a former owner made after the rollback was over', () => {
  let stage: Stage
  const deployment = (name: string) => stage.world.cluster.get('deployments.apps', `convox-${app}`, name)

  beforeAll(async () => {
    stage = await startStage({
      slack: { channels: channelsOf([app]) },
    })
  })
  afterAll(() => stage.close())

  it('is removed, and nothing else is', async () => {
    await runningApp(stage.world, { app, channel: channelFor(app).id })
    await quickImport(stage.world, app, 'crash', `${shopManifest}  extra:\n    build: .\n    command: bin/extra\n`)
    const promotion = await quickPromote(stage.world, app)
    const made = await stage.world.slack.until(() => deployment('extra'), 20_000)
    const { rack } = stage.world.slipway()
    expect(await removeLateWrites(rack, promotion)).toBe(false)
    await cardOf(stage.world, channelFor(app).id, /^Rolled back: /)
    expect(deployment('extra')).toBeUndefined()

    const { uid: _uid, resourceVersion: _version, ...metadata } = made.metadata
    const again = { ...made, metadata, status: undefined }
    stage.world.cluster.put('deployments.apps', `convox-${app}`, again, { manager: 'slipway' })
    const mine = { ...again, metadata: { ...metadata, name: 'somebodys', labels: { app: 'other' } } }
    stage.world.cluster.put('deployments.apps', `convox-${app}`, mine)
    const web = deployment('web')?.metadata.uid
    expect(await removeLateWrites(rack, promotion)).toBe(true)
    await stage.world.cluster.settled()
    expect([deployment('extra'), deployment('web')?.metadata.uid, deployment('somebodys')?.metadata.name]).toEqual([undefined, web, 'somebodys'])
  }, 60_000)
})
