import { z } from 'zod'
import { directMessage, join } from '../membership.ts'
import type { Channel, Message } from '../records.ts'
import { flag, whole } from './arguments.ts'
import { familyOf, method, needScope, visibleChannel, type Call } from './method.ts'
import { page } from './paging.ts'
import { Refused } from './refused.ts'
import { channelShape, messageShape, repliesOf } from './shapes.ts'

const reading = ['channels:read', 'groups:read', 'im:read', 'mpim:read']
const remembering = ['channels:history', 'groups:history', 'im:history', 'mpim:history']
const paging = { cursor: z.string().optional(), limit: whole }
const span = { ...paging, oldest: z.string().optional(), latest: z.string().optional(), inclusive: flag, include_all_metadata: flag }

const readable = (call: Call, id: string, what: 'read' | 'history'): Channel => {
  const channel = visibleChannel(call, id)
  needScope(call, `${familyOf(channel)}:${what}`)
  if (what === 'history' && !channel.members.includes(call.workspace.bot.userId)) throw new Refused('not_in_channel')
  return channel
}

const within = (messages: Message[], args: { oldest?: string | undefined; latest?: string | undefined; inclusive?: boolean | undefined }) =>
  messages.filter(({ ts }) => {
    const [oldest, latest, at] = [Number(args.oldest ?? 0), Number(args.latest ?? Infinity), Number(ts)]
    return args.inclusive ? at >= oldest && at <= latest : at > oldest && at < latest
  })

const info = method({ scopes: reading, tier: 3, args: { channel: z.string() } }, (args, call) => {
  const channel = visibleChannel(call, args.channel)
  needScope(call, `${familyOf(channel)}:read`, ...(channel.im ? ['im:write'] : []))
  return { channel: channelShape(call.workspace, channel) }
})

const list = method({ scopes: reading, tier: 2, args: { ...paging, types: z.string().optional(), exclude_archived: flag } }, (args, call) => {
  const types = (args.types ?? 'public_channel').split(',').map((one) => one.trim())
  const families = { public_channel: 'channels', private_channel: 'groups', im: 'im', mpim: 'mpim' } as const
  const wanted = new Set<string>()
  for (const type of types) {
    if (type !== 'public_channel' && type !== 'private_channel' && type !== 'im' && type !== 'mpim') throw new Refused('invalid_types')
    needScope(call, `${families[type]}:read`)
    wanted.add(families[type])
  }
  const seen = call.workspace
    .channels()
    .filter((one) => wanted.has(familyOf(one)) && !(args.exclude_archived && one.archived))
    .filter((one) => (!one.private && !one.im) || one.members.includes(call.workspace.bot.userId))
  const cut = page(seen, { ...args, cursor: args.cursor, limit: args.limit, most: 1000, usual: 100 })
  return { channels: cut.items.map((one) => channelShape(call.workspace, one)), response_metadata: cut.response_metadata }
})

const joining = method({ scopes: ['channels:join'], tier: 3, args: { channel: z.string() } }, (args, call) => {
  const channel = visibleChannel(call, args.channel)
  if (channel.private || channel.im) throw new Refused('method_not_supported_for_channel_type')
  if (channel.archived) throw new Refused('is_archived')
  const already = channel.members.includes(call.workspace.bot.userId)
  const joined = join(call.workspace, channel, call.workspace.bot.userId)
  return {
    channel: channelShape(call.workspace, joined),
    ...(already ? { warning: 'already_in_channel', response_metadata: { warnings: ['already_in_channel'] } } : {}),
  }
})

const open = method(
  { scopes: ['im:write', 'mpim:write'], tier: 3, args: { users: z.string().optional(), channel: z.string().optional(), return_im: flag } },
  (args, call) => {
    if (args.channel) return { channel: { id: visibleChannel(call, args.channel).id } }
    const users = (args.users ?? '').split(',').filter((one) => one !== '')
    const [id] = users
    if (id === undefined) throw new Refused('users_list_not_supplied')
    if (users.length > 1) throw new Refused('not_enough_users')
    const person = call.workspace.person(id)
    if (!person) throw new Refused('user_not_found')
    if (person.deactivated) throw new Refused('user_disabled')
    if (person.bot) throw new Refused('cannot_dm_bot')
    const already = call.workspace.channels().some((one) => one.im === id)
    const channel = directMessage(call.workspace, id)
    return { ...(already ? { no_op: true, already_open: true } : {}), channel: args.return_im ? channelShape(call.workspace, channel) : { id: channel.id } }
  },
)

const history = method({ scopes: remembering, tier: 3, args: { channel: z.string(), ...span } }, (args, call) => {
  const channel = readable(call, args.channel, 'history')
  const shown = call.workspace.messages(channel.id).filter((one) => one.thread === undefined || one.broadcast)
  // Newest first, also across pages: docs.slack.dev reference/methods/conversations.history.
  const cut = page(within(shown, args).reverse(), { cursor: args.cursor, limit: args.limit, most: 999, usual: 100 })
  return {
    messages: cut.items.map((one) => messageShape(call.workspace, one, { origin: call.origin, metadata: args.include_all_metadata ?? false })),
    has_more: cut.more,
    pin_count: 0,
    response_metadata: cut.response_metadata,
  }
})

const replies = method({ scopes: remembering, tier: 3, args: { channel: z.string(), ts: z.string(), ...span } }, (args, call) => {
  const channel = readable(call, args.channel, 'history')
  const asked = call.workspace.message(channel.id, args.ts)
  const parent = asked?.thread === undefined ? asked : call.workspace.message(channel.id, asked.thread)
  if (!parent) throw new Refused('thread_not_found')
  // Oldest first, with the parent on top of every page: docs.slack.dev reference/methods/conversations.replies.
  const cut = page(within(repliesOf(call.workspace, parent), args), { cursor: args.cursor, limit: args.limit, most: 1000, usual: 1000 })
  return {
    messages: [parent, ...cut.items].map((one) => messageShape(call.workspace, one, { origin: call.origin, metadata: args.include_all_metadata ?? false })),
    has_more: cut.more,
    response_metadata: cut.response_metadata,
  }
})

const members = method({ scopes: reading, tier: 4, args: { channel: z.string(), ...paging } }, (args, call) => {
  const channel = readable(call, args.channel, 'read')
  const cut = page(channel.members, { cursor: args.cursor, limit: args.limit, most: 1000, usual: 100 })
  return { members: cut.items, response_metadata: cut.response_metadata }
})

/** conversations.*: docs.slack.dev reference/methods. */
export const conversationMethods = {
  'conversations.info': info,
  'conversations.list': list,
  'conversations.join': joining,
  'conversations.open': open,
  'conversations.history': history,
  'conversations.replies': replies,
  'conversations.members': members,
}
