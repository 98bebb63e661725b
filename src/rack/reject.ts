import { writeAudit } from '../db/audit.ts'
import { addFacts, findPromotion, movePromotion } from '../db/promotions.ts'
import { refuseDecided, requireDecision } from './approve.ts'
import { byCaller } from './audit-row.ts'
import type { Books } from './context.ts'
import { finish } from './finish.ts'
import { maskOfApp } from './mask-words.ts'
import type { Caller } from './operations.ts'
import type { PromotionView } from './promotion-view.ts'
import { promotionView } from './promotions.ts'
import { noticeFact } from './say.ts'

/** Ends a request for good, with a reason that the requester and the thread get. */
export const reject = async (rack: Books, caller: Caller, input: { promotion: string; reason: string }): Promise<PromotionView> => {
  const seen = await requireDecision(rack, caller, input.promotion)
  const at = rack.clock()
  const mask = await maskOfApp(rack, rack.db, seen.app, seen.releaseId, seen.fromReleaseId, seen.targetReleaseId)
  // By code points: half a character is nothing the database takes. Masked first: a part of a value is not found any more.
  const reason = [...mask(input.reason)].slice(0, 500).join('')
  const changed = await rack.db.transaction(async (tx) => {
    const moved = await movePromotion(tx, seen.id, { from: ['awaiting_approval'], set: { status: 'rejected', endedBy: caller.actor.id, endedReason: reason, finishedAt: at } })
    if (moved === undefined) {
      const decided = await findPromotion(tx, seen.id)
      if (decided === undefined) throw new Error(`no promotion ${seen.id}`)
      return refuseDecided(tx, decided)
    }
    await addFacts(tx, seen.id, [noticeFact])
    await writeAudit(tx, { rack: rack.name, app: seen.app, ...byCaller(caller), action: 'promotion.reject', promotionId: seen.id, decision: 'rejected', digest: moved.digest, reason, result: moved.status, detail: {} })
    await finish(tx, caller)
    return moved
  })
  rack.wakeDelivery.call()
  return promotionView(rack, changed)
}
