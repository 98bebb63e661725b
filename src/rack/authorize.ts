import { includesRole, type Role } from './actor.ts'
import type { Caller } from './operations.ts'
import { refuse } from './refusal.ts'

/** The caller with the role they have on a rack, or for one app of it. */
export const callerAt = (caller: Caller, rack: string, app: string | null): Caller => {
  const { actor } = caller
  if (actor.at === undefined) return caller
  const { role, unread } = actor.at(rack, app)
  return { ...caller, actor: { ...actor, role, unread } }
}

/** The first line of every operation. `what` completes "… needs a deployer": promoting, setting env. */
export const requireRole = (caller: Caller, needs: Role, what: string): void => {
  const { role, unread = [] } = caller.actor
  if (!includesRole(role, needs)) refuse({ code: 'forbidden', role, needs, what, who: [], ...(unread.length === 0 ? {} : { unread }) })
}
