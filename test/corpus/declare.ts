import { afterAll, beforeAll, expect, it } from 'vitest'
import { fitting } from './every-scenario.ts'
import { playAll, type Played } from './play.ts'
import { startRecorder, type Recorder } from './record.ts'
import type { StageKind } from './scenario.ts'
import type { Stage } from './scene.ts'
import { stageOf } from './stage.ts'

/** Declares one test per scenario of that stage; all of them are played at once, before the first test. */
export const declareCorpus = (kind: StageKind): void => {
  let stage: Stage | undefined
  let recorder: Recorder | undefined
  let played: readonly Played[] = []

  beforeAll(async () => {
    stage = await stageOf(kind)
    recorder = await startRecorder(stage.kube)
    played = await playAll(fitting(kind), stage, recorder)
  }, 400_000)
  afterAll(async () => {
    await recorder?.close()
    await stage?.close()
  })

  it.each(fitting(kind))('$class: $what ($name) ends $ends.status', ({ name }) => {
    expect(played.find(({ scenario }) => scenario.name === name)?.wrong).toEqual([])
  })

  it('meets nothing unexpected', () => {
    expect(stage?.installation.logged()).not.toContain('something unexpected')
  })
}
