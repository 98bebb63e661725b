import { roles, type Role } from './actor.ts'

/** Who has which role at one place: Slack ids of people (U, W) and of user groups (S). */
export interface Grants {
  readonly viewer: readonly string[]
  readonly deployer: readonly string[]
  readonly approver: readonly string[]
  readonly admin: readonly string[]
  /** Of a full member whom no place names; null: as the wider place has it. */
  readonly otherwise: Exclude<Role, 'admin'> | null
}

/** Roles of one rack, and of single apps on it. */
export interface RackGrants extends Grants { readonly apps: Readonly<Record<string, Grants>> }

/** Who may do what, from the settings alone. */
export interface RolePolicy {
  readonly everywhere: Grants
  readonly racks: Readonly<Record<string, RackGrants>>
  /** Name of a person by each of their Slack ids; who is not here is one person with one id. */
  readonly people: Readonly<Record<string, string>>
}

export const noGrants: Grants = { viewer: [], deployer: [], approver: [], admin: [], otherwise: null }

/** What every full member may do where the settings say nothing. */
export const usualRole = 'approver' satisfies Role

/** The policy without a file: admins and viewers by id, everybody else deploys and approves. */
export const plainPolicy = (admins: readonly string[], viewers: readonly string[]): RolePolicy =>
  ({ everywhere: { ...noGrants, admin: admins, viewer: viewers }, racks: {}, people: {} })

/** The same for all ids of one person: nobody approves their own request through a second account, nor twice. */
export const principalOf = (policy: Pick<RolePolicy, 'people'>, id: string): string => {
  const name = Object.hasOwn(policy.people, id) ? policy.people[id] : undefined
  return name === undefined ? id : `person:${name}`
}

/** Every id of the person one of whose ids this is. */
export const idsOf = (policy: Pick<RolePolicy, 'people'>, id: string): readonly string[] => {
  const principal = principalOf(policy, id)
  return [...new Set([id, ...Object.keys(policy.people).filter((other) => principalOf(policy, other) === principal)])]
}

export const isGroupId = (id: string): boolean => id.startsWith('S')

const placesOf = (policy: RolePolicy, rack: string, app: string | null): readonly Grants[] => {
  const ofRack = Object.hasOwn(policy.racks, rack) ? policy.racks[rack] : undefined
  const ofApp = ofRack !== undefined && app !== null && Object.hasOwn(ofRack.apps, app) ? ofRack.apps[app] : undefined
  return [ofApp, ofRack, policy.everywhere].filter((grants) => grants !== undefined)
}

const lower = (one: Role, other: Role): Role => (roles.indexOf(one) <= roles.indexOf(other) ? one : other)

const groupsOf = (places: readonly Grants[]): readonly string[] => [...new Set(places.flatMap((grants) => roles.flatMap((role) => grants[role])).filter(isGroupId))]

/** Every user group that the policy names. */
export const groupsIn = (policy: RolePolicy): readonly string[] =>
  groupsOf([policy.everywhere, ...Object.values(policy.racks).flatMap((rack) => [rack, ...Object.values(rack.apps)])])

/** The user groups that decide who has which role on a rack, or for one app of it: those of no other place. */
export const groupsAt = (policy: RolePolicy, rack: string, app: string | null): readonly string[] => groupsOf(placesOf(policy, rack, app))

/** Whether somebody is in a group; `unread`: it cannot be read. */
export type Membership = 'in' | 'out' | 'unread'

/** A role, and the groups that could not be read and might have given another one. */
export interface Standing { readonly role: Role; readonly unread: readonly string[] }

/** Who is asked about: `owner` is an owner or admin of the workspace. */
export interface Member { readonly id: string; readonly owner: boolean; readonly groups: (group: string) => Membership }

/**
 * The role of a full member on a rack, or for one app of it. An admin everywhere is one on every rack. Else the narrowest place that names somebody decides,
 * by the highest role it gives them; where none does, the narrowest `otherwise`. A group that cannot be read grants nothing, and nobody has more than what
 * they would have as its member: it may be there to keep them out. Owners and admins of the workspace are admins where `everywhere` names none. Pure.
 */
export const standingIn = (policy: RolePolicy, member: Member, rack: string, app: string | null): Standing => {
  const unread = new Set<string>()
  let most: Role = 'admin'
  const isNamed = (ids: readonly string[]): boolean => ids.some((id) => id === member.id || (isGroupId(id) && member.groups(id) === 'in'))
  if (isNamed(policy.everywhere.admin)) return { role: 'admin', unread: [] }
  const places = placesOf(policy, rack, app)
  for (const place of places) {
    const given = roles.filter((role) => isNamed(place[role]))
    const doubtful = roles.flatMap((role) => place[role].filter((id) => isGroupId(id) && member.groups(id) === 'unread').map((group) => ({ role, group })))
    for (const { group } of doubtful) unread.add(group)
    const own = given.at(-1)
    if (own !== undefined) return { role: lower(own, most), unread: [...unread] }
    for (const { role } of doubtful) most = lower(role, most)
  }
  if (member.owner && policy.everywhere.admin.length === 0) return { role: lower('admin', most), unread: [...unread] }
  const otherwise = places.map((place) => place.otherwise).find((role) => role !== null) ?? usualRole
  return { role: lower(otherwise, most), unread: [...unread] }
}

/** Which ids are one person's, for the digest: undefined where the settings name nobody. Canonical. Pure. */
export const peoplePolicy = (policy: Pick<RolePolicy, 'people'>): readonly unknown[] | undefined => {
  const people = Object.entries(policy.people)
  return people.length === 0 ? undefined : people.toSorted()
}

/**
 * The part of the policy by which an approval is given, for the digest of what is approved: undefined where the settings say nothing of approvers, so that an
 * installation without them has the digests it always had. Canonical. Pure.
 */
export const approvalPolicy = (policy: RolePolicy, rack: string, app: string): readonly unknown[] | undefined => {
  const places = placesOf(policy, rack, app)
  const people = peoplePolicy(policy)
  if (people === undefined && !places.some((place) => place.approver.length > 0 || place.otherwise !== null)) return undefined
  return [places.map((place) => [place.viewer.toSorted(), place.deployer.toSorted(), place.approver.toSorted(), place.admin.toSorted(), place.otherwise]), people ?? []]
}
