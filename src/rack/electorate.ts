import type { PromotionRecord } from '../db/promotions.ts'
import { includesRole, type Actor } from './actor.ts'
import { callerAt } from './authorize.ts'
import type { Rack } from './context.ts'
import type { Caller } from './operations.ts'
import type { GroupMembers, RoleHere, UnreadGroup } from './people.ts'
import { refuse } from './refusal.ts'
import { isGroupId, principalOf } from './roles.ts'

/** Why somebody's vote does not count: not a member of the workspace any more, not in the app's list, no approver, or the one who asked. */
export const lostReasons = ['left', 'list', 'role', 'requester'] as const
export type LostReason = (typeof lostReasons)[number]
export interface LostVote { readonly person: string; readonly why: LostReason }

type Suffrage = { readonly may: true } | { readonly may: false; readonly why: LostReason; readonly unread: readonly UnreadGroup[] }

/** The user groups of an app's list, each with who is in it now. */
export const groupsOf = (rack: Pick<Rack, 'people'>, listed: readonly string[]): Promise<readonly { readonly group: string; readonly read: GroupMembers }[]> =>
  Promise.all(listed.filter(isGroupId).map(async (group) => ({ group, read: await rack.people.membersOf(group) })))

/** Whether somebody is on the app's list, by id or through a user group as it is now. */
const isListed = async (rack: Pick<Rack, 'people'>, listed: readonly string[], id: string): Promise<Suffrage> => {
  if (listed.includes(id)) return { may: true }
  const groups = await groupsOf(rack, listed)
  if (groups.some(({ read }) => read.ok && read.members.includes(id))) return { may: true }
  return { may: false, why: 'list', unread: groups.flatMap(({ group, read }) => (read.ok ? [] : [{ group, why: read.why }])) }
}

/** Who may decide on a promotion: the app's approvers when set, whatever their role, else the role; never who asked, by whichever of their ids. */
const suffrageOf = async (rack: Pick<Rack, 'people' | 'roles'>, promotion: PromotionRecord, id: string, here: RoleHere): Promise<Suffrage> => {
  const listed = promotion.approvers
  if (listed.length > 0) {
    const found = await isListed(rack, listed, id)
    if (!found.may) return found
  } else if (!includesRole(here.role, 'approver')) return { may: false, why: 'role', unread: here.unread }
  return principalOf(rack.roles, id) === principalOf(rack.roles, promotion.requester) ? { may: false, why: 'requester', unread: [] } : { may: true }
}

type Voters = Pick<Rack, 'name' | 'people' | 'roles'>

/** Refuses whoever may not decide on this promotion: `not_an_approver`, `forbidden`, `own_request`. */
export const requireDecider = (rack: Voters, caller: Caller, promotion: PromotionRecord): Promise<void> => {
  const { actor } = callerAt(caller, rack.name, promotion.app)
  return requireSuffrage(rack, actor, promotion, { role: actor.role, unread: actor.unread ?? [] })
}

/** The same by what Slack says of the caller now, not of some minutes ago: for the decision itself. Refuses `not_a_member` too; throws when Slack cannot be asked. */
export const requireDeciderNow = async (rack: Voters, { actor }: Caller, promotion: PromotionRecord): Promise<void> =>
  requireSuffrage(rack, actor, promotion, (await rack.people.roleOf(actor.id, rack.name, promotion.app)) ?? refuse({ code: 'not_a_member' }))

const requireSuffrage = async (rack: Voters, actor: Actor, promotion: PromotionRecord, here: RoleHere): Promise<void> => {
  const suffrage = await suffrageOf(rack, promotion, actor.id, here)
  if (suffrage.may) return
  const unread = suffrage.unread.length === 0 ? {} : { unread: suffrage.unread }
  const me = principalOf(rack.roles, actor.id)
  switch (suffrage.why) {
    case 'list': return refuse({ code: 'not_an_approver', approvers: promotion.approvers, ...unread })
    case 'requester': return refuse({ code: 'own_request', who: promotion.approvers.filter((id) => principalOf(rack.roles, id) !== me) })
    default: return refuse({ code: 'forbidden', role: here.role, needs: 'approver', what: 'approving', who: [], ...unread })
  }
}

/**
 * Which of these votes no longer count, looked at now: their owners have left, or have lost role or list. Refuses `votes_unconfirmed` when that cannot be
 * told: a vote that nobody can confirm decides nothing. Throws when Slack cannot be asked.
 */
export const lostVotes = async (rack: Voters, promotion: PromotionRecord, voters: readonly string[]): Promise<readonly LostVote[]> => {
  const looked = await Promise.all(voters.map(async (person): Promise<LostVote | null> => {
    const here = await rack.people.roleOf(person, rack.name, promotion.app)
    if (here === null) return { person, why: 'left' }
    const suffrage = await suffrageOf(rack, promotion, person, here)
    if (suffrage.may) return null
    // Not said to be out, only not to be seen in it: for the moment, or for good until somebody repairs it.
    if (suffrage.unread.length > 0) return refuse({ code: 'votes_unconfirmed', by: person, unread: suffrage.unread })
    return { person, why: suffrage.why }
  }))
  return looked.filter((lost) => lost !== null)
}
