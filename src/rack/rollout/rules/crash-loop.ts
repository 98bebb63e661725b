import type { Cause, CauseKind } from '../../cause.ts'
import { atLeastOne, causeAt, exitOf, hasQuorum } from '../finding.ts'
import type { Finding, Rule } from '../finding.ts'
import { eventsOf, exitsOf, places, restartsOf, sinceOf } from '../service-view.ts'
import type { Place, ServiceView } from '../service-view.ts'
import { probeKill } from './probe-kill.ts'

/** A service that finds its database on the second start is fine; one that restarts twice is not (rollouts.md 2, rule 5). */
const restartLimit = 2

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
  const first = exitsOf(view, worst)[0]
  return { dueAt: sinceOf(view, worst), cause: causeAt(view, kind, rule, failing, first ? Date.parse(first.seenAt) : sinceOf(view, worst), more) }
}

/** The container exits again and again: twice restarted, or backing off on two pods or on the only one. Exit code 0 counts too. */
export const crashLoop: Rule = (view) => {
  const findings: Finding[] = []
  for (const init of [true, false]) {
    const crashed = places(view).filter((place) => place.container.init === init && exitsOf(view, place).length > 0)
    const looping = crashed.filter((place) => backsOff(view, place))
    const restarted = crashed.filter((place) => restartsOf(view, place) >= restartLimit)
    const failing = atLeastOne([...restarted, ...looping.filter((place) => !restarted.includes(place))])
    if (failing && (restarted.length > 0 || hasQuorum(view, looping))) findings.push(finding(view, failing, init ? 'init-container' : 'crash-loop'))
  }
  return findings
}
