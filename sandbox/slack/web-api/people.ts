import { z } from 'zod'
import { flag, whole } from './arguments.ts'
import { method, visibleChannel, type Call } from './method.ts'
import { page } from './paging.ts'
import { Refused } from './refused.ts'
import { groupShape, userShape } from './shapes.ts'

const groups = ({ workspace }: Call, disabled: boolean | undefined) => {
  // User groups come with paid plans only.
  if (workspace.kept('plan') !== 'paid') throw new Refused('plan_upgrade_required')
  return workspace.groups().filter((one) => disabled || !one.disabled)
}

/** users.*, usergroups.*, reactions.*, auth.*, apps.*: docs.slack.dev reference/methods. */
export const peopleMethods = {
  'auth.test': method({ scopes: [], tier: 'special', args: {} }, (_args, { workspace }) => ({
    url: `https://${workspace.team.domain}.slack.com/`,
    team: workspace.team.name,
    user: workspace.bot.name,
    team_id: workspace.team.id,
    user_id: workspace.bot.userId,
    bot_id: workspace.bot.botId,
    is_enterprise_install: false,
  })),
  'apps.connections.open': method({ token: 'app', scopes: ['connections:write'], tier: 3, args: {} }, (_args, call) => ({ url: call.socketUrl() })),
  'users.info': method({ scopes: ['users:read'], tier: 4, args: { user: z.string() } }, (args, { workspace }) => {
    const person = workspace.person(args.user)
    if (!person) throw new Refused('user_not_found')
    return { user: userShape(workspace, person) }
  }),
  'users.list': method({ scopes: ['users:read'], tier: 2, args: { cursor: z.string().optional(), limit: whole } }, (args, { workspace }) => {
    const cut = page(workspace.people(), { cursor: args.cursor, limit: args.limit, most: 1000, usual: 1000 })
    return {
      members: cut.items.map((one) => userShape(workspace, one)),
      cache_ts: Math.floor(workspace.now() / 1000),
      response_metadata: cut.response_metadata,
    }
  }),
  'usergroups.list': method({ scopes: ['usergroups:read'], tier: 2, args: { include_users: flag, include_disabled: flag } }, (args, call) => ({
    usergroups: groups(call, args.include_disabled).map((one) => ({ ...groupShape(call.workspace, one), ...(args.include_users ? { users: one.users } : {}) })),
  })),
  'usergroups.users.list': method({ scopes: ['usergroups:read'], tier: 2, args: { usergroup: z.string(), include_disabled: flag } }, (args, call) => {
    const group = groups(call, args.include_disabled).find((one) => one.id === args.usergroup)
    if (!group) throw new Refused('no_such_subteam')
    return { users: group.users }
  }),
  'reactions.add': method({ scopes: ['reactions:write'], tier: 3, args: { channel: z.string(), timestamp: z.string(), name: z.string() } }, (args, call) => {
    const { workspace } = call
    const message = workspace.message(visibleChannel(call, args.channel).id, args.timestamp)
    if (!message) throw new Refused('message_not_found')
    if (!/^[a-z0-9_+'-]+$/.test(args.name)) throw new Refused('invalid_name')
    const before = message.reactions ?? []
    const mine = before.find((one) => one.name === args.name)
    if (mine?.users.includes(workspace.bot.userId)) throw new Refused('already_reacted')
    const after = mine
      ? before.map((one) => (one === mine ? { ...one, users: [...one.users, workspace.bot.userId] } : one))
      : [...before, { name: args.name, users: [workspace.bot.userId] }]
    workspace.putMessage({ ...message, reactions: after })
    return {}
  }),
}
