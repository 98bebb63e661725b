import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Failure } from '../../../sandbox/cluster/failure.ts'
import { cardOf, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const named = z.looseObject({ kind: z.string() })
const message = 'Internal error occurred: failed calling webhook "images.example.com": context deadline exceeded'

describe('a webhook of somebody else\'s that is down', () => {
  let stage: Stage
  let down = false

  beforeAll(async () => {
    stage = await startStage({
      cluster: {
        refuse: (object) => {
          if (!down || named.parse(object).kind !== 'Deployment') return undefined
          throw new Failure(500, 'InternalError', message)
        },
      },
    })
    await runningApp(stage.world, { app: 'shop', channel: stage.channel })
  })
  afterAll(() => stage.close())

  it('is named on the card, and ends the promotion before anything has changed', async () => {
    const release = await quickImport(stage.world, 'shop', '1.4.1')
    down = true
    await quickPromote(stage.world, 'shop', release, 30)
    const held = await stage.world.slack.until(() => stage.world.slack.messages(stage.channel).find((card) => stage.shown(card).includes('does not answer. It is tried again.')), 40_000)
    expect(stage.shown(held)).toMatch(/^⚠️ Warning: the cluster has refused a write since .*: the webhook images\.example\.com does not answer\. It is tried again\.$/m)
    const card = await cardOf(stage.world, stage.channel, new RegExp(`^Failed: .*${release}`))
    expect(stage.shown(card)).not.toContain('It is tried again')
    expect(await stage.newest()).toMatchObject({ status: 'failed', cause: { kind: 'refused', message: expect.stringContaining(message) } })
    // The next one finds the app free.
    down = false
    await quickPromote(stage.world, 'shop', release)
    await cardOf(stage.world, stage.channel, new RegExp(`^Succeeded: .*${release}`))
  }, 120_000)
})
