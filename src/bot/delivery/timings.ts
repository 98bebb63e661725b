/** How patient the delivery is; milliseconds. Tests shorten them, nothing else does. */
export interface Timings {
  /** Other replicas' work is found by asking this often. */
  readonly poll: number
  /** Between two redraws of one card (reference/slack.md 3.2). */
  readonly redraw: number
  /** chat.update has one budget of about 50 a minute for the whole workspace: each live card waits this long times their number. */
  readonly redrawPerCard: number
  /** Between two posts into one channel: Slack allows one a second. */
  readonly channel: number
  /** Thread lines are sent once no new one came for so long (reference/cards.md 3). */
  readonly quiet: number
  /** Between the two looks for a post whose answer was lost (reference/slack.md 6.3). */
  readonly look: number
  /** First wait after a failed call; doubles up to `backoffMost`. */
  readonly backoff: number
  readonly backoffMost: number
}

export const timings: Timings = {
  poll: 1_000, redraw: 2_000, redrawPerCard: 1_500, channel: 1_000, quiet: 1_500, look: 3_000, backoff: 1_000, backoffMost: 30_000,
}
