import type { LaneRule, Urgency } from '../../rack/lane.ts'

/** What we ask of Slack that has a budget: redraws and reading back for the whole workspace, posts for each channel (or person). */
export type Lane = { readonly kind: 'update' } | { readonly kind: 'read' } | { readonly kind: 'post'; readonly channel: string }
export type LaneKind = Lane['kind']

/** What a lane is called in the database. */
export const laneName = (lane: Lane): string => {
  if (lane.kind === 'post') return `chat.postMessage ${lane.channel}`
  return lane.kind === 'update' ? 'chat.update' : 'conversations.history'
}

/**
 * Slack's budgets (reference/slack.md 3.2). Redraws: about 50 a minute for the workspace, of which all but verdicts and bad ends use about 40 and
 * flow evenly, so that ten are always left for those and more come free all the time; the window is two seconds longer than Slack's, because calls
 * of a busy machine arrive unevenly. Posts: one a second and channel, with a short burst for what cannot wait. Reading: 50 a minute, used slowly.
 */
export const laneRules: Readonly<Record<LaneKind, LaneRule>> = {
  update: { every: 1_470, ahead: { urgent: 'apart', prompt: 4 * 1_470, ordinary: 1_470 }, window: { most: 50, counted: 43, span: 62_000 } },
  post: { every: 1_000, ahead: { urgent: 3_000, prompt: 1_000, ordinary: 0 }, window: null },
  read: { every: 1_500, ahead: { urgent: 6_000, prompt: 6_000, ordinary: 6_000 }, window: null },
}

/** Who goes first: a bad end and its last word, a rollout that just failed, a success, a decision, thread lines, progress, buttons that go. */
export const ranks = ['end', 'verdict', 'success', 'decision', 'line', 'progress', 'tidy'] as const
export type Rank = (typeof ranks)[number]

/** Bad ends and verdicts use what is kept back for them; a success and a decision run a little ahead. */
export const urgencyOf = (rank: Rank): Urgency => {
  if (rank === 'end' || rank === 'verdict') return 'urgent'
  return rank === 'success' || rank === 'decision' ? 'prompt' : 'ordinary'
}
