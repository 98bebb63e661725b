/** The closed word lists of the tables. Pure: imported by the schema, the domain and the messages alike. */

/** Where a promotion stands (design 4). */
export const promotionStatuses = [
  'awaiting_approval', 'queued', 'rolling_out', 'rolling_back',
  'succeeded', 'rejected', 'expired', 'cancelled', 'failed', 'superseded', 'rolled_back', 'rollback_failed',
] as const
export type PromotionStatus = (typeof promotionStatuses)[number]

/** What a promotion was asked as. A rollback promotes a copy of an older release. */
export const promotionKinds = ['promote', 'rollback'] as const
export type PromotionKind = (typeof promotionKinds)[number]

/** The named steps of a moving promotion, in order; each is written before its side effect. */
export const promotionSteps = [
  'dry_run', 'release_job', 'apply', 'services', 'stability', 'prune',
  'evidence', 'restore', 'services_back', 'scale_down',
] as const
export type PromotionStep = (typeof promotionSteps)[number]

/** How a release came to be. */
export const releaseOrigins = ['build', 'env', 'create_from', 'rollback'] as const

/** What a row of the outbox is about. Cards have no rows: they are redrawn whenever the promotion's `rev` is ahead. */
export const outboxKinds = ['line', 'announcement', 'notice'] as const
export type OutboxKind = (typeof outboxKinds)[number]

/** Where the delivery of one outbox row or message stands. */
export const deliveryStates = ['pending', 'sending', 'sent', 'unknown', 'dead'] as const
export type DeliveryState = (typeof deliveryStates)[number]

/** What a person or the clock decided about a request, in the audit. */
export const auditDecisions = ['requested', 'approved', 'rejected', 'cancelled', 'expired', 'voided', 'overridden', 'refused'] as const
export type AuditDecision = (typeof auditDecisions)[number]
