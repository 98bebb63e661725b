import { lockApp } from '../db/apps.ts'
import { writeAudit } from '../db/audit.ts'
import type { Db } from '../db/client.ts'
import { insertConversation } from '../db/conversations.ts'
import { activeRelease, addFacts, goodRelease, insertPromotion, openPromotions, previousEnd, type PromotionRecord } from '../db/promotions.ts'
import type { ReleaseRecord } from '../db/releases.ts'
import type { PromotionKind } from '../db/words.ts'
import { appParams } from './apps.ts'
import { byCaller } from './audit-row.ts'
import { releaseChange, type ReleaseContent } from './change.ts'
import { contentOf } from './content-of.ts'
import type { Books, Rack } from './context.ts'
import { approvedNow, buildOf, digestOf } from './digest.ts'
import { cancelForForced } from './force.ts'
import { newId } from './ids.ts'
import { toJson } from './json.ts'
import { requiredEnv } from './manifest/interpolate.ts'
import { parseManifest } from './manifest/parse.ts'
import type { Caller } from './operations.ts'
import type { Warning } from './progress.ts'
import { isMoving } from './promotion.ts'
import type { ReleaseChange } from './promotion-view.ts'
import { refuse, type Again } from './refusal.ts'
import { openEnv } from './release-env.ts'
import { lineFact } from './say.ts'

/** A request for a release to become active. */
export interface PromotionRequest {
  readonly app: string
  readonly namespace: string
  readonly release: ReleaseRecord
  readonly kind: PromotionKind
  /** It was verified good before, so that it needs no approval; of a rollback: what it goes back to was. Read while the app's row is locked. */
  readonly proven: boolean
  readonly deadlineSeconds: number | null
  /** Wait behind what moves instead of refusing (Cancel and roll back). */
  readonly behind: boolean
  readonly warnings: readonly Warning[]
  /** Once approved, what moves is cancelled and goes back, and this one goes before what is queued. */
  readonly force?: boolean
}

/** Refuses what could not run: no build, a manifest that is no longer valid, env that is missing. */
const requirePromotable = async (rack: Books, tx: Db, release: ReleaseRecord) => {
  const build = await buildOf(tx, release)
  if (build === undefined) return refuse({ code: 'no_build', release: release.id, app: release.app })
  const parsed = parseManifest(build.manifest)
  if (!parsed.ok) return refuse({ code: 'manifest_invalid', errors: parsed.errors })
  const env = openEnv(rack.sealer, release)
  const missing = requiredEnv(parsed.manifest, env)
  if (missing.length > 0) return refuse({ code: 'required_env', keys: missing, app: release.app })
  return { build, env }
}

/** What would change against the active release, as the card shows it. */
export const changeFrom = async (rack: Pick<Rack, 'sealer'>, tx: Db, active: string | null, after: ReleaseContent): Promise<ReleaseChange> =>
  releaseChange(await contentOf(rack, tx, active), after)

/** The promotion that keeps this one from starting, as a refusal. */
export const refuseBusy = (app: string, busy: PromotionRecord, asked: 'promote' | 'rollback', again?: Again): never =>
  refuse({ code: 'app_busy', app, promotion: busy.id, release: busy.releaseId, requester: busy.requester, since: busy.startedAt ?? busy.queuedAt ?? busy.requestedAt, asked, status: busy.status, ...(again === undefined ? {} : { again }) })

/** The promotion that an app is busy with: one that moves, or is approved and about to. Those that a lock or a freeze keeps waiting keep nobody else waiting. */
export const busyWith = async (tx: Db, rack: string, app: string): Promise<PromotionRecord | undefined> => {
  const open = await openPromotions(tx, rack, app)
  return open.find((promotion) => isMoving(promotion.status)) ?? open.find((promotion) => promotion.status === 'queued' && !promotion.held)
}

/**
 * Writes the promotion, its card and its first fact, in the caller's transaction. With approvals it waits for them; without, it is queued and
 * starts at once, and is refused while the app is busy. Refuses `no_build`, `required_env`, `app_busy`.
 */
export const requestPromotion = async (rack: Books, tx: Db, caller: Caller, request: PromotionRequest): Promise<PromotionRecord> => {
  const { app, release } = request
  const locked = await lockApp(tx, rack.name, app)
  if (locked === undefined || locked.deletingAt !== null) refuse({ code: 'app_not_found', app, nearest: [] })
  const { build, env } = await requirePromotable(rack, tx, release)
  const params = await appParams(tx, rack.name, app)
  const waived = params.approvals === 0 ? 'policy' : request.proven ? 'verified_before' : null
  const busy = await busyWith(tx, rack.name, app)
  if (busy !== undefined && !request.behind && request.force !== true && (waived !== null || request.kind === 'rollback')) refuseBusy(app, busy, request.kind, request.kind === 'promote' ? { kind: 'promote', release: release.id, deadlineSeconds: request.deadlineSeconds, force: false } : undefined)
  const active = await activeRelease(tx, rack.name, app)
  const approved = await approvedNow(rack, tx, { app, namespace: request.namespace, release, build, deadlineSeconds: request.deadlineSeconds })
  const digest = digestOf(rack.sealer, approved)
  const good = await goodRelease(tx, rack.name, app)
  const before = await previousEnd(tx, rack.name, app)
  const warnings: Warning[] = [
    ...request.warnings,
    ...Object.entries(build.images).filter(([, image]) => !image.pinned).map(([service, image]): Warning => ({ kind: 'tag_not_pinned', service, reference: image.reference })),
    ...(before?.status === 'rollback_failed' ? [{ kind: 'last_rollback_failed' } as const] : []),
  ]
  const now = rack.clock()
  const promotion = await insertPromotion(tx, {
    id: newId('P'), rack: rack.name, app, kind: request.kind, status: waived === null ? 'awaiting_approval' : 'queued', releaseId: release.id, fromReleaseId: active,
    targetReleaseId: good?.releaseId ?? null, targetPromotionId: good?.promotionId ?? null, requester: caller.actor.id, channel: params.channel ?? caller.channel ?? null,
    requestedAt: now, approvalsNeeded: waived === null ? params.approvals : 0, waived, approvers: params.approvers, digest: digest.digest, digestKeyId: digest.keyId, digestParts: digest.parts,
    deadlineSeconds: approved.deadline[0], deadlineAsked: request.deadlineSeconds, stabilitySeconds: approved.deadline[1], expiresAt: waived === null ? new Date(now.getTime() + params.expiry * 1000) : null,
    queuedAt: waived === null ? null : now, force: request.force === true, change: toJson(await changeFrom(rack, tx, active, { build, env })), warnings: toJson(warnings),
  })
  if (promotion.channel !== null) await insertConversation(tx, promotion.id, promotion.channel)
  await addFacts(tx, promotion.id, [lineFact({ at: now.toISOString(), kind: 'asked', by: caller.actor.id })])
  await writeAudit(tx, { rack: rack.name, app, ...byCaller(caller), action: `promotion.${request.kind}`, promotionId: promotion.id, decision: 'requested', digest: digest.digest, detail: { release: release.id, approvals: promotion.approvalsNeeded, waived, ...(promotion.force ? { force: true } : {}) } })
  if (promotion.force && waived !== null) await cancelForForced(rack, tx, promotion)
  return promotion
}
