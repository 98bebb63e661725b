import type { LaneRule } from '../../rack/lane.ts'
import { laneRules, type LaneKind } from './budget.ts'

/** How patient the delivery is; milliseconds. Tests shorten them, nothing else does. */
export interface Timings {
  /** Other replicas' work is found by asking this often. */
  readonly poll: number
  /** Between two redraws of one card (reference/slack.md 3.2). */
  readonly redraw: number
  /** What Slack lets us do how often. */
  readonly rules: Readonly<Record<LaneKind, LaneRule>>
  /** Thread lines are sent once no new one came for so long (reference/cards.md 3). */
  readonly quiet: number
  /** Between the two looks for a post whose answer was lost (reference/slack.md 6.3). */
  readonly look: number
  /** First wait after a failed call; doubles up to `backoffMost`. */
  readonly backoff: number
  readonly backoffMost: number
  /** The final state that Slack refuses is tried this often, and for so long, before it counts as never to be shown (reference/slack.md 4.2). */
  readonly insist: number
  readonly insistFor: number
  /** A conversation that has to leave its channel waits so long for the buttons there to go. */
  readonly leaveWithin: number
  /** A display that may be further behind than this says so (reference/slack.md 4.5). */
  readonly tellBehind: number
  /** Without an answer from Slack for so long: an absence, whose events are summarised. */
  readonly absence: number
}

/** How long to wait after so many failures in a row, in milliseconds. */
export const waitAfter = ({ backoff, backoffMost }: Pick<Timings, 'backoff' | 'backoffMost'>, failures: number): number =>
  Math.min(backoffMost, backoff * 2 ** Math.max(0, failures - 1))

export const timings: Timings = {
  poll: 1_000, redraw: 2_000, rules: laneRules, quiet: 1_500, look: 3_000, backoff: 1_000, backoffMost: 30_000,
  insist: 60_000, insistFor: 6 * 3_600_000, leaveWithin: 5_000, tellBehind: 30_000, absence: 60_000,
}
