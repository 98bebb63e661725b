import type { Cause } from './cause.ts'
import type { LostReason } from './electorate.ts'
import type { Excused } from './rollout/excuses.ts'

/** The steps line of a card (reference/cards.md 2.3). */
export const phases = ['checking', 'release_command', 'applying', 'services', 'stable', 'removing', 'collecting', 'restoring', 'services_back', 'scaling_down'] as const
export type Phase = (typeof phases)[number]

/** What a count does not say: somebody paused it or took all its processes away, no node of the cluster takes it, or it is a timer, which runs by the clock. */
export type ServiceNote = { readonly kind: 'paused' | 'scaled_to_zero'; /** Field manager. */ readonly by?: string } | { readonly kind: 'no_node' } | { readonly kind: 'timer' }

/** How one service stands within the rollout; `ready`/`desired` count processes of the release that is being rolled out (or back). */
export interface ServiceProgress {
  readonly service: string
  readonly state: 'waiting' | 'going' | 'ready' | 'failed' | 'unchanged' | 'removed' | 'scaled_to_zero'
  readonly ready: number
  readonly desired: number
  /** Processes of another release still running (ready). */
  readonly oldRunning: number
  /** Processes of another release that are stopping. */
  readonly oldStopping: number
  /** Release the service runs as far as the cluster shows. */
  readonly release?: string
  readonly note?: ServiceNote
  /** What was seen of its new processes and not held against the release. */
  readonly excused?: readonly Excused[]
  readonly cause?: Cause
}

/** What a card says of a moving or ended rollout. Serialisable: kept as JSON with the promotion. Times are RFC 3339. */
export interface Progress {
  readonly phase: Phase
  readonly applied: { readonly done: number; readonly total: number }
  readonly services: readonly ServiceProgress[]
  readonly lastChangeAt: string
  readonly deadlineAt?: string
  readonly stableUntil?: string
  /** Objects still to be removed. */
  readonly removing?: number
  /** Of a release with a release command, from its start on; `until` is its own deadline. */
  readonly releaseCommand?: { readonly command: string; readonly startedAt: string; readonly until: string; readonly done: boolean }
  /** Set while the view of the cluster is not fresh. */
  readonly blindSince?: string
  /** Set while the cluster answers, and refuses what usually passes: since when, and why, in words of ours. */
  readonly refused?: { readonly since: string; readonly why: string }
  /** When the running release was last proven by the judge. */
  readonly verifiedAt?: string
}

/** Something the card warns of (reference/cards.md 2.2). */
export type Warning =
  /** `registry` and `why` (which follows its name in a sentence) where it was asked just now, at import. */
  | { readonly kind: 'tag_not_pinned'; readonly service: string; readonly reference: string; readonly registry?: string; readonly why?: string }
  | { readonly kind: 'older'; readonly active: string }
  | { readonly kind: 'last_rollback_failed' }
  /** It begins although somebody keeps the app to themselves, or although there is a freeze. */
  | { readonly kind: 'passes_lock'; readonly owner: string }
  | { readonly kind: 'passes_freeze'; readonly reason: string; /** Who overrode it. */ readonly by?: string }
  | { readonly kind: 'takes_over'; readonly field: string; readonly service: string; readonly manager: string }
  | { readonly kind: 'approvals_cleared'; readonly at: string; readonly part: DigestPart; readonly value: string; /** Cards of an earlier rev showed what is void. */ readonly rev?: number }
  /** A vote that no longer counted when the last one fell. */
  | { readonly kind: 'approval_dropped'; readonly by: string; readonly why: LostReason; readonly at: string }
  | { readonly kind: 'not_removed'; readonly object: string; readonly why: string }
  /** A first release that failed: its processes were to be scaled to 0, and the cluster refused. */
  | { readonly kind: 'not_stopped'; readonly object: string; readonly why: string }
  /** A timer that does not run its schedule any more, and why. */
  | { readonly kind: 'timer_suspended'; readonly timer: string; readonly why: string }
  /** `namespace/name` of the rack's pull secret, whose copy in the app's namespace may be an old one, or missing. */
  | { readonly kind: 'pull_secret_not_copied'; readonly secret: string; readonly why: string }
  | { readonly kind: 'base_not_active'; readonly base: string; readonly active: string }
  | { readonly kind: 'dry_run_unsupported'; readonly object: string; readonly why: string }

/** Which part of what was approved has moved since (design 4, digest). */
export const digestParts = ['release', 'images', 'env', 'manifest', 'target', 'policy', 'deadline', 'active'] as const
export type DigestPart = (typeof digestParts)[number]
