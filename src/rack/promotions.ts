import { findConversation } from '../db/conversations.ts'
import type { PageAsk, Paged } from '../db/page.ts'
import { findPromotion, listPromotionRecords, openPromotions, pageOfPromotions, previousPromotion, votersOf, votesOf, type PromotionRecord } from '../db/promotions.ts'
import { findReleaseAnywhere } from '../db/releases.ts'
import { requireRole } from './authorize.ts'
import type { Cause, LogExcerpt } from './cause.ts'
import type { Rack } from './context.ts'
import { requireApp } from './find.ts'
import { normalId, promotionRef } from './ids.ts'
import { fromJson } from './json.ts'
import { nearest } from './nearest.ts'
import type { Caller, PromotionRow } from './operations.ts'
import type { Progress, Warning } from './progress.ts'
import { isMoving } from './promotion.ts'
import type { PromotionView, ReleaseChange } from './promotion-view.ts'
import { refuse } from './refusal.ts'

const nothing: ReleaseChange = { images: [], env: { added: [], changed: [], removed: [] }, manifest: [] }

/** When a rollback gives up; null while none is on. */
export const rollbackDeadline = (promotion: Pick<PromotionRecord, 'progress' | 'status'>): Date | null => {
  const until = promotion.status === 'rolling_back' ? fromJson<Progress>(promotion.progress)?.deadlineAt : undefined
  return until === undefined ? null : new Date(until)
}

/** What a view is read with. */
export type ViewRack = Pick<Rack, 'name' | 'severalRacks' | 'db'>

const queueOf = async (rack: ViewRack, promotion: PromotionRecord): Promise<PromotionView['queue']> => {
  if (promotion.status !== 'queued') return null
  const open = await openPromotions(rack.db, rack.name, promotion.app)
  // The record may be older than this look: a promotion that has begun meanwhile does not wait behind itself.
  const moving = open.find((other) => isMoving(other.status) && other.id !== promotion.id)
  if (moving === undefined) return null
  const queued = open.filter((other) => other.status === 'queued').toSorted((a, b) => Number(b.force) - Number(a.force))
  return { position: queued.findIndex((other) => other.id === promotion.id) + 1, of: queued.length, behind: moving.releaseId, behindRequester: moving.requester, ...(promotion.force ? { forced: true } : {}) }
}

/** Everything a message says of a promotion, from the database alone: any replica can draw it. */
export const promotionView = async (rack: ViewRack, promotion: PromotionRecord): Promise<PromotionView> => {
  const release = await findReleaseAnywhere(rack.db, promotion.releaseId)
  const last = await previousPromotion(rack.db, rack.name, promotion.app, promotion.seq)
  const votes = await votesOf(rack.db, promotion.id, promotion.digest)
  const voters = new Set(votes.map((vote) => vote.person))
  const voided = (await votersOf(rack.db, promotion.id)).filter((person) => !voters.has(person))
  const by = promotion.endedBy ?? promotion.cancelBy
  const endedAt = promotion.endedBy === null ? promotion.cancelAt : promotion.finishedAt
  return {
    id: promotion.id, rack: promotion.rack, app: promotion.app, severalRacks: rack.severalRacks, kind: promotion.kind, status: promotion.status, rev: promotion.rev,
    release: { id: promotion.releaseId, description: release?.description ?? '', build: release?.buildId ?? null },
    from: promotion.fromReleaseId, target: promotion.targetReleaseId, requester: promotion.requester, requestedAt: promotion.requestedAt,
    approvals: {
      needed: promotion.approvalsNeeded, ...(promotion.waived === null ? {} : { waived: promotion.waived }),
      votes: votes.map((vote) => ({ by: vote.person, at: vote.at })), approvers: promotion.approvers, voided,
    },
    expiresAt: promotion.expiresAt, deadlineSeconds: promotion.deadlineSeconds, stabilitySeconds: promotion.stabilitySeconds,
    change: fromJson<ReleaseChange>(promotion.change) ?? nothing, warnings: fromJson<Warning[]>(promotion.warnings) ?? [],
    startedAt: promotion.startedAt, failedAt: promotion.failedAt, finishedAt: promotion.finishedAt, progress: fromJson<Progress>(promotion.progress),
    cause: fromJson<Cause>(promotion.cause), otherCauses: fromJson<Cause[]>(promotion.otherCauses) ?? [], rollbackCause: fromJson<Cause>(promotion.rollbackCause),
    logs: fromJson<LogExcerpt[]>(promotion.logs) ?? [],
    ended: by === null || endedAt === null ? null : { by, at: endedAt, ...(promotion.endedReason === null ? {} : { reason: promotion.endedReason }) },
    last: last === undefined || last.finishedAt === null ? null : { status: last.status, at: last.finishedAt },
    queue: await queueOf(rack, promotion),
    continuesEarlier: (await findConversation(rack.db, promotion.id))?.continues ?? false,
    ref: promotionRef(promotion.id),
  }
}

/** A page of an app's promotions, newest first. */
export const listPromotions = async (rack: Rack, caller: Caller, input: { app: string } & PageAsk): Promise<Paged<PromotionRow>> => {
  requireRole(caller, 'viewer', 'listing promotions')
  const app = await requireApp(rack.db, rack.name, input.app)
  const page = await pageOfPromotions(rack.db, rack.name, app.name, input)
  const rows: PromotionRow[] = []
  for (const record of page.rows) {
    rows.push({
      id: record.id, kind: record.kind, status: record.status, release: record.releaseId, from: record.fromReleaseId, requester: record.requester, requestedAt: record.requestedAt,
      startedAt: record.startedAt, finishedAt: record.finishedAt, approvals: (await votesOf(rack.db, record.id, record.digest)).length, approvalsNeeded: record.approvalsNeeded,
      cause: fromJson<Cause>(record.cause), ended: record.endedBy === null ? null : { by: record.endedBy, reason: record.endedReason },
    })
  }
  return { ...page, rows }
}

/** One promotion in full. */
export const promotionInfo = async (rack: Rack, caller: Caller, input: { promotion: string; app?: string }): Promise<PromotionView> => {
  requireRole(caller, 'viewer', 'reading a promotion')
  const wanted = normalId(input.promotion)
  const found = await findPromotion(rack.db, wanted)
  if (found !== undefined && found.rack === rack.name) return promotionView(rack, found)
  const known = input.app === undefined ? [] : (await listPromotionRecords(rack.db, rack.name, input.app, 50)).map((each) => each.id)
  const near = nearest(wanted, known)
  return refuse({ code: 'promotion_not_found', promotion: wanted, nearest: near.length > 0 ? near : known.slice(0, 2), app: input.app ?? '' })
}
