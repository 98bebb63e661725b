import type { PromotionView } from '../../rack/promotion-view.ts'
import type { Cause } from '../../rack/cause.ts'
import { causeLine } from './causes.ts'
import { code, say, type Names, type Phrase, type Span } from './phrase.ts'
import { secondsBetween } from './times.ts'

export const namesOf = (view: PromotionView): Names => view.names ?? {}

/** `shop`, or `shop on prod` where there are several racks. */
export const appOf = (view: Pick<PromotionView, 'app' | 'rack' | 'severalRacks'>): string => (view.severalRacks ? `${view.app} on ${view.rack}` : view.app)

/** A rack, and whether it has to be named. */
export type Where = Pick<PromotionView, 'rack' | 'severalRacks'>

/** `every app`, or `every app on prod` where there are several racks. */
export const everyAppOf = ({ rack, severalRacks }: Where): Phrase => (severalRacks ? say`every app on ${code(rack)}` : say`every app`)

export const appCode = (view: PromotionView): Span => code(appOf(view))

/** Nothing is active on the app: there is nothing to go back to. */
export const isFirstRelease = (view: PromotionView): boolean => view.from === null && view.target === null

/** A first release of which nothing is left running: the cluster did not refuse to scale any of it down. */
export const isStopped = (view: PromotionView): boolean => isFirstRelease(view) && !view.warnings.some(({ kind }) => kind === 'not_stopped')

/** Where a failed rollout goes back to. */
export const wayBack = (view: PromotionView): string | null => view.target ?? view.from

/** `RP is running`, or that nothing is. */
export const stillRunning = (view: PromotionView): string => (view.from === null ? 'nothing is running' : `${view.from} is running`)

/** Who stopped it by hand: ends a waiting request, or a rollout on its way. */
export const cancelledBy = (view: PromotionView): string | null => {
  if (view.status === 'cancelled') return view.ended?.by ?? null
  if (view.cause?.kind !== 'cancelled') return null
  return view.ended?.by ?? view.cause.by ?? null
}

/** How it came to its end before it was proven, as the verb of "… after 4 s": what a person stopped did not fail. */
export const endOf = (view: PromotionView): 'failed' | 'stopped' => (cancelledBy(view) === null ? 'failed' : 'stopped')

/** The change by somebody else that ended it: of the rollout, or of the rollback after a failure of its own. */
export const supersedingCause = (view: PromotionView): Cause | null => {
  const theirs = (cause: Cause | null): boolean => cause?.kind === 'changed_by' || cause?.kind === 'deleted_by' || cause?.kind === 'namespace_deleted'
  return theirs(view.rollbackCause) ? view.rollbackCause : view.cause
}

/** Its release command began: whatever it did is not undone by going back. */
export const ranReleaseCommand = (view: PromotionView): boolean => view.progress?.releaseCommand !== undefined

/** It failed while its release command ran (or could not start): no service was touched. */
export const stoppedByReleaseCommand = (view: PromotionView): boolean => view.status === 'failed' && view.progress?.phase === 'release_command'

/** It failed before any object of the cluster was changed. */
export const nothingChanged = (view: PromotionView): boolean => {
  if (view.status !== 'failed') return false
  const { cause } = view
  if (view.startedAt === null || cause === null || stoppedByReleaseCommand(view)) return true
  // It was given up while it still checked: nothing had been written.
  if (cause.kind === 'own_error') return view.progress === null || view.progress.phase === 'checking'
  return cause.kind === 'required_env' || cause.kind === 'pull_secret' || cause.kind === 'not_possible' || (cause.kind === 'refused' && cause.service === undefined)
}

/** `web crashed at start (exit 1)`, or that no cause was kept. */
export const causeWords = (cause: Cause | null, names: Names): string => (cause === null ? 'no cause was kept' : causeLine(cause, names))

/** Seconds from start to verdict and from verdict to the end; null where a moment is missing. */
export const spans = (view: PromotionView): { readonly failedAfter: number | null; readonly backAfter: number | null; readonly whole: number | null } => {
  const { startedAt, failedAt, finishedAt } = view
  const broke = failedAt ?? finishedAt
  return {
    failedAfter: startedAt === null || broke === null ? null : secondsBetween(startedAt, broke),
    backAfter: failedAt === null || finishedAt === null ? null : secondsBetween(failedAt, finishedAt),
    whole: startedAt === null || finishedAt === null ? null : secondsBetween(startedAt, finishedAt),
  }
}

/** The release a rollback copied: its description is `rollback to RX` (answers.md). */
export const rollbackSource = (view: PromotionView): string | null => /^rollback to (R[A-Z]+)$/.exec(view.release.description)?.[1] ?? null

/** Votes so far against votes needed, as `1 of 2`. */
export const votes = (view: PromotionView): string => `${view.approvals.votes.length} of ${view.approvals.needed}`

export const needsApproval = (view: PromotionView): boolean => view.approvals.needed > 0 && view.approvals.waived === undefined

/** Said to a screen reader after a button's label. */
export const aboutRelease = (view: PromotionView): string => `${view.release.id} on ${appOf(view)}`

/** Reasons are outside text in our quotation marks. */
export const quoted = (text: string): Phrase => say`"${text}"`
