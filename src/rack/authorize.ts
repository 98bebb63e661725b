import { includesRole, type Role } from './actor.ts'
import type { Caller, Operations } from './operations.ts'
import { refuse } from './refusal.ts'

/** The caller with the role they have on a rack, or for one app of it. */
export const callerAt = (caller: Caller, rack: string, app: string | null): Caller => {
  const { actor } = caller
  if (actor.at === undefined) return caller
  const { role, unread } = actor.at(rack, app)
  return { ...caller, actor: { ...actor, role, unread } }
}

/** What a form may lead to, and who may do that. */
const rights = {
  changeEnv: ['deployer', 'setting env'],
  createFrom: ['deployer', 'creating a release'],
  importImage: ['deployer', 'importing an image'],
  deleteApp: ['admin', 'deleting an app'],
} as const satisfies Partial<Record<keyof Operations, readonly [needs: Role, what: string]>>
export type FormOperation = keyof typeof rights

/** The first line of every operation. `what` completes "… needs a deployer": promoting, setting env. */
export const requireRole = (caller: Caller, needs: Role, what: string): void => {
  const { role, unread = [] } = caller.actor
  if (!includesRole(role, needs)) refuse({ code: 'forbidden', role, needs, what, who: [], ...(unread.length === 0 ? {} : { unread }) })
}

/** The same for what may be asked for by a form: with the same words before the form is opened and when it is submitted. */
export const requireRight = (caller: Caller, operation: FormOperation): void => {
  const [needs, what] = rights[operation]
  requireRole(caller, needs, what)
}
