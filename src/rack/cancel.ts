import { writeAudit } from '../db/audit.ts'
import type { Db } from '../db/client.ts'
import { addFacts, findPromotion, lockPromotion, movePromotion, openPromotions, type PromotionRecord } from '../db/promotions.ts'
import { refuseDecided } from './approve.ts'
import { byCaller } from './audit-row.ts'
import { requireRole } from './authorize.ts'
import type { Books, Rack } from './context.ts'
import { finish } from './finish.ts'
import { requireApp, requirePromotion } from './find.ts'
import { normalId } from './ids.ts'
import type { Caller } from './operations.ts'
import { isMoving, isProven, isStopping } from './promotion.ts'
import type { PromotionView } from './promotion-view.ts'
import { promotionView, rollbackDeadline } from './promotions.ts'
import { refuse } from './refusal.ts'
import { refuseBusy } from './request.ts'
import { noticeFact } from './say.ts'

/** Asks the owner of a rollout to stop and go back: written down first, carried out by whoever holds the lease. */
export const requestCancel = async (rack: Pick<Rack, 'clock'>, tx: Db, caller: Caller, promotion: PromotionRecord): Promise<PromotionRecord> => {
  if (promotion.status === 'rolling_back' || isStopping(promotion)) {
    return refuse({ code: 'rolling_back_already', app: promotion.app, target: promotion.targetReleaseId, until: rollbackDeadline(promotion), promotion: promotion.id })
  }
  if (isProven(promotion)) return refuse({ code: 'not_updating', app: promotion.app })
  if (promotion.cancelBy !== null) return promotion
  const at = rack.clock()
  const moved = await movePromotion(tx, promotion.id, { from: ['rolling_out'], set: { cancelBy: caller.actor.id, cancelAt: at } })
  if (moved === undefined) return refuse({ code: 'not_updating', app: promotion.app })
  await writeAudit(tx, { rack: promotion.rack, app: promotion.app, ...byCaller(caller), action: 'promotion.cancel', promotionId: promotion.id, decision: 'cancelled', digest: moved.digest, detail: { status: promotion.status } })
  return moved
}

const endWaiting = async (rack: Books, tx: Db, caller: Caller, promotion: PromotionRecord): Promise<PromotionRecord> => {
  const moved = await movePromotion(tx, promotion.id, { from: ['awaiting_approval', 'queued'], set: { status: 'cancelled', endedBy: caller.actor.id, finishedAt: rack.clock() } })
  if (moved === undefined) return refuseDecided(tx, (await findPromotion(tx, promotion.id)) ?? promotion)
  await addFacts(tx, promotion.id, [noticeFact])
  await writeAudit(tx, { rack: rack.name, app: promotion.app, ...byCaller(caller), action: 'promotion.cancel', promotionId: promotion.id, decision: 'cancelled', digest: moved.digest, result: moved.status, detail: { status: promotion.status } })
  return moved
}

/** It was to leave the queue, and has begun: what stops it now is another question, and has a dialog. */
const refuseBegun = (promotion: PromotionRecord): void => {
  if (promotion.status === 'rolling_out' && !isProven(promotion)) refuseBusy(promotion.app, promotion, 'rollback')
}

/**
 * Ends a waiting request, or stops a rollout and goes back. Refused while it goes back already, and once it has ended. `onlyWaiting`: asked of one that
 * had not begun; refuses `app_busy` once it has.
 */
export const cancel = async (rack: Books, caller: Caller, input: { promotion: string; onlyWaiting?: boolean }): Promise<PromotionView> => {
  requireRole(caller, 'deployer', 'cancelling')
  const changed = await rack.db.transaction(async (tx) => {
    // The row first: it does not begin while this looks at it.
    await lockPromotion(tx, normalId(input.promotion))
    const promotion = await requirePromotion(tx, rack.name, input.promotion)
    if (promotion.finishedAt !== null) return refuse({ code: 'already_decided', by: promotion.endedBy ?? promotion.requester, status: promotion.status, at: promotion.finishedAt })
    if (input.onlyWaiting === true) refuseBegun(promotion)
    const moved = isMoving(promotion.status) ? await requestCancel(rack, tx, caller, promotion) : await endWaiting(rack, tx, caller, promotion)
    await finish(tx, caller)
    return moved
  })
  rack.wakeRollouts.call()
  rack.wakeDelivery.call()
  return promotionView(rack, changed)
}

/** `apps cancel`: what moves, else what is queued. */
export const cancelApp = async (rack: Books, caller: Caller, input: { app: string }): Promise<PromotionView> => {
  requireRole(caller, 'deployer', 'cancelling')
  const app = await requireApp(rack.db, rack.name, input.app)
  const open = await openPromotions(rack.db, rack.name, app.name)
  const found = open.find((promotion) => isMoving(promotion.status)) ?? open.find((promotion) => promotion.status === 'queued')
  return found === undefined ? refuse({ code: 'not_updating', app: app.name }) : cancel(rack, caller, { promotion: found.id })
}
