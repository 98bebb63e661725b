import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fitting } from './every-scenario.ts'
import { playAll, type Played } from './play.ts'
import { startRecorder, type Recorder } from './record.ts'
import type { Stage } from './scene.ts'
import { simulatedStage } from './simulated-stage.ts'

/** test/cluster/corpus.test.ts plays the same on a real control plane. */
describe('the corpus on the simulated cluster', () => {
  let stage: Stage
  let recorder: Recorder
  let played: readonly Played[] = []

  beforeAll(async () => {
    stage = await simulatedStage()
    recorder = await startRecorder(stage.kube)
    played = await playAll(fitting('simulated'), stage, recorder)
  }, 180_000)
  afterAll(async () => {
    await recorder?.close()
    await stage?.close()
  })

  it.each(fitting('simulated'))('$class: $what ($name) ends $ends.status', ({ name }) => {
    expect(played.find(({ scenario }) => scenario.name === name)?.wrong).toEqual([])
  })

  it('met nothing unexpected', () => {
    expect(stage.installation.logged()).not.toContain('something unexpected')
  })
})
