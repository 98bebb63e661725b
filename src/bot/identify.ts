import type { Actor, Role } from '../rack/actor.ts'
import { refuse } from '../rack/refusal.ts'
import { personName, type Directory, type SlackUser } from './directory.ts'

/** Whose installation this is, from `auth.test`. */
export interface Home {
  readonly teamId: string
  readonly enterpriseId: string | undefined
}

const belongs = (user: SlackUser, home: Home): boolean =>
  user.team_id === home.teamId
  || (user.enterprise_user?.teams ?? []).includes(home.teamId)
  || (home.enterpriseId !== undefined && user.team_id === home.enterpriseId)

/** What the person may do here; null for everybody who is not a full, living member of this workspace. */
export const roleOf = (user: SlackUser, home: Home, admins: readonly string[], viewers: readonly string[] = []): Role | null => {
  const outside = user.deleted === true || user.is_bot === true || user.is_workflow_bot === true || user.is_restricted === true
    || user.is_ultra_restricted === true || user.is_stranger === true || user.is_invited_user === true || user.id === 'USLACKBOT'
  if (outside || user.id === undefined || !belongs(user, home)) return null
  if (viewers.includes(user.id)) return 'viewer'
  if (admins.length > 0) return admins.includes(user.id) ? 'admin' : 'approver'
  return user.is_owner === true || user.is_admin === true || user.is_primary_owner === true ? 'admin' : 'approver'
}

/** Who acts. */
export interface Identity {
  /**
   * Asked for each command and click. Refuses with `not_a_member`, and with `shared_channel` where people of another organisation
   * read along; throws when Slack cannot be asked: then nobody is anybody. A private channel that we are not in cannot be asked
   * about; what we answer there only the caller sees.
   */
  identify(user: string, place: { readonly channel: string; readonly direct: boolean; readonly shared: boolean }): Promise<Actor>
}

export const createIdentity = (directory: Directory, home: () => Home, admins: readonly string[], viewers: readonly string[] = []): Identity => ({
  identify: async (id, place) => {
    const user = await directory.user(id)
    const role = user === null ? null : roleOf(user, home(), admins, viewers)
    if (user === null || role === null) return refuse({ code: 'not_a_member' })
    const channel = place.direct || place.channel === '' ? null : await directory.channel(place.channel)
    if (place.shared || channel?.is_ext_shared === true || channel?.is_pending_ext_shared === true) refuse({ code: 'shared_channel' })
    return { id, name: personName(user) ?? id, role, ...(user.team_id === undefined ? {} : { team: user.team_id }) }
  },
})

/** Who is what, for the line that start prints. */
export const describeRoles = (admins: readonly string[], viewers: readonly string[] = []): string =>
  `admins: ${admins.length > 0 ? admins.join(', ') : 'the owners and admins of the workspace (set ADMINS to name others)'}; `
  + (viewers.length > 0 ? `viewers: ${viewers.join(', ')}; ` : '')
  + 'deployers and approvers: every other full member; guests, bots, deactivated and foreign users: nothing'
