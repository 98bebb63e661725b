import { findApp } from '../db/apps.ts'
import { writeAudit } from '../db/audit.ts'
import type { Db } from '../db/client.ts'
import { addFacts, addVote, clearVotes, findPromotion, movePromotion, votesOf, type PromotionRecord } from '../db/promotions.ts'
import { findReleaseAnywhere } from '../db/releases.ts'
import { includesRole } from './actor.ts'
import { appParams } from './apps.ts'
import { byCaller } from './audit-row.ts'
import { requireRole } from './authorize.ts'
import type { Rack } from './context.ts'
import { approvedNow, buildOf, digestOf, movedPart, partValue } from './digest.ts'
import { expireRequest } from './expire.ts'
import { finish } from './finish.ts'
import { cancelForForced } from './force.ts'
import { normalId } from './ids.ts'
import { fromJson, toJson } from './json.ts'
import type { Caller } from './operations.ts'
import type { DigestPart, Warning } from './progress.ts'
import type { PromotionView } from './promotion-view.ts'
import { promotionView } from './promotions.ts'
import { refuse } from './refusal.ts'
import { openEnv } from './release-env.ts'
import { changeFrom } from './request.ts'
import { lineFact } from './say.ts'

/** Who may decide on this promotion: the app's approvers when set, else the role; never the requester. */
const requireDecider = (caller: Caller, promotion: PromotionRecord): void => {
  const listed = promotion.approvers
  if (listed.length > 0 && !listed.includes(caller.actor.id)) refuse({ code: 'not_an_approver', approvers: listed })
  if (listed.length === 0 && !includesRole(caller.actor.role, 'approver')) refuse({ code: 'forbidden', role: caller.actor.role, needs: 'approver', what: 'approving', who: [] })
  if (caller.actor.id === promotion.requester) refuse({ code: 'own_request', who: listed.filter((id) => id !== caller.actor.id) })
}

/** Why a decision comes too late: who was quicker, or how it ended. */
export const refuseDecided = async (db: Db, promotion: PromotionRecord): Promise<never> => {
  if (promotion.status === 'expired') return refuse({ code: 'request_expired', at: promotion.finishedAt ?? promotion.requestedAt, promotion: promotion.id })
  const votes = await votesOf(db, promotion.id, promotion.digest)
  const last = votes.at(-1)
  return refuse({
    code: 'already_decided', status: promotion.status, by: promotion.endedBy ?? last?.person ?? promotion.requester,
    at: promotion.finishedAt ?? last?.at ?? promotion.requestedAt,
  })
}

/** The promotion still waiting for approval, and the caller one who may decide on it. */
const requireOpen = async (rack: Rack, db: Db, caller: Caller, id: string): Promise<PromotionRecord> => {
  requireRole(caller, 'viewer', 'approving')
  const promotion = await findPromotion(db, normalId(id))
  if (promotion === undefined || promotion.rack !== rack.name) return refuse({ code: 'promotion_not_found', promotion: id, nearest: [], app: '' })
  if (promotion.status !== 'awaiting_approval') return refuseDecided(db, promotion)
  requireDecider(caller, promotion)
  return promotion
}

/** Expires on the spot what the schedule has not got round to; then nothing can be decided on it. */
const refuseExpired = async (rack: Rack, promotion: PromotionRecord): Promise<void> => {
  if (promotion.expiresAt === null || promotion.expiresAt > rack.clock()) return
  await expireRequest(rack, promotion.id)
  refuse({ code: 'request_expired', at: promotion.expiresAt, promotion: promotion.id })
}

interface Moved { readonly part: DigestPart; readonly value: string }
type Cleared = Extract<Warning, { kind: 'approvals_cleared' }>

/** The last time that votes on this promotion became void. */
const lastCleared = (promotion: PromotionRecord): Cleared | undefined =>
  (fromJson<Warning[]>(promotion.warnings) ?? []).find((warning): warning is Cleared => warning.kind === 'approvals_cleared')

/** Re-computes what was asked; when it moved, the votes are void, expiry starts anew, and the card says which part. Null: as it was, or decided meanwhile. */
export const renewIfChanged = (rack: Rack, tx: Db, promotion: PromotionRecord): Promise<Moved | null> => renew(rack, tx, promotion, false)

/** Asks again although nothing of what was asked has moved: what it was to follow did not end as expected. */
export const askAgain = async (rack: Rack, tx: Db, promotion: PromotionRecord): Promise<void> => {
  await renew(rack, tx, promotion, true)
  await clearVotes(tx, promotion.id)
}

