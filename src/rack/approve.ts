import { findApp } from '../db/apps.ts'
import { writeAudit } from '../db/audit.ts'
import type { Db } from '../db/client.ts'
import { addFacts, addVote, clearVotes, dropVote, findPromotion, movePromotion, voidVotes, votesOf, type PromotionRecord } from '../db/promotions.ts'
import { findReleaseAnywhere } from '../db/releases.ts'
import { appParams } from './apps.ts'
import { byCaller } from './audit-row.ts'
import { requireRole } from './authorize.ts'
import type { Books, Rack } from './context.ts'
import { approvedNow, buildOf, digestOf, movedPart, partValue } from './digest.ts'
import { lostVotes, requireDecider, requireDeciderNow, type LostVote } from './electorate.ts'
import { expireRequest } from './expire.ts'
import { requirePromotion } from './find.ts'
import { finish } from './finish.ts'
import { cancelForForced } from './force.ts'
import { fromJson, toJson } from './json.ts'
import type { Caller } from './operations.ts'
import type { DigestPart, Warning } from './progress.ts'
import type { PromotionView } from './promotion-view.ts'
import { promotionView } from './promotions.ts'
import { refuse } from './refusal.ts'
import { openEnv } from './release-env.ts'
import { changeFrom } from './request.ts'
import { principalOf } from './roles.ts'
import { lineFact } from './say.ts'

/** Why a decision comes too late: who was quicker, or how it ended. */
export const refuseDecided = async (db: Db, promotion: PromotionRecord): Promise<never> => {
  if (promotion.status === 'expired') return refuse({ code: 'request_expired', at: promotion.finishedAt ?? promotion.requestedAt, promotion: promotion.id })
  const votes = await votesOf(db, promotion.id, promotion.digest)
  const last = votes.at(-1)
  return refuse({
    code: 'already_decided', status: promotion.status, by: promotion.endedBy ?? last?.person ?? null,
    at: promotion.finishedAt ?? last?.at ?? promotion.requestedAt,
  })
}

/** The promotion still waiting for approval, and the caller one who may decide on it. */
const requireOpen = async (rack: Books, db: Db, caller: Caller, id: string): Promise<PromotionRecord> => {
  requireRole(caller, 'viewer', 'approving')
  const promotion = await requirePromotion(db, rack.name, id)
  if (promotion.status !== 'awaiting_approval') return refuseDecided(db, promotion)
  await requireDecider(rack, caller, promotion)
  return promotion
}

/** Expires on the spot what the schedule has not got round to; then nothing can be decided on it. */
const refuseExpired = async (rack: Books, promotion: PromotionRecord): Promise<void> => {
  if (promotion.expiresAt === null || promotion.expiresAt > rack.clock()) return
  await expireRequest(rack, promotion.id)
  refuse({ code: 'request_expired', at: promotion.expiresAt, promotion: promotion.id })
}

/** What a decision is about to be made on: open, in time, and the caller one who may decide on it, as Slack has it now. */
export const requireDecision = async (rack: Books, caller: Caller, id: string): Promise<PromotionRecord> => {
  const promotion = await requireOpen(rack, rack.db, caller, id)
  await refuseExpired(rack, promotion)
  await requireDeciderNow(rack, caller, promotion)
  return promotion
}

interface Moved { readonly part: DigestPart; readonly value: string }
type Cleared = Extract<Warning, { kind: 'approvals_cleared' }>

/** The last time that votes on this promotion became void. */
const lastCleared = (promotion: PromotionRecord): Cleared | undefined =>
  (fromJson<Warning[]>(promotion.warnings) ?? []).find((warning): warning is Cleared => warning.kind === 'approvals_cleared')

/** Re-computes what was asked; when it moved, the votes are void, expiry starts anew, and the card says which part. Null: as it was, or decided meanwhile. */
export const renewIfChanged = (rack: Books, tx: Db, promotion: PromotionRecord): Promise<Moved | null> => renew(rack, tx, promotion, false)

/** Asks again although nothing of what was asked has moved: what it was to follow did not end as expected. */
export const askAgain = async (rack: Books, tx: Db, promotion: PromotionRecord): Promise<void> => {
  await renew(rack, tx, promotion, true)
  await clearVotes(tx, promotion.id)
}

/** What is asked for, as it is now; with the app's row locked, nothing of it changes until the transaction ends. */
const askedNow = async (rack: Pick<Rack, 'name' | 'sealer' | 'roles'>, tx: Db, promotion: PromotionRecord) => {
  const [release, app] = [await findReleaseAnywhere(tx, promotion.releaseId), await findApp(tx, rack.name, promotion.app)]
  const build = release === undefined ? undefined : await buildOf(tx, release)
  if (release === undefined || build === undefined || app === undefined) throw new Error(`${promotion.id} lost its release`)
  const now = await approvedNow(rack, tx, { app: app.name, namespace: app.namespace, release, build, deadlineSeconds: promotion.deadlineAsked })
  return { release, build, now, digest: digestOf(rack.sealer, now, promotion.digestKeyId) }
}

