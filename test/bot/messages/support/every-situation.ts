import type { Cause } from '../../../../src/rack/cause.ts'
import { digestParts, type Warning } from '../../../../src/rack/progress.ts'
import type { PromotionView } from '../../../../src/rack/promotion-view.ts'
import { bareCauses, causes, excerpts, notes, phaseProgress, serviceStates, waits, warnings } from './every-case.ts'
import { generatedViews } from './generated.ts'
import { byStatus, everyView, iso, progress, RP, service, situations } from './views.ts'

export type Named = readonly [name: string, view: PromotionView]

const everyCause: readonly (readonly [string, Cause])[] = [
  ...Object.entries<Cause>(causes), ...bareCauses.map((cause) => [`bare ${cause.kind}`, cause] as const),
]

const first = { from: null, target: null } as const

const byCause = (): readonly Named[] => everyCause.flatMap(([name, cause]): readonly Named[] => [
  [`failed by ${name}`, { ...byStatus.failed, cause }],
  [`first failed by ${name}`, { ...situations['first release failed'], ...first, cause }],
  [`rolling back by ${name}`, { ...byStatus.rolling_back, cause }],
  [`rolled back by ${name}`, { ...byStatus.rolled_back, cause }],
  [`rollback failed by ${name}`, { ...byStatus.rollback_failed, rollbackCause: cause }],
  [`superseded by ${name}`, { ...byStatus.superseded, cause }],
])

const byPhase = (): readonly Named[] => Object.entries(phaseProgress).flatMap(([phase, made]): readonly Named[] => [
  [`rolling out, ${phase}`, { ...byStatus.rolling_out, progress: made }], [`rolling back, ${phase}`, { ...byStatus.rolling_back, progress: made }],
  [`first rolling out, ${phase}`, { ...byStatus.rolling_out, ...first, progress: made }], [`failed in ${phase}`, { ...byStatus.failed, progress: made }],
])

const everyWarning: readonly Warning[] = [...Object.values(warnings), ...digestParts.map((part): Warning => ({ ...warnings.approvals_cleared, part, value: part === 'deadline' ? '1200' : part === 'policy' ? '2' : RP }))]

const byWarning = (): readonly Named[] => everyWarning.flatMap((warning): readonly Named[] => (['awaiting_approval', 'queued', 'rolling_out', 'succeeded', 'failed'] as const).map((status) =>
  [`${status} with ${warning.kind}${'part' in warning ? ` of ${warning.part}` : ''}`, { ...byStatus[status], warnings: [warning] }] as const))

const byService = (): readonly Named[] => Object.entries(serviceStates).flatMap(([state, made]): readonly Named[] => [
  [`rolling out, ${state}`, { ...byStatus.rolling_out, progress: progress({ services: [made] }) }],
  ...Object.entries(notes).map(([note, said]) => [`rolling out, ${state}, ${note}`, { ...byStatus.rolling_out, progress: progress({ services: [{ ...made, note: said }] }) }] as const),
])

const byCount = (): readonly Named[] => Array.from({ length: 12 }, (_, index): Named =>
  [`${index + 1} services`, { ...byStatus.rolling_out, progress: progress({ services: Array.from({ length: index + 1 }, (_one, at) => service({ service: `web${at}`, ready: at % 2, state: at % 2 === 0 ? 'going' : 'ready' })) }) }])

const byWait = (): readonly Named[] => [
  ...Object.entries(waits).map(([kind, wait]): Named => [`queued for a ${kind}`, { ...byStatus.queued, queue: null, waits: [wait] }]),
  ['queued for all there is', { ...byStatus.queued, waits: Object.values(waits) }],
  ['queued for nothing', { ...byStatus.queued, queue: null, waits: [] }],
]

const byExcerpt = (): readonly Named[] => Object.entries(excerpts).map(([none, excerpt]): Named => [`rolled back, log ${none}`, { ...byStatus.rolled_back, logs: [excerpt] }])

const parted = (): readonly Named[] => [
  ['nobody asked twice', { ...byStatus.rolled_back, approvals: { ...byStatus.rolled_back.approvals, votes: [] } }],
  ['the way back is not where it came from', { ...byStatus.awaiting_approval, target: 'RLCQYWZTKFE' }],
  ['the cluster takes nothing', { ...byStatus.rolling_out, progress: progress({ refused: { since: iso('14:06:40'), why: 'the webhook images.example.com does not answer' }, services: [] }) }],
  ['the cluster is gone', { ...byStatus.rolling_out, progress: progress({ blindSince: iso('14:06:40'), services: [] }) }],
]

let made: readonly Named[] | undefined

/** Every promotion that a message may have to tell of: cards.md's own, huge ones, one for each case of each type, and what chance makes of them. */
export const views = (): readonly Named[] => {
  made ??= [...everyView(), ...byCause(), ...byPhase(), ...byWarning(), ...byService(), ...byCount(), ...byWait(), ...byExcerpt(), ...parted(), ...generatedViews(15)]
  return made
}

/** Those in which every text from outside is a tame one, so that each word is our own. */
export const isTame = (name: string): boolean => !name.includes('huge') && !name.includes('of seed')
