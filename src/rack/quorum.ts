import type { Rack } from './context.ts'
import { groupsOf } from './electorate.ts'
import type { AppParams } from './operations.ts'
import { refuse } from './refusal.ts'
import { isGroupId, principalOf } from './roles.ts'

/** What an app's params say of who has to approve. */
export type Quorum = Pick<AppParams, 'approvals' | 'approvers'>

/**
 * Refuses more approvals than there are people on the list, its groups as they are now: such a request could only expire. Several ids of one person are
 * one. Without a list the role decides, and nobody counts whom it is given to.
 */
export const requireQuorum = async (rack: Pick<Rack, 'people' | 'roles'>, app: string, { approvals, approvers }: Quorum): Promise<void> => {
  if (approvers.length === 0) return
  const groups = await groupsOf(rack, approvers)
  const ids = [...approvers.filter((id) => !isGroupId(id)), ...groups.flatMap(({ read }) => (read.ok ? read.members : []))]
  const people = new Set(ids.map((id) => principalOf(rack.roles, id))).size
  if (approvals <= people) return
  for (const { group, read } of groups) if (!read.ok) refuse({ code: 'group_unreadable', group, why: read.why, app })
  const [first] = groups
  // A group that was not empty when it was set.
  if (people === 0 && first !== undefined) refuse({ code: 'group_unreadable', group: first.group, why: 'empty', app })
  refuse({ code: 'approvers_too_few', approvals, people, app })
}

/** True when both ask for the same. */
export const isSameQuorum = (one: Quorum, other: Quorum): boolean => JSON.stringify([one.approvals, one.approvers]) === JSON.stringify([other.approvals, other.approvers])
