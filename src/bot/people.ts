import type { AppParams } from '../rack/operations.ts'
import type { PromotionView } from '../rack/promotion-view.ts'
import type { ThreadLine } from '../rack/thread-line.ts'
import type { Context } from './context.ts'
import type { Names } from './messages/phrase.ts'

/** Slack ids of everybody a promotion names. Pure. */
export const peopleOf = (view: PromotionView): string[] => {
  const people = [
    view.requester,
    ...view.approvals.votes.map((vote) => vote.by),
    ...view.approvals.approvers,
    ...view.approvals.voided ?? [],
    ...view.warnings.flatMap((warning) => (warning.kind === 'approval_dropped' ? [warning.by] : [])),
    view.ended?.by,
    view.queue?.behindRequester,
    ...(view.waits ?? []).map((wait) => (wait.kind === 'lock' ? wait.owner : undefined)),
    ...view.warnings.map((warning) => (warning.kind === 'passes_lock' ? warning.owner : warning.kind === 'passes_freeze' ? warning.by : undefined)),
    ...[view.cause, view.rollbackCause, ...view.otherCauses].map((cause) => cause?.by),
  ]
  return [...new Set(people.filter((id) => id !== undefined))]
}

/** Slack ids of everybody whom lines of a thread name: who set a lock may have no part in the promotion by the time it is said. Pure. */
export const peopleInLines = (lines: readonly ThreadLine[]): string[] =>
  [...new Set(lines.flatMap((line) => ['by' in line ? line.by : undefined, 'lock' in line ? line.lock : undefined]).filter((id) => id !== undefined))]

/** Slack ids (people and the channel) that an app's params name. Pure. */
export const namedInParams = ({ approvers, channel }: AppParams): string[] => [...approvers, ...(channel === null ? [] : [channel])]

/** The promotion with the display names of everybody in it, for plain text. */
export const withNames = async (context: Pick<Context, 'slack'>, view: PromotionView): Promise<PromotionView> => ({
  ...view,
  names: { ...await context.slack.names(peopleOf(view)), ...view.names },
})

/** Display names of some people; asks Slack only when there is somebody. */
export const namesFor = async (context: Pick<Context, 'slack'>, ids: readonly string[]): Promise<Names> =>
  ids.length === 0 ? {} : context.slack.names([...new Set(ids)])
