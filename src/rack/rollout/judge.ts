import type { Cause } from '../cause.ts'
import type { ServiceProgress } from '../progress.ts'
import { excusedIn } from './excuses.ts'
import type { Finding } from './finding.ts'
import type { RolloutFacts } from './rollout-facts.ts'
import { rules } from './rules.ts'
import { isComplete, pausedBy, progressOf, provenFrom, scaledAway } from './service-progress.ts'
import { isReady, readyPods, viewService } from './service-view.ts'
import type { ServiceView } from './service-view.ts'
import { namespaceGone, supersession } from './supersession.ts'

/**
 * What the facts say. `nextLookAt` is when the clock alone could change it: the caller judges at every event and then, and never polls.
 * `causes` holds one for each failing service, the deciding one first. What was not held against a service is in its progress and its cause (`excused`).
 */
export type Verdict =
  | { readonly kind: 'undecided'; readonly nextLookAt: null }
  | { readonly kind: 'progressing'; readonly services: readonly ServiceProgress[]; readonly nextLookAt: Date | null }
  | { readonly kind: 'complete'; readonly services: readonly ServiceProgress[]; readonly nextLookAt: Date | null }
  | { readonly kind: 'failed'; readonly causes: readonly [Cause, ...Cause[]]; readonly services: readonly ServiceProgress[]; readonly nextLookAt: null }
  | { readonly kind: 'superseded'; readonly cause: Cause; readonly services: readonly ServiceProgress[]; readonly nextLookAt: null }

const earliest = (times: readonly number[]): Date | null => (times.length === 0 ? null : new Date(Math.min(...times)))

/** What was going wrong, for a cause that only says since when or how few. */
const explained = (cause: Cause, pending: Finding | undefined): Cause => {
  const suspect = pending?.cause
  if (!suspect || suspect.rule === cause.rule) return cause
  return {
    ...cause,
    ...(suspect.process ? { process: suspect.process } : {}),
    ...(suspect.container ? { container: suspect.container } : {}),
    ...(suspect.reason ? { reason: suspect.reason } : {}),
    ...(suspect.message ? { message: suspect.message } : {}),
  }
}

/** Of a service that ran out of time: what was going wrong then, if anything, and where to look for a log. */
const timedOut = (facts: RolloutFacts, view: ServiceView, pending: Finding | undefined, at: number): Cause => {
  const unready = view.pods.find((pod) => !isReady(pod))
  const container = unready?.containers.find((one) => !one.ready && !(one.init && one.terminated?.exitCode === 0))
  const away = scaledAway(view)
  // Containers may be ready and the pod not: readiness gates are somebody else's to open, and named.
  const gate = unready?.conditions.find(({ type, status, reason }) => type === 'Ready' && status === 'False' && reason === 'ReadinessGatesNotReady')
  const found = explained({
    ...(unready ? { process: unready.meta.name } : {}),
    ...(container ? { container: container.name } : {}),
    ...(gate?.reason ? { reason: gate.reason } : {}),
    ...(gate?.message ? { message: gate.message } : {}),
    kind: 'timed_out', rule: 'deadline', service: view.expected.service, deadline: facts.deadline,
    ready: { ready: readyPods(view).length, of: view.desired },
    firstSeen: new Date(at).toISOString(),
  }, pending)
  if (!view.deployment?.paused && away === undefined) return found
  const manager = view.deployment?.paused ? pausedBy(view) : away?.by
  return { ...found, kind: view.deployment?.paused ? 'paused' : 'scaled_to_zero', ...(manager === undefined ? {} : { manager }) }
}

const withExcuses = (views: readonly ServiceView[]) => (cause: Cause): Cause => {
  const view = views.find((each) => each.expected.service === cause.service)
  const excused = view ? excusedIn(view) : []
  return excused.length === 0 ? cause : { ...cause, excused }
}

const failedVerdict = (views: readonly ServiceView[], [first, ...others]: readonly [Cause, ...Cause[]]): Verdict => {
  const excuse = withExcuses(views)
  const causes = [excuse(first), ...others.map(excuse)] as const
  return { kind: 'failed', causes, nextLookAt: null, services: views.map((view) => progressOf(view, causes.find((cause) => cause.service === view.expected.service))) }
}

