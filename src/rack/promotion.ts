import type { PromotionStatus } from '../db/words.ts'

/** The only ways a promotion moves (design 4). `movePromotion` in the database layer refuses every other one. */
export const transitions = {
  awaiting_approval: ['queued', 'rejected', 'expired', 'cancelled'],
  queued: ['rolling_out', 'awaiting_approval', 'cancelled', 'failed'],
  rolling_out: ['succeeded', 'failed', 'superseded', 'rolling_back'],
  rolling_back: ['rolled_back', 'rollback_failed', 'superseded', 'failed'],
  succeeded: [], rejected: [], expired: [], cancelled: [], failed: [], superseded: [], rolled_back: [], rollback_failed: [],
} as const satisfies Record<PromotionStatus, readonly PromotionStatus[]>

/** Statuses in which the cluster is being changed; at most one such promotion per app. */
export const moving = ['rolling_out', 'rolling_back'] as const satisfies readonly PromotionStatus[]
/** Statuses in which nothing has been changed yet. */
export const waiting = ['awaiting_approval', 'queued'] as const satisfies readonly PromotionStatus[]

const includes = (list: readonly PromotionStatus[], status: PromotionStatus): boolean => list.includes(status)

/** True while the promotion changes the cluster. */
export const isMoving = (status: PromotionStatus): boolean => includes(moving, status)
/** True once nothing can happen to the promotion any more. */
export const isFinal = (status: PromotionStatus): boolean => transitions[status].length === 0
/** The statuses from which `to` may be reached. */
export const sourcesOf = (to: PromotionStatus): PromotionStatus[] => {
  const sources: PromotionStatus[] = []
  for (const from of ['awaiting_approval', 'queued', 'rolling_out', 'rolling_back'] as const) if (includes(transitions[from], to)) sources.push(from)
  return sources
}

/** True once a rollout has been proven and only tidies up: a cancel would be noted, and then it would succeed all the same. */
export const isProven = (promotion: { readonly step: string | null }): boolean => promotion.step === 'prune'

/** True once a first release has failed and is being stopped: a cancel would ask for what happens already. One with a way back is `rolling_back` by then. */
export const isStopping = (promotion: { readonly step: string | null }): boolean => promotion.step === 'evidence' || promotion.step === 'scale_down'

/** A release copied for a promotion that ended so never counts as the newest (answers.md, "Base of a new release"). */
export const refusedCopyStatuses = ['rejected', 'expired', 'cancelled'] as const satisfies readonly PromotionStatus[]

/** Statuses shown in the thread (`system/k8s/atom/app Status: A => B`). */
export const appStatuses = ['None', 'Pending', 'Updating', 'Running', 'Error', 'Deadline', 'Cancelled', 'Rollback', 'Reverted', 'Failure'] as const
export type AppStatus = (typeof appStatuses)[number]
