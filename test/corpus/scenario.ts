import type { CauseKind } from '../../src/rack/cause.ts'
import type { PromotionStatus } from '../../src/db/words.ts'
import type { Scene } from './scene.ts'

export const stages = ['simulated', 'real'] as const
export type StageKind = (typeof stages)[number]

/** Of every app, unless its scenario says otherwise: nobody approves, and the stability window is short. */
export const corpusParams = { approvals: '0', stability: '1s', deadline: '10m' } as const

/** How a promotion has to end. */
export interface Ending {
  readonly status: PromotionStatus
  /** Rule and kind of the deciding cause; absent: it has none. */
  readonly rule?: string
  readonly kind?: CauseKind
  readonly service?: string
  /** The cause names a pod of the new release. Default: true where there is a rule, as nearly every rule is about a pod. */
  readonly pod?: boolean
}

/** One row of the corpus: an app whose second promotion fails for a good reason, or meets something that is none. */
export interface CorpusScenario {
  /** Also the app's name. */
  readonly name: string
  readonly what: string
  readonly class: 'failing' | 'benign'
  /** convox.yml of both releases. Default: two processes of `web` with a port. */
  readonly manifest?: string
  /** convox.yml of the second release, where it differs. */
  readonly manifestAfter?: string
  /** Tags of the first release by service. Default: 1.4.0 everywhere. */
  readonly before?: Readonly<Record<string, string>>
  /** Tags of the second release by service. */
  readonly after: Readonly<Record<string, string>>
  /** Params over `corpusParams`. */
  readonly params?: Readonly<Record<string, string>>
  /** Where it can be played. Default: on both. */
  readonly on?: readonly StageKind[]
  /** It disturbs the whole cluster or Slipway itself, so that nothing else may be going on. */
  readonly alone?: true
  /** Before the second promotion. */
  readonly prepare?: (scene: Scene) => Promise<void>
  /** While the second promotion rolls out. */
  readonly meanwhile?: (scene: Scene) => Promise<void>
  /** After its end. */
  readonly tidy?: (scene: Scene) => Promise<void>
  readonly ends: Ending
}
