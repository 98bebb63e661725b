import { findConversation } from '../db/conversations.ts'
import type { PageAsk, Paged } from '../db/page.ts'
import { findPromotion, listPromotionRecords, pageOfPromotions, previousPromotion, votersOf, votesOf, type PromotionRecord } from '../db/promotions.ts'
import { findReleaseAnywhere } from '../db/releases.ts'
import { requireRole } from './authorize.ts'
import type { Cause, LogExcerpt } from './cause.ts'
import type { Rack } from './context.ts'
import { requireApp } from './find.ts'
import type { Wait } from './gate/gate.ts'
import { lineOf, placeIn } from './gate/line.ts'
import { passWarnings } from './gate/passing.ts'
import { verdictOf } from './gate/state.ts'
import { normalId, promotionRef } from './ids.ts'
import { fromJson } from './json.ts'
import { nearest } from './nearest.ts'
import type { Caller, PromotionRow } from './operations.ts'
import type { Progress, Warning } from './progress.ts'
import type { PromotionView, ReleaseChange } from './promotion-view.ts'
import { refuse } from './refusal.ts'

const nothing: ReleaseChange = { images: [], env: { added: [], changed: [], removed: [] }, manifest: [] }

/** When a rollback gives up; null while none is on. */
export const rollbackDeadline = (promotion: Pick<PromotionRecord, 'progress' | 'status'>): Date | null => {
  const until = promotion.status === 'rolling_back' ? fromJson<Progress>(promotion.progress)?.deadlineAt : undefined
  return until === undefined ? null : new Date(until)
}

/** What a view is read with. */
export type ViewRack = Pick<Rack, 'name' | 'severalRacks' | 'db' | 'clock' | 'roles'>

interface Waiting { readonly queue: PromotionView['queue']; readonly waits: readonly Wait[]; readonly warnings: readonly Warning[] }

const notWaiting: Waiting = { queue: null, waits: [], warnings: [] }

/** What a promotion waits for besides approvals, and what it would pass. */
const waitingOf = async (rack: ViewRack, promotion: PromotionRecord): Promise<Waiting> => {
  if (promotion.status !== 'queued' && promotion.status !== 'awaiting_approval') return notWaiting
  if (promotion.status === 'awaiting_approval') {
    const { waits, passes } = await verdictOf(rack, rack.db, promotion)
    return { queue: null, waits, warnings: passWarnings(passes, promotion) }
  }
  const line = await lineOf(rack, rack.db, promotion.app)
  // The record may be older than this look: what has begun meanwhile waits for nothing.
  const verdict = line.verdicts.get(promotion.id)
  return verdict === undefined ? notWaiting : { queue: placeIn(line, promotion.id), waits: verdict.waits, warnings: passWarnings(verdict.passes, promotion) }
}

/** Everything a message says of a promotion, from the database alone: any replica can draw it. */
export const promotionView = async (rack: ViewRack, promotion: PromotionRecord): Promise<PromotionView> => {
  const release = await findReleaseAnywhere(rack.db, promotion.releaseId)
  const last = await previousPromotion(rack.db, rack.name, promotion.app, promotion.seq)
  const votes = await votesOf(rack.db, promotion.id, promotion.digest)
  const voters = new Set(votes.map((vote) => vote.person))
  const voided = (await votersOf(rack.db, promotion.id)).filter((person) => !voters.has(person))
  const waiting = await waitingOf(rack, promotion)
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
    change: fromJson<ReleaseChange>(promotion.change) ?? nothing, warnings: [...waiting.warnings, ...(fromJson<Warning[]>(promotion.warnings) ?? [])],
    startedAt: promotion.startedAt, failedAt: promotion.failedAt, finishedAt: promotion.finishedAt, progress: fromJson<Progress>(promotion.progress),
    cause: fromJson<Cause>(promotion.cause), otherCauses: fromJson<Cause[]>(promotion.otherCauses) ?? [], rollbackCause: fromJson<Cause>(promotion.rollbackCause),
    logs: fromJson<LogExcerpt[]>(promotion.logs) ?? [],
    ended: by === null || endedAt === null ? null : { by, at: endedAt, ...(promotion.endedReason === null ? {} : { reason: promotion.endedReason }) },
    last: last === undefined || last.finishedAt === null ? null : { status: last.status, at: last.finishedAt },
    queue: waiting.queue, waits: waiting.waits,
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
