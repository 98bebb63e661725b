import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answers, questions } from './agreement/answers.ts'
import { differences } from './agreement/compare.ts'
import { film, openNamespace, until } from './agreement/film.ts'
import { rollouts } from './agreement/rollouts.ts'
import type { Scene } from './agreement/scene.ts'
import { realSide, simulatedSide, type Side } from './agreement/side.ts'
import { tell, type Telling } from './agreement/telling.ts'
import { workloads } from './agreement/workloads.ts'
import { canRunControlPlane } from './control-plane/available.ts'

const scenes: readonly Scene[] = [...rollouts, ...workloads]

/** A scene is over when nothing has been heard of it for so many ms. */
const quiet = 2_000

/** Plays every scene at once, each in a namespace of its own, and tells what was seen. */
const played = async (side: Side): Promise<ReadonlyMap<string, Telling>> => {
  const seen = film(side.api)
  const tellings = await Promise.all(
    scenes.map(async ({ name, play }): Promise<[string, Telling]> => {
      const namespace = `scene-${name}`
      await openNamespace(side.api, namespace)
      await play({ api: side.api, namespace, seen: () => seen.in(namespace) })
      await until(`${namespace} to be quiet`, () => performance.now() - (seen.in(namespace).at(-1)?.at ?? 0) > quiet)
      return [name, tell(seen.in(namespace), namespace)]
    }),
  )
  await seen.end()
  return new Map(tellings)
}

describe.skipIf(!canRunControlPlane())('the simulated cluster beside a real control plane', () => {
  const sides: Side[] = []
  let real: ReadonlyMap<string, Telling>
  let simulated: ReadonlyMap<string, Telling>
  const answered: unknown[][] = []

  beforeAll(async () => {
    const open = async (side: Promise<Side>): Promise<Side> => {
      sides.push(await side)
      return side
    }
    // One after the other: they share this process and its processors.
    real = await played(await open(realSide()))
    simulated = await played(await open(simulatedSide()))
    for (const { api } of sides) {
      await openNamespace(api, 'questions')
      answered.push(await answers(api, 'questions'))
    }
  })
  afterAll(async () => {
    for (const side of sides) await side.close()
  })

  it.each(scenes.map(({ name }) => name))('tells the same of %s', (name) => {
    const [theirs, ours] = [real.get(name) ?? {}, simulated.get(name) ?? {}]
    expect(theirs).not.toEqual({})
    expect(differences(theirs, ours)).toEqual([])
  })

  it.each(questions.map(([, plural, spec], index) => ({ index, plural, spec: JSON.stringify(spec).slice(0, 100) })))('makes the same of $plural $index: $spec', ({ index }) => {
    const [theirs, ours] = answered
    expect(ours?.[index]).toEqual(theirs?.[index])
  })
})
