import { findFreeze } from '../db/freezes.ts'
import { findPromotion } from '../db/promotions.ts'
import { callerAt } from './authorize.ts'
import type { Rack } from './context.ts'
import { normalId } from './ids.ts'
import type { Caller } from './operations.ts'

/** What an operation is about: a promotion or a freeze (of whose app), an app, or the rack. */
export interface About { readonly app?: string | null; readonly promotion?: string; readonly freeze?: string }

/** The app it is about; null: the whole rack. Of a promotion or a freeze it is the one of its row, whatever else was named. */
export const appAbout = async (rack: Pick<Rack, 'name' | 'db'>, about: About): Promise<string | null> => {
  const promotion = about.promotion === undefined ? undefined : await findPromotion(rack.db, normalId(about.promotion))
  const freeze = about.freeze === undefined ? undefined : await findFreeze(rack.db, rack.name, normalId(about.freeze))
  return promotion?.app ?? freeze?.app ?? about.app?.toLowerCase() ?? null
}

/** The caller with the role they have there. */
export const callerHere = async (rack: Pick<Rack, 'name' | 'db'>, caller: Caller, about: About): Promise<Caller> =>
  (caller.actor.at === undefined ? caller : callerAt(caller, rack.name, await appAbout(rack, about)))
