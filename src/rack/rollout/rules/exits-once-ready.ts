import { allExits, causeAt, exitOf } from '../finding.ts'
import type { Rule } from '../finding.ts'
import { isSidecar, places, restartsOf } from '../places.ts'
import { probeKill } from './probe-kill.ts'

/** Seconds. Without a readiness probe a container counts as ready the moment it runs, which says nothing: an exit within so many is one at start. */
export const provenBy = 10
/** Such exits that fail it, among all new pods. */
export const readyExits = 2

/** Exit codes of a container that was told to stop: its own 0, or SIGKILL's and SIGTERM's. */
const toldToStop: readonly number[] = [0, 137, 143]
/** Milliseconds for the kubelet's word why it told it so: a liveness check's `Killing` event may reach us after the end itself (seen on a busy real node). */
export const wordIsLate = 2_000

/** Ready, then gone, twice among the new pods (rollouts.md 2, rule 6): the Deployment's own conditions call that progress. */
export const exitsOnceReady: Rule = (view) => {
  const limit = view.expected.crashRestartLimit
  if (limit !== undefined && limit < 0) return []
  const flaps = allExits(view, places(view).filter((place) => !place.container.init && !isSidecar(view, place)))
    .filter(({ place, exit }) => exit.readyFor !== undefined && (place.spec?.readiness !== undefined || exit.readyFor >= provenBy))
  const [first, second, ...rest] = flaps
  if (!first || !second) return []
  // Who tolerates more restarts tolerates as many of these.
  if (limit !== undefined && flaps.length < limit && flaps.every(({ place }) => restartsOf(view, place) < limit)) return []
  const kill = probeKill(view, second.place)
  const liveness = kill?.probe === 'liveness'
  const more = {
    ...exitOf(second.exit),
    reason: second.exit.reason ?? 'Error',
    readyFor: Math.round(second.exit.readyFor ?? 0),
    ...(liveness ? { message: kill.message } : {}),
  }
  const failing = [second.place, first.place, ...rest.map(({ place }) => place)] as const
  const cause = causeAt(view, liveness ? 'liveness_restarts' : 'exits_once_ready', 'exits-once-ready', failing, Date.parse(first.exit.seenAt), more)
  const wait = kill === undefined && toldToStop.includes(second.exit.exitCode) ? wordIsLate : 0
  return [{ dueAt: Date.parse(second.exit.seenAt) + wait, cause }]
}
