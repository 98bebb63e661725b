import type { Role } from './actor.ts'

/** Why a user group cannot be read: the plan has none, Slack does not know it, our scope is missing, or Slack does not answer (now). */
export const groupTroubles = ['plan_upgrade_required', 'no_such_subteam', 'missing_scope', 'unreachable'] as const
export type GroupTrouble = (typeof groupTroubles)[number]

/** A group that could not be read where it would have mattered. */
export interface UnreadGroup { readonly group: string; readonly why: GroupTrouble }

/** What somebody may do at one place, and the groups that could not be read and may have given more. */
export interface RoleHere { readonly role: Role; readonly unread: readonly UnreadGroup[] }

/** Members of a group by Slack id; or why nobody can tell. */
export type GroupMembers = { readonly ok: true; readonly members: readonly string[] } | { readonly ok: false; readonly why: GroupTrouble }

/** Who is who, asked at the moment of deciding: answers are at most half a minute old. */
export interface People {
  /** Null: no full, living member of this workspace. Throws when that cannot be asked. */
  roleOf(id: string, rack: string, app: string): Promise<RoleHere | null>
  membersOf(group: string): Promise<GroupMembers>
}

/** People who are not known yet: Slack's side of the process is made after its racks. Until `is` was called nobody is anybody. */
export const peopleLater = (): { readonly people: People; is(people: People): void } => {
  let known: People | null = null
  const now = (): People => {
    if (known === null) throw new Error('nobody can be asked about yet')
    return known
  }
  return {
    people: { roleOf: async (id, rack, app) => now().roleOf(id, rack, app), membersOf: async (group) => now().membersOf(group) },
    is: (people) => void (known = people),
  }
}
