import type { Cause, CauseKind } from '../../cause.ts'
import { atLeastOne, causeAt, exitOf, hasQuorum } from '../finding.ts'
import type { Finding, Rule } from '../finding.ts'
import { eventsOf, exitsOf, isSidecar, places, restartsOf, sinceOf } from '../places.ts'
import type { Place } from '../places.ts'
import type { ServiceView } from '../service-view.ts'
import { probeKill, wordMayCome } from './probe-kill.ts'

/** A service that finds its database on the second start is fine; one that restarts twice is not (rollouts.md 2, rule 5). */
export const restartLimit = 2
/** A sidecar restarts once more often before it counts, and in every new pod. */
export const sidecarMore = 1

/** Of a place that exited: the kubelet says so by the waiting state, or already by the event that comes about a second earlier. */
const backsOff = (view: ServiceView, place: Place): boolean => {
  const { pod, container } = place
  if (container.waiting?.reason === 'CrashLoopBackOff') return true
  if (container.terminated === undefined || exitsOf(view, place).length < 2) return false
  const words = `Back-off restarting failed container ${container.name} `
  return eventsOf(view, pod.meta.uid).some((event) => event.reason === 'BackOff' && event.message.startsWith(words))
}

const describe = (view: ServiceView, place: Place): { kind: CauseKind; more: Partial<Cause> } => {
  const exit = exitsOf(view, place).at(-1)
  const more = { ...(exit ? exitOf(exit) : {}), reason: place.container.waiting?.reason ?? exit?.reason ?? 'Error' }
  if (place.container.init) return { kind: 'init_failed', more }
  const kill = probeKill(view, place)
  if (kill?.probe === 'liveness') return { kind: 'liveness_restarts', more: { ...more, message: kill.message } }
  const path = place.spec?.startup?.path
  if (kill?.probe === 'startup') return { kind: 'never_ready', more: { ...more, message: kill.message, ...(path === undefined ? {} : { path }) } }
  return { kind: 'crashed_at_start', more }
}

const finding = (view: ServiceView, failing: readonly [Place, ...Place[]], rule: string): Finding => {
  const [worst] = failing
  const { kind, more } = describe(view, worst)
  const exits = exitsOf(view, worst)
  const [first, last] = [exits[0], exits.at(-1)]
  return { dueAt: sinceOf(view, worst) + (last === undefined ? 0 : wordMayCome(view, worst, last)), cause: causeAt(view, kind, rule, failing, first ? Date.parse(first.seenAt) : sinceOf(view, worst), more) }
}

/** Restarts that fail a service: what its convox.yml says, else two. */
export const restartLimitOf = (view: ServiceView): number => view.expected.crashRestartLimit ?? restartLimit

const sidecars = (view: ServiceView, crashed: readonly Place[], limit: number): Finding[] => {
  const failing = atLeastOne(crashed.filter((place) => restartsOf(view, place) >= limit + sidecarMore))
  const pods = new Set(failing?.map(({ pod }) => pod.meta.uid))
  return failing && pods.size === view.pods.length ? [finding(view, failing, 'crash-loop')] : []
}

/**
 * The container exits again and again: twice restarted, or backing off on two pods or on the only one. Exit code 0 counts too. Where convox.yml gives
 * a `crashRestartLimit`, only that many restarts count; a negative one switches it off.
 */
export const crashLoop: Rule = (view) => {
  const limit = restartLimitOf(view)
  if (limit < 0) return []
  const findings: Finding[] = []
  const crashed = places(view).filter((place) => exitsOf(view, place).length > 0)
  const own = crashed.filter((place) => !isSidecar(view, place))
  for (const init of [true, false]) {
    const there = own.filter((place) => place.container.init === init)
    const looping = view.expected.crashRestartLimit === undefined ? there.filter((place) => backsOff(view, place)) : []
    const restarted = there.filter((place) => restartsOf(view, place) >= limit)
    const failing = atLeastOne([...restarted, ...looping.filter((place) => !restarted.includes(place))])
    if (failing && (restarted.length > 0 || hasQuorum(view, looping))) findings.push(finding(view, failing, init ? 'init-container' : 'crash-loop'))
  }
  return [...findings, ...sidecars(view, crashed.filter((place) => isSidecar(view, place)), limit)]
}
