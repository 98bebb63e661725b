import { findPromotion } from '../db/promotions.ts'
import { callerAt } from './authorize.ts'
import type { Rack } from './context.ts'
import { normalId } from './ids.ts'
import type { Caller } from './operations.ts'

/** What an operation is about: a promotion (of whose app), an app, or the rack. */
export interface About { readonly app?: string | null; readonly promotion?: string }

/** The caller with the role they have there. A promotion's app is the one of its row, whatever else was named. */
export const callerHere = async (rack: Pick<Rack, 'name' | 'db'>, caller: Caller, about: About): Promise<Caller> => {
  if (caller.actor.at === undefined) return caller
  const promotion = about.promotion === undefined ? undefined : await findPromotion(rack.db, normalId(about.promotion))
  return callerAt(caller, rack.name, promotion?.app ?? about.app?.toLowerCase() ?? null)
}
