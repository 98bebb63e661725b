import { happenings, type ChaosPlace } from './acts.ts'
import { troubledCalls } from './calls.ts'
import { troubledEnvelopes } from './envelopes.ts'
import { randomOf } from './random.ts'
import type { ChaosScript } from './script.ts'

/** A script being played. */
export interface Chaos {
  /** What happened so far, in its order: for the report of a failed run. */
  readonly occurred: () => readonly string[]
  /** Nothing more goes wrong. What cannot be undone (an archived channel) stays. */
  readonly stop: () => void
}

/** Plays a script on a running workspace from now on. */
export const unleash = (script: ChaosScript, place: ChaosPlace): Chaos => {
  const occurred: string[] = []
  const note = (what: string): void => void occurred.push(what)
  const calls = troubledCalls(script.calls, randomOf(script.seed + 1), note)
  const acts = happenings(script.acts, place, note)
  const stop = place.slack.misbehave((call) => {
    const met = acts(call)
    // A refusal is one also when its answer is lost: what must not be edited is not.
    return met?.error === undefined ? (calls(call) ?? met) : met
  })
  place.slack.tamper(troubledEnvelopes(script.envelopes, randomOf(script.seed + 2), note))
  return {
    occurred: () => occurred,
    stop: () => {
      stop()
      place.slack.tamper(undefined)
    },
  }
}
