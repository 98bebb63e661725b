import { includesRole, type Role } from './actor.ts'
import type { Caller } from './operations.ts'
import { refuse } from './refusal.ts'

/** The first line of every operation. `what` completes "… needs a deployer": promoting, setting env. */
export const requireRole = (caller: Caller, needs: Role, what: string): void => {
  if (!includesRole(caller.actor.role, needs)) refuse({ code: 'forbidden', role: caller.actor.role, needs, what, who: [] })
}
