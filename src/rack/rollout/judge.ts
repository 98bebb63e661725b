import type { Cause } from '../cause.ts'
import type { ServiceProgress } from '../progress.ts'
import type { Finding, Rule } from './finding.ts'
import type { RolloutFacts } from './rollout-facts.ts'
import { cannotCreate } from './rules/cannot-create.ts'
import { cannotStart } from './rules/cannot-start.ts'
import { crashLoop } from './rules/crash-loop.ts'
import { exitsOnceReady } from './rules/exits-once-ready.ts'
import { failedCreate } from './rules/failed-create.ts'
import { imagePull } from './rules/image-pull.ts'
import { missingMount } from './rules/missing-mount.ts'
import { neverReady } from './rules/never-ready.ts'
import { outOfMemory } from './rules/out-of-memory.ts'
import { unschedulable } from './rules/unschedulable.ts'
import { isComplete, progressOf } from './service-progress.ts'
import { isReady, viewService } from './service-view.ts'
import type { ServiceView } from './service-view.ts'
import { supersession } from './supersession.ts'

/**
 * What the facts say. `nextLookAt` is when the clock alone could change it: the caller judges at every event and then, and never polls.
 * `causes` holds one for each failing service, the deciding one first.
 */
export type Verdict =
  | { readonly kind: 'undecided'; readonly nextLookAt: null }
  | { readonly kind: 'progressing'; readonly services: readonly ServiceProgress[]; readonly nextLookAt: Date | null }
  | { readonly kind: 'complete'; readonly services: readonly ServiceProgress[]; readonly nextLookAt: Date | null }
  | { readonly kind: 'failed'; readonly causes: readonly [Cause, ...Cause[]]; readonly services: readonly ServiceProgress[]; readonly nextLookAt: null }
  | { readonly kind: 'superseded'; readonly cause: Cause; readonly services: readonly ServiceProgress[]; readonly nextLookAt: null }

/** The rules, the more telling first: of two that are due for one service, the first one names the cause. */
const rules: readonly Rule[] = [
  imagePull, missingMount, cannotCreate, cannotStart, outOfMemory, exitsOnceReady, crashLoop, neverReady, failedCreate, unschedulable,
]

const earliest = (times: readonly number[]): Date | null => (times.length === 0 ? null : new Date(Math.min(...times)))

/** Of a service that ran out of time: what was going wrong then, if anything, and where to look for a log. */
const timedOut = (facts: RolloutFacts, view: ServiceView, pending: Finding | undefined, at: number): Cause => {
  const unready = view.pods.find((pod) => !isReady(pod))
  const container = unready?.containers.find((one) => !one.ready && !(one.init && one.terminated?.exitCode === 0))
  const suspect = pending?.cause
  return {
    ...(unready ? { process: unready.meta.name } : {}),
    ...(container ? { container: container.name } : {}),
    ...(suspect?.process ? { process: suspect.process } : {}),
    ...(suspect?.container ? { container: suspect.container } : {}),
    ...(suspect?.reason ? { reason: suspect.reason } : {}),
    ...(suspect?.message ? { message: suspect.message } : {}),
    kind: 'timed_out', rule: 'deadline', service: view.expected.service, deadline: facts.deadline,
    ready: { ready: view.pods.filter(isReady).length, of: view.deployment?.replicas ?? 0 },
    firstSeen: new Date(at).toISOString(),
  }
}

const failedVerdict = (views: readonly ServiceView[], causes: readonly [Cause, ...Cause[]]): Verdict => ({
  kind: 'failed', causes, nextLookAt: null,
  services: views.map((view) => progressOf(view, causes.find((cause) => cause.service === view.expected.service))),
})

const judgeUntil = (facts: RolloutFacts, deadlineAt: number, now: Date): Verdict => {
  if (!facts.fresh) return { kind: 'undecided', nextLookAt: null }
  const clock = now.getTime()
  const views = facts.expected.map((expected) => viewService(facts, expected))
  const changes = facts.expected.flatMap((expected) => supersession(facts, expected, now) ?? [])
  const changed = changes.find((change) => change.dueAt <= clock)
  if (changed) return { kind: 'superseded', cause: changed.cause, services: views.map((view) => progressOf(view)), nextLookAt: null }

  const found = views.flatMap((view, service) => rules.flatMap((rule, rank) => rule(view).map((finding) => ({ ...finding, service, rank }))))
  const due = found.filter((finding) => finding.dueAt <= clock).toSorted((a, b) => a.rank - b.rank || a.service - b.service || a.dueAt - b.dueAt)
  const [first, ...others] = due.filter((finding, index) => due.findIndex((other) => other.service === finding.service) === index).map(({ cause }) => cause)
  if (first) return failedVerdict(views, [first, ...others])

  const ahead = [...found, ...changes].map((one) => one.dueAt).filter((at) => at > clock)
  if (views.every(isComplete)) return { kind: 'complete', services: views.map((view) => progressOf(view)), nextLookAt: earliest(ahead) }
  if (clock >= deadlineAt) {
    const pending = (service: number) => found.filter((finding) => finding.service === service).toSorted((a, b) => a.rank - b.rank)[0]
    const [late, ...more] = views.flatMap((view, service) => (isComplete(view) ? [] : [timedOut(facts, view, pending(service), deadlineAt)]))
    if (late) return failedVerdict(views, [late, ...more])
  }
  return { kind: 'progressing', services: views.map((view) => progressOf(view)), nextLookAt: earliest([...ahead, deadlineAt]) }
}

/**
 * What the facts say of a rollout (or of the way back) at `now`, by our clock. Pure: the same facts give the same verdict, in whatever order
 * their lists are. A view that is not fresh decides nothing; the facts are judged before the clock.
 */
export const judge = (facts: RolloutFacts, now: Date): Verdict => judgeUntil(facts, Date.parse(facts.deadlineAt), now)

/**
 * The same within the stability window that began at `since`: `complete` means still good, and once the window is over, proven.
 * `progressing` means that it is not good at this moment (a process was moved, an autoscaler added some): wait for `complete`,
 * for the length of the deadline at most.
 */
export const judgeStability = (facts: RolloutFacts, since: Date, now: Date): Verdict => judgeUntil(facts, since.getTime() + facts.deadline * 1000, now)
