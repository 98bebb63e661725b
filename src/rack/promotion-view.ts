import type { PromotionKind, PromotionStatus } from '../db/words.ts'
import type { Cause, LogExcerpt } from './cause.ts'
import type { ManifestLine } from './diff/field-change.ts'
import type { Wait } from './gate/gate.ts'
import type { Progress, Warning } from './progress.ts'

/** One image that would change. `digest` is the whole `sha256:…`, absent when the tag is not pinned. */
export interface ImageChange {
  readonly services: readonly string[]
  /** `name:tag` as people write it, without digest; absent on a first release. */
  readonly from?: string
  /** The whole `sha256:…` of `from`, where it was pinned. */
  readonly fromDigest?: string
  readonly to: string
  readonly digest?: string
  readonly gitSha?: string
  readonly message?: string
}

/** What a promotion would change against the active release; keys only, never values. */
export interface ReleaseChange {
  readonly images: readonly ImageChange[]
  readonly env: { readonly added: readonly string[]; readonly changed: readonly string[]; readonly removed: readonly string[] }
  /** Readable lines by service and field, not interpolated; `important` marks scale and probes. */
  readonly manifest: readonly ManifestLine[]
}

/** Everything a card, a notice or `promotions info` says of one promotion: read from the database alone. */
export interface PromotionView {
  readonly id: string
  readonly rack: string
  readonly app: string
  /** True when the installation has several racks, so that the rack is named. */
  readonly severalRacks: boolean
  readonly kind: PromotionKind
  readonly status: PromotionStatus
  /** Grows with every change of the row; part of every button's value. */
  readonly rev: number
  readonly release: { readonly id: string; readonly description: string; readonly build: string | null }
  /** Active when the promotion was asked for (or, once it moves, when it began). */
  readonly from: string | null
  /** The last verified good release: where an automatic rollback goes. */
  readonly target: string | null
  readonly requester: string
  readonly requestedAt: Date
  readonly approvals: {
    readonly needed: number
    /** Why none is needed. */
    readonly waived?: 'policy' | 'verified_before'
    readonly votes: readonly { readonly by: string; readonly at: Date }[]
    /** The app's `approvers` param; empty means by role. */
    readonly approvers: readonly string[]
    /** Whose votes became void: the thread still names them. */
    readonly voided?: readonly string[]
  }
  readonly expiresAt: Date | null
  readonly deadlineSeconds: number
  readonly stabilitySeconds: number
  readonly change: ReleaseChange
  readonly warnings: readonly Warning[]
  readonly startedAt: Date | null
  /** When the verdict that failed it fell. */
  readonly failedAt: Date | null
  readonly finishedAt: Date | null
  readonly progress: Progress | null
  readonly cause: Cause | null
  /** Further services that failed at the same time. */
  readonly otherCauses: readonly Cause[]
  readonly rollbackCause: Cause | null
  readonly logs: readonly LogExcerpt[]
  /** Who ended it by hand, when, and why. */
  readonly ended: { readonly by: string; readonly at: Date; readonly reason?: string } | null
  readonly last: { readonly status: PromotionStatus; readonly at: Date } | null
  /** 1 is next; only while queued behind another promotion: one that moves, or one that was queued before. */
  readonly queue: { readonly position: number; readonly of: number; readonly behind: string; readonly behindRequester: string; /** It had what moves cancelled (`--force`). */ readonly forced?: boolean } | null
  /** What else it waits for while it is queued, or will once it is approved; absent: nothing. */
  readonly waits?: readonly Wait[]
  /** The card's message was lost and this one goes on. */
  readonly continuesEarlier: boolean
  /** Four hex digits of the promotion's log reference. */
  readonly ref: string
  /** Display names by Slack id of everybody named here, for plain text and code, where a mention would not show. Who is missing shows as the id. */
  readonly names?: Readonly<Record<string, string>>
}
