import { allExits, causeAt, exitOf } from '../finding.ts'
import type { Rule } from '../finding.ts'
import { nodeTrouble } from '../node-trouble.ts'
import { places } from '../places.ts'

/** 126: not executable, 127: not found (POSIX shells); StartError and ContainerCannotRun: the runtime could not execute it. */
const codes = new Set([126, 127])
const reasons = new Set(['StartError', 'ContainerCannotRun'])

/** The command cannot be executed: another try gives the same, so one is enough. The runtime's or its node's own trouble is none of that. */
export const cannotStart: Rule = (view) => {
  const ends = allExits(view, places(view))
    .filter(({ exit }) => exit.readyFor === undefined && (codes.has(exit.exitCode) || reasons.has(exit.reason ?? '')) && !nodeTrouble(exit))
  const [first, ...rest] = ends
  if (!first) return []
  const at = Date.parse(first.exit.seenAt)
  const more = { ...exitOf(first.exit), ...(first.exit.reason ? { reason: first.exit.reason } : {}) }
  return [{ dueAt: at, cause: causeAt(view, 'cannot_start', 'cannot-start', [first.place, ...rest.map(({ place }) => place)], at, more) }]
}
