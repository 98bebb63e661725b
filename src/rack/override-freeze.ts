import { lockApp } from '../db/apps.ts'
import { writeAudit } from '../db/audit.ts'
import type { Db } from '../db/client.ts'
import { freezeTime } from '../db/freezes.ts'
import { addFacts, findPromotion, movePromotion, type PromotionRecord } from '../db/promotions.ts'
import { sayOfApp } from './app-announcement.ts'
import { byCaller } from './audit-row.ts'
import { requireRole } from './authorize.ts'
import type { Books } from './context.ts'
import { finish } from './finish.ts'
import { requirePromotion } from './find.ts'
import { verdictOf } from './gate/state.ts'
import { tendQueue } from './gate/tend-queue.ts'
import type { Caller } from './operations.ts'
import type { PromotionView } from './promotion-view.ts'
import { promotionView } from './promotions.ts'
import { refuseDecided } from './approve.ts'
import { refuse } from './refusal.ts'
import { lineFact } from './say.ts'

/** Lets a promotion pass the freezes that there are, as it was asked for: announced and audited, in the caller's transaction. Whoever calls has checked the right to do so. */
export const letPassFreezes = async (rack: Books, tx: Db, caller: Caller, promotion: PromotionRecord): Promise<PromotionRecord> => {
  // No freeze is added in between: each is older than the override, or younger.
  await lockApp(tx, rack.name, promotion.app)
  const at = rack.clock()
  const freezes = (await verdictOf(rack, tx, promotion)).waits.filter((wait) => wait.kind === 'freeze').map(({ reason }) => reason)
  if (freezes.length === 0) return refuse({ code: 'not_frozen', app: promotion.app })
  const moved = await movePromotion(tx, promotion.id, {
    from: ['awaiting_approval', 'queued'], set: { overrideBy: caller.actor.id, overrideAt: await freezeTime(tx), overrideDigest: promotion.digest },
  })
  if (moved === undefined) return refuseDecided(tx, (await findPromotion(tx, promotion.id)) ?? promotion)
  await addFacts(tx, promotion.id, [lineFact({ at: at.toISOString(), kind: 'overridden', by: caller.actor.id })])
  await sayOfApp(rack, tx, promotion.app, { kind: 'freeze_overridden', by: caller.actor.id, release: promotion.releaseId, freezes })
  await writeAudit(tx, {
    rack: rack.name, app: promotion.app, ...byCaller(caller), action: 'freeze.override', promotionId: promotion.id, decision: 'overridden', digest: promotion.digest, detail: { release: promotion.releaseId, freezes },
  })
  return moved
}

/** Override freeze: a queued promotion begins although there is one. It bypasses no lock and no approval. */
export const overrideFreeze = async (rack: Books, caller: Caller, input: { promotion: string }): Promise<PromotionView> => {
  requireRole(caller, 'admin', 'overriding a freeze')
  const changed = await rack.db.transaction(async (tx) => {
    const promotion = await requirePromotion(tx, rack.name, input.promotion)
    if (promotion.status !== 'queued') return refuseDecided(tx, promotion)
    const moved = await letPassFreezes(rack, tx, caller, promotion)
    await finish(tx, caller)
    return moved
  })
  await tendQueue(rack, changed.app)
  rack.wakeRollouts.call()
  return promotionView(rack, changed)
}