const renew = async (rack: Rack, tx: Db, promotion: PromotionRecord, anyway: boolean): Promise<Moved | null> => {
  const [release, app] = [await findReleaseAnywhere(tx, promotion.releaseId), await findApp(tx, rack.name, promotion.app)]
  const build = release === undefined ? undefined : await buildOf(tx, release)
  if (release === undefined || build === undefined || app === undefined) throw new Error(`${promotion.id} lost its release`)
  const params = await appParams(tx, rack.name, promotion.app)
  const asked = promotion.deadlineSeconds
  const now = await approvedNow(rack, tx, { app: app.name, namespace: app.namespace, release, build, deadlineSeconds: asked })
  const digest = digestOf(rack.sealer, now, promotion.digestKeyId)
  if (digest.digest === promotion.digest && !anyway) return null
  const part = movedPart(promotion.digestParts, digest.parts) ?? (anyway ? 'active' : 'release')
  const value = partValue(part, now)
  const at = rack.clock()
  // Of two who find out in the same instant, one renews.
  const locked = await movePromotion(tx, promotion.id, { from: ['awaiting_approval', 'queued'], set: {} })
  if (locked === undefined) return null
  if (locked.digest !== promotion.digest) return { part, value }
  const cleared: Cleared = { kind: 'approvals_cleared', at: at.toISOString(), part, value, rev: locked.rev + 1 }
  const warnings: Warning[] = [...(fromJson<Warning[]>(promotion.warnings) ?? []).filter((warning) => warning.kind !== 'approvals_cleared'), cleared]
  await movePromotion(tx, promotion.id, {
    from: ['awaiting_approval', 'queued'],
    set: {
      status: 'awaiting_approval', queuedAt: null, digest: digest.digest, digestParts: digest.parts, approvalsNeeded: Math.max(1, params.approvals), approvers: params.approvers, waived: null,
      fromReleaseId: now.active, change: toJson(await changeFrom(rack, tx, now.active, { build, env: openEnv(rack.sealer, release) })), stabilitySeconds: now.deadline[1], expiresAt: new Date(at.getTime() + params.expiry * 1000), warnings: toJson(warnings),
    },
  })
  await addFacts(tx, promotion.id, [lineFact({ at: at.toISOString(), kind: 'votes_cleared', part })])
  await writeAudit(tx, { rack: rack.name, app: promotion.app, actor: 'system', action: 'promotion.changed', promotionId: promotion.id, decision: 'voided', digest: digest.digest, detail: { part } })
  return { part, value }
}

/** One vote. The last one queues the promotion. Identity, role, state and digest are checked at this moment. */
export const approve = async (rack: Rack, caller: Caller, input: { promotion: string; rev: number | null }): Promise<PromotionView> => {
  const seen = await requireOpen(rack, rack.db, caller, input.promotion)
  await refuseExpired(rack, seen)
  const renewed = await rack.db.transaction((tx) => renewIfChanged(rack, tx, seen))
  if (renewed !== null) {
    rack.wakeDelivery.call()
    return refuse({ code: 'changed_since', part: renewed.part, value: renewed.value, promotion: seen.id })
  }
  // A card drawn before the votes became void showed something else than what would be approved now.
  const cleared = lastCleared(seen)
  if (cleared !== undefined && input.rev !== null && input.rev < (cleared.rev ?? 0)) refuse({ code: 'changed_since', part: cleared.part, value: cleared.value, promotion: seen.id })
  const changed = await rack.db.transaction(async (tx) => {
    // The first statement locks the row: two votes in the same instant are counted one after the other.
    const locked = await movePromotion(tx, seen.id, { from: ['awaiting_approval'], set: {} })
    if (locked === undefined) return refuseDecided(tx, (await findPromotion(tx, seen.id)) ?? seen)
    if (locked.digest !== seen.digest) {
      const { part, value } = lastCleared(locked) ?? { part: 'release' as const, value: locked.releaseId }
      return refuse({ code: 'changed_since', part, value, promotion: seen.id })
    }
    const at = rack.clock()
    const isNew = await addVote(tx, { promotionId: seen.id, digest: locked.digest, person: caller.actor.id, at })
    const have = (await votesOf(tx, seen.id, locked.digest)).length
    if (!isNew) return refuse({ code: 'already_voted', have, need: locked.approvalsNeeded })
    await addFacts(tx, seen.id, [lineFact({ at: at.toISOString(), kind: 'approved', by: caller.actor.id, have, need: locked.approvalsNeeded })])
    await writeAudit(tx, { rack: rack.name, app: seen.app, ...byCaller(caller), action: 'promotion.approve', promotionId: seen.id, decision: 'approved', digest: locked.digest, detail: { have, need: locked.approvalsNeeded } })
    const queued = have < locked.approvalsNeeded ? locked : await movePromotion(tx, seen.id, { from: ['awaiting_approval'], set: { status: 'queued', queuedAt: at, expiresAt: null } })
    if (queued === undefined) throw new Error(`${seen.id} moved under its lock`)
    if (queued.force && queued.status === 'queued') await cancelForForced(rack, tx, queued)
    await finish(tx, caller)
    return queued
  })
  rack.wakeRollouts.call()
  rack.wakeDelivery.call()
  return promotionView(rack, changed)
}

/** Who may reject, before a modal asks why. */
export const mayDecide = async (rack: Rack, caller: Caller, input: { promotion: string }): Promise<PromotionView> => {
  const promotion = await requireOpen(rack, rack.db, caller, input.promotion)
  await refuseExpired(rack, promotion)
  return promotionView(rack, promotion)
}
