import type { Excused } from './rollout/excuses.ts'

/** Why a rollout failed: facts only; the words are the bot's (reference/cards.md 4.1). */
export const causeKinds = [
  'image_not_found', 'image_pull_refused', 'image_not_pulled', 'cannot_start', 'missing_object',
  'crashed_at_start', 'exits_once_ready', 'liveness_restarts', 'out_of_memory', 'never_ready',
  'unschedulable', 'quota', 'init_failed', 'refused', 'timed_out', 'changed_by', 'deleted_by', 'namespace_deleted', 'paused', 'scaled_to_zero', 'timer_failed',
  'too_few', 'required_env', 'pull_secret', 'not_possible', 'cancelled', 'release_command_failed', 'own_error',
] as const
export type CauseKind = (typeof causeKinds)[number]

/** One failure of one service, with all that is known of it. Absent means not known. Serialisable: kept as JSON. */
export interface Cause {
  readonly kind: CauseKind
  /** Id of the judge's rule, such as `crash-loop`. */
  readonly rule: string
  /** Absent when the failure is of the whole release (an object the cluster refused, say). */
  readonly service?: string
  /** Pod name. */
  readonly process?: string
  readonly container?: string
  /** The cluster's own word, such as `CrashLoopBackOff`. */
  readonly reason?: string
  /** The cluster's own sentence, unmasked length-limited by who shows it. */
  readonly message?: string
  readonly exitCode?: number
  readonly signal?: number
  readonly restarts?: number
  /** How many of the new processes show it. */
  readonly affected?: { readonly failing: number; readonly of: number }
  /** The image reference as it stands in the build. */
  readonly image?: string
  /** `secret "nope"`, `configmap "x"`, `key …`; `namespace/name` of the rack's pull secret. */
  readonly object?: string
  /** MiB; of an out-of-memory kill: the container's limit. */
  readonly memoryLimit?: number
  /** Path of the readiness check. */
  readonly path?: string
  /** Seconds between becoming ready and exiting. */
  readonly readyFor?: number
  /** Seconds the rollout was given. */
  readonly deadline?: number
  /** Processes ready when it was judged. */
  readonly ready?: { readonly ready: number; readonly of: number }
  /** The release command that failed, as it stands in convox.yml. */
  readonly command?: string
  /** The least that the rollout must leave available. */
  readonly minimum?: number
  /** What was seen and not held against it. */
  readonly excused?: readonly Excused[]
  /** Field manager of somebody else's change, of the pause, or of the number of processes. */
  readonly manager?: string
  /** Who cancelled (Slack id). */
  readonly by?: string
  /** Names of the missing required env keys. */
  readonly keys?: readonly string[]
  /** RFC 3339; when the first sign of it was seen. */
  readonly firstSeen: string
}

/** The last log lines of one failing container, masked before they are stored. */
export interface LogExcerpt {
  readonly service: string
  readonly process: string
  readonly container: string
  /** True when they are the container's that exited before the running one. */
  readonly previous: boolean
  readonly lines: readonly string[]
  /** Said instead of lines when there is no log. */
  readonly none?: 'never_started' | 'not_kept' | 'not_answered'
}
