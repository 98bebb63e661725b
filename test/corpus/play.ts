import { setTimeout as pause } from 'node:timers/promises'
import { isMoving } from '../../src/rack/promotion.ts'
import type { PromotionView } from '../../src/rack/promotion-view.ts'
import { wrongsOf } from './check.ts'
import { web } from './manifests.ts'
import type { Recorder } from './record.ts'
import type { Taken } from './recording-text.ts'
import { corpusParams, type CorpusScenario } from './scenario.ts'
import { caller, operationsOf, until, type Scene, type Stage } from './scene.ts'

/** How one scenario went. */
export interface Played {
  readonly scenario: CorpusScenario
  /** What differs from what has to be; empty when all is right. */
  readonly wrong: readonly string[]
  /** From the promotion's start to its verdict: the failure, or the success. Absent when it did not come so far. */
  readonly secondsToVerdict?: number
  /** What the cluster told of its namespace from the second promotion on. Absent when it did not come so far. */
  readonly taken?: Taken
}

/** Seconds; long enough for what waits a minute and goes back. */
const within = 110

const importRelease = async (scene: Scene, tags: Readonly<Record<string, string>>, manifest: string): Promise<string> => {
  const services = [...manifest.matchAll(/^ {2}([a-z]\w*):$/gm)].map(([, name = '']) => name)
  const { release } = await scene.operations().importImage(caller, {
    app: scene.app, image: null, images: services.map((service) => [service, `${scene.shop}:${tags[service] ?? '1.4.0'}`]),
    description: null, gitSha: null, message: null, base: null, manifest,
  })
  return release
}

const promote = (scene: Scene, release: string): Promise<PromotionView> =>
  scene.operations().promote(caller, { app: scene.app, release, deadlineSeconds: null, confirmed: [] })

const ended = (scene: Scene, promotion: string, seconds: number): Promise<PromotionView> =>
  until(`the end of ${scene.app}`, async () => {
    const view = await scene.operations().promotionInfo(caller, { promotion })
    return isMoving(view.status) || view.status === 'queued' ? undefined : view
  }, seconds)

const secondsBetween = (from: Date | null, to: Date | null): number | undefined => (from === null || to === null ? undefined : (to.getTime() - from.getTime()) / 1000)

const troubleOf = (error: unknown): string[] => [error instanceof Error ? `${error.name}: ${error.message}` : String(error)]

/** Makes the app and its first release, and answers how to go on. Throws what kept it from being there. */
const begin = async (scenario: CorpusScenario, stage: Stage, recorder: Recorder): Promise<() => Promise<Played>> => {
  const { name: app, manifest = web(), manifestAfter = manifest } = scenario
  const operations = () => operationsOf(stage)
  const { namespace } = await operations().createApp(caller, { app, channel: null })
  await operations().setAppParams(caller, { app, params: Object.entries({ ...corpusParams, ...scenario.params }) })
  let second = ''
  const scene: Scene = { stage, app, namespace, shop: stage.installation.shop, operations, promotion: () => operations().promotionInfo(caller, { promotion: second }) }
  const good = await importRelease(scene, scenario.before ?? {}, manifest)
  const first = await ended(scene, (await promote(scene, good)).id, 90)
  if (first.status !== 'succeeded') throw new Error(`its first release ended ${first.status}: ${JSON.stringify(first.cause)}`)
  return async () => {
    await scenario.prepare?.(scene)
    const next = await importRelease(scene, scenario.after, manifestAfter)
    recorder.begin(namespace)
    second = (await promote(scene, next)).id
    await scenario.meanwhile?.(scene)
    const view = await ended(scene, second, within)
    // Slipway has a connection of its own: what it saw last may still be on its way here.
    await pause(750)
    const recording = recorder.end(namespace)
    await scenario.tidy?.(scene)
    const secondsToVerdict = secondsBetween(view.startedAt, view.failedAt ?? view.finishedAt)
    const wrong = await wrongsOf(scenario, scene, { good, next, view, recording })
    const taken = view.startedAt === null ? undefined : { frames: recording, good, next, startedAt: view.startedAt.getTime(), failedAt: view.failedAt?.getTime() ?? null }
    return { scenario, wrong, ...(taken === undefined ? {} : { taken }), ...(secondsToVerdict === undefined ? {} : { secondsToVerdict }) }
  }
}

/** Plays these: first all at once, then those that need the stage for themselves, one after the other. Tells each as soon as it is over. */
export const playAll = async (scenarios: readonly CorpusScenario[], stage: Stage, recorder: Recorder, tell: (played: Played) => void = () => {}): Promise<Played[]> => {
  const attempt = async (scenario: CorpusScenario, go: () => Promise<Played>): Promise<Played> => {
    const played = await go().catch((error: unknown): Played => ({ scenario, wrong: troubleOf(error) }))
    tell(played)
    return played
  }
  const begun = new Map(scenarios.map((scenario) => [scenario, begin(scenario, stage, recorder)]))
  const goOn = async (scenario: CorpusScenario): Promise<Played> => {
    const go = await begun.get(scenario)
    return go === undefined ? { scenario, wrong: ['it was not begun'] } : go()
  }
  // Looked at when their turn comes.
  for (const each of begun.values()) each.catch(() => undefined)
  const played = await Promise.all(scenarios.filter(({ alone }) => alone !== true).map((scenario) => attempt(scenario, () => goOn(scenario))))
  for (const scenario of scenarios.filter(({ alone }) => alone === true)) played.push(await attempt(scenario, () => goOn(scenario)))
  return played
}
