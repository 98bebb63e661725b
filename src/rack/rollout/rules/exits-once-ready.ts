import { allExits, causeAt, exitOf } from '../finding.ts'
import type { Rule } from '../finding.ts'
import { isSidecar, places, restartsOf } from '../places.ts'
import { probeKill, wordMayCome } from './probe-kill.ts'

/** Seconds. Without a readiness probe a container counts as ready the moment it runs, which says nothing: an exit within so many is one at start. */
export const provenBy = 10
/** Such exits that fail it, among all new pods. */
export const readyExits = 2

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
  return [{ dueAt: Date.parse(second.exit.seenAt) + wordMayCome(view, second.place, second.exit), cause }]
}
