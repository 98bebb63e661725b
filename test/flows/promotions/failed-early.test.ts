import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Failure } from '../../../sandbox/cluster/failure.ts'
import { importImage } from '../../../src/rack/import-image.ts'
import { recordedFacts } from '../../../src/rack/recorded-facts.ts'
import { replayText } from '../../../src/rack/recorder/replay.ts'
import { admin, cardOf, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const manifest = `services:
  api:
    build: .
    port: 5000
    health: {path: /health, interval: 1, grace: 1, timeout: 1}
    scale: {count: 2, cpu: 10, memory: 16}
  web:
    build: .
    port: 5000
    health: {path: /health, interval: 1, grace: 1, timeout: 1}
    scale: {count: 2, cpu: 10, memory: 16}
`
const shape = z.looseObject({ metadata: z.looseObject({ generation: z.number() }), spec: z.looseObject({ template: z.looseObject({ metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }) }) }) })
const named = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) })

describe('a service that fails while the cluster lets the next one wait', () => {
  let stage: Stage
  let busy = false
  let refused = 0

  beforeAll(async () => {
    stage = await startStage({
      cluster: {
        // A webhook of somebody else's that does not answer, for this one Deployment.
        refuse: (object) => {
          const { kind, metadata: { name } } = named.parse(object)
          if (!busy || kind !== 'Deployment' || name !== 'web') return undefined
          refused += 1
          throw new Failure(500, 'InternalError', 'Internal error occurred: failed calling webhook "images.example.com": context deadline exceeded')
        },
      },
    })
    await runningApp(stage.world, { app: 'shop', channel: stage.channel, manifest })
  })
  afterAll(() => stage.close())

  it('stops those that are not changed yet, and the app goes back whole', async () => {
    const deployment = (name: string) => shape.parse(stage.world.cluster.get('deployments.apps', 'convox-shop', name))
    const before = deployment('web').metadata.generation
    // From the first real write on, so that the rehearsal passes.
    let release = 'none yet'
    const over = stage.world.cluster.observe(() => {
      if (deployment('api').spec.template.metadata.labels['release'] === release) busy = true
    })
    release = (await importImage(stage.world.slipway().rack, admin, {
      app: 'shop', image: null, images: [['api', `${stage.world.shop}:crash`], ['web', `${stage.world.shop}:1.4.1`]], description: null, gitSha: null, message: null, base: null, manifest,
    })).release
    await quickPromote(stage.world, 'shop', release)
    await stage.world.slack.until(async () => ((await stage.newest())['status'] === 'rolling_back' ? true : undefined), 20_000)
    expect(refused).toBeGreaterThan(0)
    // The one that was not changed stands beside the one that failed.
    expect(await stage.newest()).toMatchObject({ progress: { services: [{ service: 'api', state: 'failed' }, { service: 'web', state: 'waiting', ready: 0, desired: 0 }] } })
    expect(deployment('web').metadata.generation).toBe(before)
    busy = false
    over()
    const card = await cardOf(stage.world, stage.channel, new RegExp(`^Rolled back: .*${release}`))
    expect(await stage.newest()).toMatchObject({ status: 'rolled_back', cause: { rule: 'crash-loop', service: 'api' } })
    expect(stage.shown(card)).toContain('Why api exits right after it starts')
    const facts = await stage.world.slack.until(async () =>
      (await recordedFacts(stage.world.slipway().rack, admin, { app: 'shop', promotion: String((await stage.newest())['id']) })).text ?? undefined)
    const { entries } = replayText(facts)
    expect(entries.filter((entry) => entry.kind === 'differs')).toEqual([])
    const changes = entries.filter((entry) => entry.kind === 'verdict')
    expect(changes[0]).toMatchObject({ direction: 'out', verdict: { kind: 'failed', causes: [{ rule: 'crash-loop', service: 'api' }] } })
    expect(changes.at(-1)).toMatchObject({ direction: 'back', verdict: { kind: 'complete' } })
    expect(deployment('web').spec.template.metadata.labels['release']).not.toBe(release)
  }, 60_000)
})
