import type { Cause, CauseKind } from '../cause.ts'
import type { Exit } from './remember.ts'
import { exitsOf, restartsOf } from './places.ts'
import type { Place } from './places.ts'
import type { ServiceView } from './service-view.ts'

/** Something is wrong with a service, or will be once its grace period is over. */
export interface Finding {
  /** Milliseconds, our clock: from then on it fails the rollout. */
  readonly dueAt: number
  readonly cause: Cause
}

/** A rule looks at one service. It knows no clock: what only time can tell is a `dueAt` in the future. */
export type Rule = (view: ServiceView) => Finding[]

/** How many of the new pods show it. */
export const affected = (view: ServiceView, failing: readonly Place[]): { failing: number; of: number } => ({
  failing: new Set(failing.map((place) => place.pod.meta.uid)).size,
  of: view.pods.length,
})

/** Probable failures need a second pod, or that there is only one (rollouts.md 2, quorum). */
export const hasQuorum = (view: ServiceView, failing: readonly Place[]): boolean => {
  const pods = affected(view, failing).failing
  return pods >= 2 || (pods === 1 && view.pods.length === 1)
}

/** A cause at a container, with what is known of it there; `failing` are all places that show the same. */
export const causeAt = (
  view: ServiceView, kind: CauseKind, rule: string, failing: readonly [Place, ...Place[]], firstSeen: number, more: Partial<Cause> = {},
): Cause => {
  const [place] = failing
  const restarts = restartsOf(view, place)
  return {
    kind, rule, service: view.expected.service, process: place.pod.meta.name, container: place.container.name,
    ...(place.container.waiting?.reason ? { reason: place.container.waiting.reason } : {}),
    ...(place.container.waiting?.message ? { message: place.container.waiting.message } : {}),
    ...(restarts > 0 ? { restarts } : {}),
    affected: affected(view, failing),
    ...more,
    firstSeen: new Date(firstSeen).toISOString(),
  }
}

/** The last ended run's part of a cause. */
export const exitOf = (exit: Exit): Partial<Cause> => ({
  exitCode: exit.exitCode,
  ...(exit.signal ? { signal: exit.signal } : {}),
  ...(exit.message ? { message: exit.message } : {}),
})

/** Every ended run of the new pods since the rollout began, in the order in which they were seen. */
export const allExits = (view: ServiceView, among: readonly Place[]): { place: Place; exit: Exit }[] =>
  among.flatMap((place) => exitsOf(view, place).map((exit) => ({ place, exit }))).toSorted((a, b) => Date.parse(a.exit.seenAt) - Date.parse(b.exit.seenAt))

/** A list known to have an element, for `causeAt`; undefined when it has none. */
export const atLeastOne = <T>(items: readonly T[]): readonly [T, ...T[]] | undefined => {
  const [first, ...rest] = items
  return first === undefined ? undefined : [first, ...rest]
}
