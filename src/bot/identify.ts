import { roles, type Actor, type Role } from '../rack/actor.ts'
import type { GroupMembers, People, RoleHere, UnreadGroup } from '../rack/people.ts'
import { refuse } from '../rack/refusal.ts'
import { groupsAt, groupsIn, standingIn, type Member, type RolePolicy } from '../rack/roles.ts'
import { isShared, personName, sharedWithin, type Directory, type SlackUser } from './directory.ts'

/** Whose installation this is, from `auth.test`. */
export interface Home {
  readonly teamId: string
  readonly enterpriseId: string | undefined
}

const belongs = (user: SlackUser, home: Home): boolean =>
  user.team_id === home.teamId
  || (user.enterprise_user?.teams ?? []).includes(home.teamId)
  || (home.enterpriseId !== undefined && user.team_id === home.enterpriseId)

/** A full, living member of this workspace: no guest, bot, stranger, nor anybody of elsewhere. Pure. */
export const isMember = (user: SlackUser, home: Home): user is SlackUser & { readonly id: string } => {
  const outside = user.deleted === true || user.is_bot === true || user.is_workflow_bot === true || user.is_restricted === true
    || user.is_ultra_restricted === true || user.is_stranger === true || user.is_invited_user === true || user.id === 'USLACKBOT'
  return !outside && user.id !== undefined && belongs(user, home)
}

const isOwner = (user: SlackUser): boolean => user.is_owner === true || user.is_admin === true || user.is_primary_owner === true

/** Who acts. */
export interface Identity {
  /**
   * Asked for each command and click. Refuses with `not_a_member`, and with `shared_channel` where people of another organisation
   * read along; throws when Slack cannot be asked: then nobody is anybody. A private channel that we are not in, or have no scope
   * for, cannot be asked about; what we answer there only the caller sees. Where somebody is `deciding` about a promotion the
   * channel has to be known as it is now; elsewhere, so that an outage keeps nobody from reading and cancelling, as it was lately.
   */
  identify(user: string, place: { readonly channel: string; readonly direct: boolean; readonly shared: boolean; readonly deciding: boolean }): Promise<Actor>
  /** The same for people who do not act just now. */
  readonly people: People
  /** Groups of the settings that cannot be read now: they grant nothing. */
  unreadGroups(): Promise<readonly UnreadGroup[]>
}

/** Milliseconds. What a decision rests on is no older than this. */
const freshness = 30_000

type Groups = ReadonlyMap<string, GroupMembers>

const memberOf = (id: string, user: SlackUser, groups: Groups): Member => ({
  id, owner: isOwner(user),
  groups: (group) => {
    const read = groups.get(group)
    if (read === undefined || !read.ok) return 'unread'
    return read.members.includes(id) ? 'in' : 'out'
  },
})

const roleAt = (policy: RolePolicy, member: Member, groups: Groups, rack: string, app: string | null): RoleHere => {
  const { role, unread } = standingIn(policy, member, rack, app)
  return {
    role,
    unread: unread.map((group) => {
      const read = groups.get(group)
      return { group, why: read === undefined || read.ok ? 'unreachable' : read.why }
    }),
  }
}

/** The least that somebody may do anywhere: what holds where nobody asked about a place. */
const least = (policy: RolePolicy, member: Member): Role => {
  const places = [['', null] as const, ...Object.entries(policy.racks).flatMap(([rack, { apps }]) => [[rack, null] as const, ...Object.keys(apps).map((app) => [rack, app] as const)])]
  const found = places.map(([rack, app]) => standingIn(policy, member, rack, app).role)
  return roles.find((role) => found.includes(role)) ?? 'viewer'
}

export const createIdentity = (directory: Directory, home: () => Home, policy: RolePolicy): Identity => {
  const everyGroup = groupsIn(policy)
  const readGroups = async (named = everyGroup, within?: number): Promise<Groups> =>
    new Map(await Promise.all(named.map(async (group) => [group, await directory.members(group, within)] as const)))
  return {
    identify: async (id, place) => {
      const [user, groups] = await Promise.all([directory.user(id), readGroups()])
      if (user === null || !isMember(user, home())) return refuse({ code: 'not_a_member' })
      const channel = place.direct || place.channel === '' ? null : await (place.deciding ? directory.channel : directory.channelAsHeard)(place.channel, sharedWithin)
      if (place.shared || isShared(channel)) refuse({ code: 'shared_channel' })
      const member = memberOf(id, user, groups)
      return { id, name: personName(user) ?? id, role: least(policy, member), ...(user.team_id === undefined ? {} : { team: user.team_id }), at: (rack, app) => roleAt(policy, member, groups, rack, app) }
    },
    people: {
      roleOf: async (id, rack, app) => {
        const [user, groups] = await Promise.all([directory.user(id, freshness), readGroups(groupsAt(policy, rack, app), freshness)])
        return user === null || !isMember(user, home()) ? null : roleAt(policy, memberOf(id, user, groups), groups, rack, app)
      },
      membersOf: (group) => directory.members(group, freshness),
    },
    unreadGroups: async () => [...await readGroups()].flatMap(([group, read]) => (read.ok ? [] : [{ group, why: read.why }])),
  }
}

/** Who is what, for the line that start prints. */
export const describeRoles = (policy: RolePolicy): string => {
  const { admin, viewer, deployer, approver, otherwise } = policy.everywhere
  const racks = Object.entries(policy.racks).filter(([, { apps, ...own }]) => Object.keys(apps).length > 0 || roles.some((role) => own[role].length > 0) || own.otherwise !== null).map(([name]) => name)
  const named = (what: string, ids: readonly string[]): string => (ids.length === 0 ? '' : `${what}: ${ids.join(', ')}; `)
  const others = otherwise === null || otherwise === 'approver' ? 'deployers and approvers' : `${otherwise}s`
  return `admins: ${admin.length > 0 ? admin.join(', ') : 'the owners and admins of the workspace (set ADMINS to name others)'}; `
    + named('viewers', viewer) + named('deployers', deployer) + named('approvers', approver)
    + `${others}: every other full member; guests, bots, deactivated and foreign users: nothing`
    + (racks.length === 0 ? '' : `; with roles of their own: ${racks.join(', ')}`)
}
