import { causeAt } from '../finding.ts'
import type { Rule } from '../finding.ts'
import { eventsOf, places, sinceOf } from '../places.ts'
import type { Place } from '../places.ts'
import type { ServiceView } from '../service-view.ts'
import type { ContainerSpec, ProbeTiming } from '../template.ts'

/** The kubelet's times have whole seconds, and its answer takes a moment. */
export const readySlack = 1_000
/** Events may be lost: without the proof of failed checks we wait this many budgets. */
export const unprovenBudgets = 3

const seconds = (probe: ProbeTiming, tries: number): number => probe.initialDelay + Math.max(probe.period, probe.timeout) * tries

/** How long a container may run before it is ready, in ms, by its own probes; undefined when it has no readiness check. */
export const readyBudget = (spec: ContainerSpec | undefined): number | undefined => {
  if (!spec?.readiness) return undefined
  const startup = spec.startup ? seconds(spec.startup, spec.startup.failureThreshold) : 0
  return (startup + seconds(spec.readiness, spec.readiness.failureThreshold + spec.readiness.successThreshold)) * 1000
}

/**
 * When the present run began, by our clock, and never before it did. Of a run that we did not see begin (we were started again, or its first update came late)
 * the cluster's clock tells, and how far it is from ours the pods do: none was made later than we first saw it.
 */
const runningSince = (view: ServiceView, place: Place): number => {
  const { memory } = place.pod
  const seen = sinceOf(view, place)
  const started = Date.parse(place.container.running?.startedAt ?? '')
  if (memory?.containers[place.container.name]?.since !== memory?.firstSeen || Number.isNaN(started)) return seen
  const apart = Math.min(...view.pods.map(({ meta, memory: known }) => Date.parse(known?.firstSeen ?? '') - Date.parse(meta.createdAt)).filter((ms) => !Number.isNaN(ms)))
  return Math.max(Math.min(seen, started + apart), view.startedAt)
}

const opening = /^(Readiness|Startup) probe (failed|errored): /

/** Runs, but is never ready though its own checks had all their tries: on two pods, or on the only one. */
export const neverReady: Rule = (view) => {
  const late = places(view).flatMap((place) => {
    const { pod, container, spec } = place
    const budget = readyBudget(spec)
    const everReady = pod.memory?.containers[container.name]?.everReady === true
    if (budget === undefined || container.init || !container.running || container.ready || everReady) return []
    const unhealthy = eventsOf(view, pod.meta.uid).filter((event) => event.reason === 'Unhealthy' && opening.test(event.message))
    const failures = unhealthy.reduce((sum, event) => sum + event.count, 0)
    const proven = failures >= (spec?.readiness?.failureThreshold ?? 1)
    const since = runningSince(view, place)
    return [{ place, since, dueAt: since + (proven ? budget : budget * unprovenBudgets) + readySlack, message: unhealthy.at(-1)?.message.replace(opening, '') }]
  })
  const byDue = late.toSorted((a, b) => a.dueAt - b.dueAt)
  const [first, second] = byDue
  const deciding = view.pods.length === 1 ? first : second
  if (!first || !deciding) return []
  const path = first.place.spec?.readiness?.path
  const more = { reason: 'Unhealthy', ...(first.message === undefined ? {} : { message: first.message }), ...(path === undefined ? {} : { path }) }
  const failing = [first.place, ...byDue.slice(1).map(({ place }) => place)] as const
  return [{ dueAt: deciding.dueAt, cause: causeAt(view, 'never_ready', 'never-ready', failing, first.since, more) }]
}
