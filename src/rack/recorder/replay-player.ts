import { judge, judgeStability, type StabilityWindow, type Verdict } from '../rollout/judge.ts'
import type { RolloutFacts } from '../rollout/rollout-facts.ts'
import { saidOf, verdictKey } from './diff-facts.ts'
import type { SaidVerdict } from './lines.ts'

/** A verdict of the replay that says something new. `window`: within the stability window. */
export interface Change {
  readonly kind: 'verdict'
  readonly at: Date
  readonly direction: 'out' | 'back'
  readonly window: boolean
  readonly verdict: Verdict
}

/** What a replay tells, in its order: new verdicts, what else the recording says, and where it says another verdict than the judge does now. */
export type Entry =
  | Change
  | { readonly kind: 'remark'; readonly at: Date; readonly text: string }
  | { readonly kind: 'differs'; readonly at: Date; readonly recorded: SaidVerdict }

/** What is judged: the facts, and the stability window while it is on. */
export interface Scene { readonly facts: RolloutFacts; readonly window?: StabilityWindow }

/** Called with each set of facts that was judged. */
export type Seen = (facts: RolloutFacts, now: Date, verdict: Verdict) => void

/** The very judge, under a clock that the recording drives. */
export interface Player {
  /** Judges at `at`; null when nothing is known then. */
  look(at: Date): Verdict | null
  /** Judges again whenever a verdict asked to be looked at again, before `until`. */
  runTo(until: Date): void
}

/** `sceneAt` says what there is to judge, `tell` hears of every verdict that says something new, `seen` of every look. */
export const createPlayer = (sceneAt: (at: Date) => Scene | null, tell: (change: Change) => void, seen?: Seen): Player => {
  let nextLook: Date | null = null
  let last = ''
  const look = (at: Date): Verdict | null => {
    const scene = sceneAt(at)
    nextLook = null
    if (scene === null) return null
    const { facts, window } = scene
    const verdict = window === undefined ? judge(facts, at) : judgeStability(facts, window, at)
    nextLook = verdict.nextLookAt
    seen?.(facts, at, verdict)
    const key = `${facts.direction} ${verdictKey(saidOf(verdict))}`
    if (key !== last) tell({ kind: 'verdict', at, direction: facts.direction, window: window !== undefined, verdict })
    last = key
    return verdict
  }
  return {
    look,
    runTo: (until) => {
      for (let at = nextLook; at !== null && at < until; at = nextLook) look(at)
    },
  }
}
