import type { LaneRule, Urgency } from '../../rack/lane.ts'

/** What we ask of Slack that has a budget: redraws and reading back for the whole workspace, posts for each channel (or person). */
export type Lane = { readonly kind: 'update' } | { readonly kind: 'read' } | { readonly kind: 'post'; readonly channel: string }
export type LaneKind = Lane['kind']

/** What a lane is called in the database. */
export const laneName = (lane: Lane): string => (lane.kind === 'post' ? `chat.postMessage ${lane.channel}` : lane.kind === 'update' ? 'chat.update' : 'conversations.history')

/**
 * Slack's budgets (reference/slack.md 3.2). Redraws: about 50 a minute for the workspace, of which ordinary ones use about 40, so that ten are
 * always left for ends and verdicts; the window is a second longer than Slack's, for the way there. Posts: one a second and channel, with a short
 * burst for what cannot wait. Reading: 50 a minute, used slowly.
 */
export const laneRules: Readonly<Record<LaneKind, LaneRule>> = {
  update: { every: 1_470, slack: 1_470, urgentSlack: 'apart', window: { most: 50, span: 61_000 } },
  post: { every: 1_000, slack: 0, urgentSlack: 3_000, window: null },
  read: { every: 1_500, slack: 6_000, urgentSlack: 6_000, window: null },
}

/** Who goes first, the most urgent first: a bad end and its last word, a rollout that just failed, a success, a decision, thread lines, progress, buttons that go. */
export const ranks = ['end', 'verdict', 'success', 'decision', 'line', 'progress', 'tidy'] as const
export type Rank = (typeof ranks)[number]

/** Ends and verdicts use what is kept back for them. */
export const urgencyOf = (rank: Rank): Urgency => (rank === 'end' || rank === 'verdict' || rank === 'success' ? 'urgent' : 'ordinary')
