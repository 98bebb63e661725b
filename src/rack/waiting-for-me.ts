import { openPromotionsOfAllApps, votesOf } from '../db/promotions.ts'
import type { Rack } from './context.ts'
import { requireDecider } from './electorate.ts'
import type { Caller } from './operations.ts'
import { RefusalError } from './refusal.ts'
import { principalOf } from './roles.ts'

/** A request that the caller may decide on. */
export interface WaitingForMe { readonly promotion: string; readonly app: string; readonly release: string }

/** Requests of a rack that wait for this very person: one who may approve them, has not asked for them and has not voted yet. Oldest first. */
export const waitingForMe = async (rack: Rack, caller: Caller): Promise<readonly WaitingForMe[]> => {
  const open = await openPromotionsOfAllApps(rack.db)
  const me = principalOf(rack.roles, caller.actor.id)
  const found: WaitingForMe[] = []
  for (const promotion of open) {
    if (promotion.rack !== rack.name || promotion.status !== 'awaiting_approval') continue
    try {
      await requireDecider(rack, caller, promotion)
    } catch (error) {
      if (error instanceof RefusalError) continue
      throw error
    }
    const votes = await votesOf(rack.db, promotion.id, promotion.digest)
    if (!votes.some(({ person }) => principalOf(rack.roles, person) === me)) found.push({ promotion: promotion.id, app: promotion.app, release: promotion.releaseId })
  }
  return found
}
