import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canRunContainers } from './machine.ts'
import { failingPlays } from './plays/failing.ts'
import { furnishedPlays } from './plays/furnished.ts'
import { migratingPlays } from './plays/migrating.ts'
import { servingPlays } from './plays/serving.ts'
import { unbrokenPlays } from './plays/unbroken.ts'
import { openStage, type Stage } from './stage.ts'
import { openTenant } from './tenant.ts'

describe.skipIf(!canRunContainers())('on a node that runs real containers', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage?.close())

  it.concurrent.for([...unbrokenPlays, ...failingPlays, ...migratingPlays, ...furnishedPlays, ...servingPlays])('$title', async ({ app, act }) => {
    await act(await openTenant(stage, app), stage)
    expect(stage.world.logged()).not.toContain('something unexpected')
  })
})