/** Whether what is about to run is what was approved, or nobody has to approve it (still). The last look, in the transaction in which it begins. */
export const isStillApproved = async (rack: Pick<Rack, 'name' | 'sealer' | 'roles'>, tx: Db, promotion: PromotionRecord): Promise<boolean> => {
  if (promotion.waived === 'policy') return (await appParams(tx, rack.name, promotion.app)).approvals === 0
  return promotion.waived !== null || (await askedNow(rack, tx, promotion)).digest.digest === promotion.digest
}

const renew = async (rack: Books, tx: Db, promotion: PromotionRecord, anyway: boolean): Promise<Moved | null> => {
  const { release, build, now, digest } = await askedNow(rack, tx, promotion)
  if (digest.digest === promotion.digest && !anyway) return null
  const params = await appParams(tx, rack.name, promotion.app)
  const part = movedPart(promotion.digestParts, digest.parts) ?? (anyway ? 'active' : 'release')
  const value = partValue(part, now, promotion)
  // Under the first key, so that what is open needs no key that is about to be removed.
  const fresh = digestOf(rack.sealer, now)
  const at = rack.clock()
  // Of two who find out in the same instant, one renews.
  const locked = await movePromotion(tx, promotion.id, { from: ['awaiting_approval', 'queued'], set: {} })
  if (locked === undefined) return null
  if (locked.digest !== promotion.digest) return { part, value }
  const cleared = { kind: 'approvals_cleared', at: at.toISOString(), part, value, rev: locked.rev + 1 } as const satisfies Cleared
  const warnings: Warning[] = [...(fromJson<Warning[]>(promotion.warnings) ?? []).filter(({ kind }) => kind !== 'approvals_cleared' && kind !== 'approval_dropped'), cleared]
  await movePromotion(tx, promotion.id, {
    from: ['awaiting_approval', 'queued'],
    set: {
      status: 'awaiting_approval', queuedAt: null, digest: fresh.digest, digestKeyId: fresh.keyId, digestParts: fresh.parts, approvalsNeeded: Math.max(1, params.approvals), approvers: params.approvers, waived: null,
      fromReleaseId: now.active, targetReleaseId: now.target[2] ?? null, change: toJson(await changeFrom(rack, tx, now.active, { build, env: openEnv(rack.sealer, release) })), deadlineSeconds: now.deadline[0], stabilitySeconds: now.deadline[1], expiresAt: new Date(at.getTime() + params.expiry * 1000), warnings: toJson(warnings),
    },
  })
  await voidVotes(tx, promotion.id, cleared.rev)
  await addFacts(tx, promotion.id, [lineFact({ at: at.toISOString(), kind: 'votes_cleared', part })])
  await writeAudit(tx, { rack: rack.name, app: promotion.app, actor: 'system', action: 'promotion.changed', promotionId: promotion.id, decision: 'voided', digest: fresh.digest, detail: { part } })
  return { part, value }
}

/** A vote that came in while the others were looked at: look again. */
class UnseenVoteError extends Error {
  constructor(promotion: string) {
    super(`somebody else voted on ${promotion} just now`)
    this.name = 'UnseenVoteError'
  }
}

/** Votes that no longer count are taken out, named in the thread, in the audit and (by the warning) on the card. The promotion is locked. */
const dropLost = async (
  rack: Books, tx: Db, promotion: PromotionRecord, lost: readonly LostVote[], { voter, votes }: { readonly voter: string; readonly votes: readonly { readonly person: string }[] },
): Promise<Warning[]> => {
  const at = rack.clock().toISOString()
  const kept = (fromJson<Warning[]>(promotion.warnings) ?? []).filter((warning) => warning.kind !== 'approval_dropped' || (warning.by !== voter && !lost.some(({ person }) => person === warning.by)))
  const warnings: Warning[] = []
  for (const { person, why } of lost) {
    if (!votes.some((vote) => vote.person === person)) continue
    await dropVote(tx, { promotionId: promotion.id, digest: promotion.digest, person })
    await addFacts(tx, promotion.id, [lineFact({ at, kind: 'vote_dropped', by: person, why })])
    await writeAudit(tx, { rack: rack.name, app: promotion.app, actor: 'system', action: 'promotion.drop_vote', promotionId: promotion.id, digest: promotion.digest, detail: { person, why } })
    warnings.push({ kind: 'approval_dropped', by: person, why, at })
  }
  return [...kept, ...warnings]
}

