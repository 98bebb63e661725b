import { writeAudit } from '../db/audit.ts'
import { addFacts, expiredRequests, findPromotion, movePromotion } from '../db/promotions.ts'
import type { Books } from './context.ts'
import { eachApart } from './each-apart.ts'
import { noticeFact } from './say.ts'

/** Closes one request whose time is over; false when somebody decided meanwhile. */
export const expireRequest = async (rack: Books, id: string): Promise<boolean> => {
  const done = await rack.db.transaction(async (tx) => {
    const promotion = await findPromotion(tx, id)
    const moved = await movePromotion(tx, id, { from: ['awaiting_approval'], set: { status: 'expired', finishedAt: promotion?.expiresAt ?? rack.clock() } })
    if (moved === undefined) return false
    await addFacts(tx, id, [noticeFact])
    await writeAudit(tx, { rack: rack.name, app: moved.app, actor: 'system', action: 'promotion.expire', promotionId: id, decision: 'expired', digest: moved.digest, result: moved.status, detail: {} })
    return true
  })
  if (done) rack.wakeDelivery.call()
  return done
}

/** Closes every request whose time is over. */
export const expireRequests = async (rack: Books): Promise<void> => {
  const over = (await expiredRequests(rack.db, rack.name)).map(({ id }) => id)
  await eachApart(rack.log, 'a request could not be closed and is tried again', over, (id) => expireRequest(rack, id))
}