/** Somebody else ended it: by a change of theirs, or with the namespace. On the way back a deleted workload is a rollback that failed, and loud. */
const superseded = (facts: RolloutFacts, views: readonly ServiceView[], changes: readonly { readonly dueAt: number; readonly cause: Cause }[], now: Date): Verdict | undefined => {
  const services = () => views.map((view) => progressOf(view))
  const gone = namespaceGone(facts, now)
  if (gone) return { kind: 'superseded', cause: gone, services: services(), nextLookAt: null }
  const changed = changes.find((change) => change.dueAt <= now.getTime())
  if (!changed) return undefined
  if (facts.direction === 'back' && changed.cause.kind === 'deleted_by') return failedVerdict(views, [changed.cause])
  return { kind: 'superseded', cause: changed.cause, services: services(), nextLookAt: null }
}

/** `last`: what is complete now ends it, so it has to be proven as well. On the way out the stability window comes first. */
const judgeUntil = (facts: RolloutFacts, deadlineAt: number, now: Date, last: boolean): Verdict => {
  if (!facts.fresh) return { kind: 'undecided', nextLookAt: null }
  const clock = now.getTime()
  const views = facts.expected.map((expected) => viewService(facts, expected))
  const changes = facts.expected.flatMap((expected) => supersession(facts, expected, now) ?? [])
  const ended = superseded(facts, views, changes, now)
  if (ended) return ended

  const found = views.flatMap((view, service) =>
    rules.flatMap(({ workloads, look }, rank) => (workloads.includes(view.expected.workload) ? look(view) : []).map((finding) => ({ ...finding, service, rank }))))
  const pending = (service: number, not?: string) =>
    found.filter((finding) => finding.service === service && finding.cause.rule !== not && finding.cause.kind !== 'timed_out').toSorted((a, b) => a.rank - b.rank)[0]
  const due = found.filter((finding) => finding.dueAt <= clock).toSorted((a, b) => a.rank - b.rank || a.service - b.service || a.dueAt - b.dueAt)
  const [first, ...others] = due
    .filter((finding, index) => due.findIndex((other) => other.service === finding.service) === index)
    .map(({ cause, service }) => (cause.kind === 'timed_out' || cause.kind === 'too_few' ? explained(cause, pending(service, cause.rule)) : cause))
  if (first) return failedVerdict(views, [first, ...others])

  const proven = last ? views.map(provenFrom) : []
  const ahead = [...[...found, ...changes].map((one) => one.dueAt), ...proven].filter((at) => at > clock)
  const services = () => views.map((view) => progressOf(view))
  const complete = views.every(isComplete)
  if (complete && proven.every((at) => at <= clock)) return { kind: 'complete', services: services(), nextLookAt: earliest(ahead) }
  if (!complete && clock >= deadlineAt) {
    const [late, ...more] = views.flatMap((view, service) => (isComplete(view) ? [] : [timedOut(facts, view, pending(service), deadlineAt)]))
    if (late) return failedVerdict(views, [late, ...more])
  }
  return { kind: 'progressing', services: services(), nextLookAt: earliest([...ahead, ...(clock < deadlineAt ? [deadlineAt] : [])]) }
}

/**
 * What the facts say of a rollout (or of the way back) at `now`, by our clock. Pure: the same facts give the same verdict, in whatever order
 * their lists are. A view that is not fresh decides nothing; the facts are judged before the clock.
 */
export const judge = (facts: RolloutFacts, now: Date): Verdict => judgeUntil(facts, Date.parse(facts.deadlineAt), now, facts.direction === 'back')

/** A stability window, as a recording keeps it. Times are RFC 3339, of our clock. */
export interface StabilityWindow {
  readonly stableSince: string
  /** When it ends. Absent in recordings made before it was kept: there the deadline counted from its beginning. */
  readonly stableUntil?: string
  /** Milliseconds of blind time when it began: what is blind from then on does not use up its deadline. Absent in those recordings: there it did. */
  readonly stableBlindMs?: number
}

const blindMsOf = ({ startedAt, deadlineAt, deadline }: RolloutFacts): number => Date.parse(deadlineAt) - Date.parse(startedAt) - deadline * 1000

/** Milliseconds. However long the window is, what is not good at its end has the length of the deadline to become so again. */
const windowDeadline = (facts: RolloutFacts, { stableSince, stableUntil = stableSince, stableBlindMs = blindMsOf(facts) }: StabilityWindow): number =>
  Date.parse(stableUntil) + facts.deadline * 1000 + Math.max(0, blindMsOf(facts) - stableBlindMs)

/**
 * The same within the stability window: `complete` means still good, and once the window is over, proven.
 * `progressing` means that it is not good at this moment (a process was moved, an autoscaler added some), or that what has no check has not yet lived long
 * enough (`provenFrom`): wait for `complete`, for the length of the deadline after the window at most.
 */
export const judgeStability = (facts: RolloutFacts, window: StabilityWindow, now: Date): Verdict => judgeUntil(facts, windowDeadline(facts, window), now, true)
