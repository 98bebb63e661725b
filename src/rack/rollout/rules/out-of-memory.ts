import { allExits, causeAt, exitOf } from '../finding.ts'
import type { Rule } from '../finding.ts'
import { isSidecar, places } from '../places.ts'

/** Kills for memory that fail it, in one pod or in two: once may be bad luck with a node. */
export const memoryKills = 2

/** Killed for its memory twice. */
export const outOfMemory: Rule = (view) => {
  const kills = allExits(view, places(view).filter((place) => !isSidecar(view, place))).filter(({ exit }) => exit.reason === 'OOMKilled')
  const [first, second, ...rest] = kills
  if (!first || !second) return []
  const limit = second.place.spec?.memoryLimit
  const more = { ...exitOf(second.exit), reason: 'OOMKilled', ...(limit === undefined ? {} : { memoryLimit: limit }) }
  const failing = [second.place, first.place, ...rest.map(({ place }) => place)] as const
  return [{ dueAt: Date.parse(second.exit.seenAt), cause: causeAt(view, 'out_of_memory', 'out-of-memory', failing, Date.parse(first.exit.seenAt), more) }]
}