/** Writes the vote, in one transaction with what it leads to. `looked`: whose votes were looked at just now, and which of them are lost. */
const writeVote = (rack: Books, caller: Caller, seen: PromotionRecord, looked: { readonly at: readonly string[]; readonly lost: readonly LostVote[] }): Promise<PromotionRecord> =>
  rack.db.transaction(async (tx) => {
    // The first statement locks the row: two votes in the same instant are counted one after the other.
    const locked = await movePromotion(tx, seen.id, { from: ['awaiting_approval'], set: {} })
    if (locked === undefined) return refuseDecided(tx, (await findPromotion(tx, seen.id)) ?? seen)
    if (locked.digest !== seen.digest) {
      const { part, value } = lastCleared(locked) ?? { part: 'release' as const, value: locked.releaseId }
      return refuse({ code: 'changed_since', part, value, promotion: seen.id })
    }
    const at = rack.clock()
    const me = principalOf(rack.roles, caller.actor.id)
    const before = await votesOf(tx, seen.id, locked.digest)
    const counting = before.filter(({ person }) => !looked.lost.some((lost) => lost.person === person))
    const principals = new Set(counting.map(({ person }) => principalOf(rack.roles, person)))
    if (principals.has(me)) return refuse({ code: 'already_voted', have: principals.size, need: locked.approvalsNeeded })
    const have = principals.size + 1
    if (have >= locked.approvalsNeeded && counting.some(({ person }) => !looked.at.includes(person))) throw new UnseenVoteError(seen.id)
    const warnings = await dropLost(rack, tx, locked, looked.lost, { voter: caller.actor.id, votes: before })
    await addVote(tx, { promotionId: seen.id, digest: locked.digest, person: caller.actor.id, at })
    await addFacts(tx, seen.id, [lineFact({ at: at.toISOString(), kind: 'approved', by: caller.actor.id, have, need: locked.approvalsNeeded })])
    await writeAudit(tx, { rack: rack.name, app: seen.app, ...byCaller(caller), action: 'promotion.approve', promotionId: seen.id, decision: 'approved', digest: locked.digest, detail: { have, need: locked.approvalsNeeded } })
    const enough = have >= locked.approvalsNeeded
    const changed = await movePromotion(tx, seen.id, { from: ['awaiting_approval'], set: { warnings: toJson(warnings), ...(enough ? { status: 'queued', queuedAt: at, expiresAt: null } : {}) } })
    if (changed === undefined) throw new Error(`${seen.id} moved under its lock`)
    if (changed.force && changed.status === 'queued') await cancelForForced(rack, tx, changed)
    await finish(tx, caller)
    return changed
  })

/** Tries at a vote while others vote too; each of those has settled one by then. */
const mostLooks = 5

/** Looks at everybody who voted before, when this vote would be the last, and writes it. Nobody is asked about inside a transaction. */
const countVote = async (rack: Books, caller: Caller, seen: PromotionRecord, look = 1): Promise<PromotionRecord> => {
  const votes = await votesOf(rack.db, seen.id, seen.digest)
  const others = votes.map(({ person }) => person).filter((person) => person !== caller.actor.id)
  const looked = { at: others, lost: others.length + 1 >= seen.approvalsNeeded ? await lostVotes(rack, seen, others) : [] }
  try {
    return await writeVote(rack, caller, seen, looked)
  } catch (error) {
    if (!(error instanceof UnseenVoteError) || look >= mostLooks) throw error
    return countVote(rack, caller, seen, look + 1)
  }
}

/**
 * One vote. The last one queues the promotion, and only when every vote before it still counts. Identity, role, state and digest are checked at this moment.
 */
export const approve = async (rack: Books, caller: Caller, input: { promotion: string; rev: number | null }): Promise<PromotionView> => {
  const seen = await requireDecision(rack, caller, input.promotion)
  const renewed = await rack.db.transaction((tx) => renewIfChanged(rack, tx, seen))
  if (renewed !== null) {
    rack.wakeDelivery.call()
    return refuse({ code: 'changed_since', part: renewed.part, value: renewed.value, promotion: seen.id })
  }
  // A card drawn before the votes became void showed something else than what would be approved now.
  const cleared = lastCleared(seen)
  if (cleared !== undefined && input.rev !== null && input.rev < (cleared.rev ?? 0)) refuse({ code: 'changed_since', part: cleared.part, value: cleared.value, promotion: seen.id })
  const changed = await countVote(rack, caller, seen)
  rack.wakeRollouts.call()
  rack.wakeDelivery.call()
  return promotionView(rack, changed)
}

/** Who may reject, before a modal asks why. */
export const mayDecide = async (rack: Books, caller: Caller, input: { promotion: string }): Promise<PromotionView> => {
  const promotion = await requireOpen(rack, rack.db, caller, input.promotion)
  await refuseExpired(rack, promotion)
  return promotionView(rack, promotion)
}
