import type { LostReason } from './electorate.ts'
import type { AppStatus } from './promotion.ts'
import type { Cause } from './cause.ts'

/** One line of a promotion's thread as a fact; `at` is RFC 3339 UTC with seconds. The bot gives it words. */
export type ThreadLine = { readonly at: string } & (
  | { readonly kind: 'status'; readonly from: AppStatus; readonly to: AppStatus }
  /** The cluster's own event: `object` is `web`, `web-<hash>` or `web-<hash>-<pod>`. */
  | { readonly kind: 'event'; readonly object: string; readonly text: string; readonly count: number }
  /** One line that the release command wrote, masked. */
  | { readonly kind: 'output'; readonly process: string; readonly text: string }
  | { readonly kind: 'asked'; readonly by: string }
  | { readonly kind: 'approved'; readonly by: string; readonly have: number; readonly need: number }
  | { readonly kind: 'votes_cleared'; readonly part: string }
  | { readonly kind: 'vote_dropped'; readonly by: string; readonly why: LostReason }
  | { readonly kind: 'cause'; readonly cause: Cause }
  | { readonly kind: 'blind' }
  | { readonly kind: 'sighted'; readonly seconds: number }
  | { readonly kind: 'cancelled'; readonly by: string }
  /** A lock (its owner) or a freeze (its reason) keeps it waiting. */
  | { readonly kind: 'waits'; readonly lock?: string; readonly freeze?: string }
  /** It begins although there is a lock or a freeze. */
  | { readonly kind: 'passes'; readonly lock?: string; readonly freeze?: string }
  | { readonly kind: 'overridden'; readonly by: string }
  | { readonly kind: 'warning'; readonly text: string }
)
