import { z } from 'zod'
import { directMessage } from '../membership.ts'
import type { Channel, Message, Restriction } from '../records.ts'
import type { Workspace } from '../store.ts'
import { flag, messageBlocks, messageMetadata } from './arguments.ts'
import { method, needScope, visibleChannel, type Call } from './method.ts'
import { Refused } from './refused.ts'
import { messageShape, repliesOf } from './shapes.ts'

/** docs.slack.dev reference/methods/chat.postMessage: text is cut at 40,000. */
const maxText = 40_000
/** docs.slack.dev reference/methods/chat.update: text of more than 4,000 is `msg_too_long`. */
const maxUpdate = 4000

const content = { text: z.string().optional(), blocks: z.unknown().optional(), metadata: z.unknown().optional(), attachments: z.unknown().optional() }

const destination = (call: Call, target: string): Channel => {
  const { workspace } = call
  if (/^[UW]/.test(target)) {
    const person = workspace.person(target)
    if (!person || person.bot) throw new Refused('channel_not_found')
    return directMessage(workspace, person.id)
  }
  const named = workspace.channels().find((one) => !one.im && `#${one.name}` === `#${target.replace(/^#/, '')}`)
  return visibleChannel(call, named?.id ?? target)
}

/** What Slack says to a post here, `undefined` when nothing stands against it. */
const restrictionOf = (channel: Channel, reply: boolean): Restriction | undefined => {
  const { restriction = channel.readOnly ? 'restricted_action_read_only_channel' : undefined } = channel
  if (restriction === 'restricted_action_thread_only_channel') return reply ? undefined : restriction
  if (restriction === 'restricted_action_non_threadable_channel') return reply ? restriction : undefined
  return restriction
}

/** Whether the bot may write here. Throws `is_archived`, `not_in_channel`, and the channel's restriction. */
export const checkPosting = (call: Call, channel: Channel, options: { publicAllowed: boolean; reply: boolean }): void => {
  if (channel.archived) throw new Refused('is_archived')
  const restriction = restrictionOf(channel, options.reply)
  if (restriction) throw new Refused(restriction)
  if (channel.members.includes(call.workspace.bot.userId)) return
  if (!options.publicAllowed || !call.scopes.has('chat:write.public')) throw new Refused('not_in_channel')
}

/** The first message of a thread. Throws `invalid_thread_ts`, `thread_not_found`, `restricted_action_thread_locked`. */
export const threadParent = (workspace: Workspace, channel: Channel, ts: string): Message => {
  if (!/^\d+\.\d{6}$/.test(ts)) throw new Refused('invalid_thread_ts')
  const parent = workspace.message(channel.id, ts)
  if (!parent || parent.thread !== undefined || parent.subtype === 'tombstone') throw new Refused('thread_not_found')
  if (parent.threadLocked) throw new Refused('restricted_action_thread_locked')
  return parent
}

const ownMessage = (call: Call, channel: string, ts: string, code: string): Message => {
  const found = call.workspace.message(visibleChannel(call, channel).id, ts)
  if (!found || found.subtype === 'tombstone') throw new Refused('message_not_found')
  if (found.user !== call.workspace.bot.userId || found.subtype) throw new Refused(code)
  return found
}

const postMessage = method(
  {
    scopes: ['chat:write'],
    tier: 'posting',
    args: {
      channel: z.string(),
      ...content,
      thread_ts: z.string().optional(),
      reply_broadcast: flag,
      username: z.string().optional(),
      icon_emoji: z.string().optional(),
      icon_url: z.string().optional(),
    },
  },
  (args, call) => {
    const { workspace } = call
    if (args.username ?? args.icon_emoji ?? args.icon_url) needScope(call, 'chat:write.customize')
    const channel = destination(call, args.channel)
    checkPosting(call, channel, { publicAllowed: true, reply: args.thread_ts !== undefined })
    const blocks = messageBlocks(args.blocks)
    if (args.attachments !== undefined && args.attachments !== '' && args.attachments !== '[]') throw new Refused('invalid_attachments')
    if (!args.text && !blocks) throw new Refused('no_text')
    const metadata = messageMetadata(args.metadata)
    const warnings: string[] = []
    let text = args.text ?? ''
    if (text.length > maxText) {
      text = text.slice(0, maxText)
      warnings.push('message_truncated')
    }
    if (!args.text) warnings.push('missing_text_in_message')
    if (args.thread_ts !== undefined) threadParent(workspace, channel, args.thread_ts)
    const message: Message = {
      channel: channel.id,
      ts: workspace.nextTs(),
      user: workspace.bot.userId,
      text,
      ...(blocks ? { blocks } : {}),
      ...(metadata ? { metadata } : {}),
      ...(args.thread_ts !== undefined ? { thread: args.thread_ts } : {}),
      ...(args.thread_ts !== undefined && args.reply_broadcast ? { broadcast: true } : {}),
    }
    workspace.putMessage(message)
    call.notify(message)
    return {
      channel: channel.id,
      ts: message.ts,
      message: messageShape(workspace, message, { origin: call.origin, metadata: true }),
      ...(warnings.length > 0 ? { warning: warnings.join(','), response_metadata: { warnings } } : {}),
    }
  },
)

const update = method({ scopes: ['chat:write'], tier: 3, args: { channel: z.string(), ts: z.string(), ...content, reply_broadcast: flag } }, (args, call) => {
  const { workspace } = call
  const before = ownMessage(call, args.channel, args.ts, 'cant_update_message')
  if (workspace.channel(before.channel)?.archived) throw new Refused('is_archived')
  const window = workspace.kept('editWindow')
  if (typeof window === 'number' && workspace.now() - Number(before.ts) * 1000 > window) throw new Refused('edit_window_closed')
  const blocks = messageBlocks(args.blocks)
  if (!args.text && !blocks) throw new Refused('no_text')
  // Rich text stays rich text: docs.slack.dev reference/methods/chat.update.
  if (blocks && before.blocks?.some((one) => one.type === 'rich_text') && !blocks.some((one) => one.type === 'rich_text')) throw new Refused('block_mismatch')
  if ((args.text ?? '').length > maxUpdate) throw new Refused('msg_too_long')
  // docs.slack.dev reference/methods/chat.update: an old reply is broadcast as it is, or changed where it is.
  if (args.reply_broadcast && !before.broadcast && (blocks || args.text !== before.text)) throw new Refused('no_dual_broadcast_content_update')
  const metadata = messageMetadata(args.metadata)
  const { blocks: _blocks, metadata: kept, ...rest } = before
  const after: Message = {
    ...rest,
    text: args.text ?? '',
    ...(blocks ? { blocks } : {}),
    ...(metadata === undefined ? (kept ? { metadata: kept } : {}) : metadata ? { metadata } : {}),
    ...(before.thread !== undefined && args.reply_broadcast ? { broadcast: true } : {}),
    edited: { user: workspace.bot.userId, ts: workspace.nextTs() },
  }
  workspace.putMessage(after)
  return { channel: after.channel, ts: after.ts, text: after.text, message: messageShape(workspace, after, { origin: call.origin, metadata: true }) }
})

const remove = method({ scopes: ['chat:write'], tier: 3, args: { channel: z.string(), ts: z.string() } }, (args, call) => {
  deleteMessage(call.workspace, ownMessage(call, args.channel, args.ts, 'cant_delete_message'))
  return { channel: args.channel, ts: args.ts }
})

/** Deletes a message; one with replies leaves a tombstone. */
export const deleteMessage = (workspace: Workspace, message: Message): void => {
  if (repliesOf(workspace, message).length === 0) workspace.removeMessage(message.channel, message.ts)
  else workspace.putMessage({ channel: message.channel, ts: message.ts, user: message.user, text: 'This message was deleted.', subtype: 'tombstone' })
}

const postEphemeral = method(
  {
    scopes: ['chat:write'],
    tier: 4,
    args: { channel: z.string(), user: z.string(), text: z.string().optional(), blocks: z.unknown().optional(), thread_ts: z.string().optional() },
  },
  (args, call) => {
    const { workspace } = call
    const channel = destination(call, args.channel)
    checkPosting(call, channel, { publicAllowed: false, reply: args.thread_ts !== undefined })
    if (!workspace.person(args.user)) throw new Refused('user_not_found')
    if (!channel.members.includes(args.user)) throw new Refused('user_not_in_channel')
    const blocks = messageBlocks(args.blocks)
    if (!args.text && !blocks) throw new Refused('no_text')
    if (args.thread_ts !== undefined) threadParent(workspace, channel, args.thread_ts)
    const ts = workspace.nextTs()
    workspace.putEphemeral({
      channel: channel.id,
      ts,
      to: args.user,
      from: workspace.bot.userId,
      text: (args.text ?? '').slice(0, maxText),
      ...(blocks ? { blocks } : {}),
      ...(args.thread_ts !== undefined ? { thread: args.thread_ts } : {}),
    })
    return { message_ts: ts }
  },
)

const getPermalink = method({ scopes: [], tier: 'special', args: { channel: z.string(), message_ts: z.string() } }, (args, call) => {
  const channel = visibleChannel(call, args.channel)
  const message = call.workspace.message(channel.id, args.message_ts)
  if (!message) throw new Refused('message_not_found')
  const thread = message.thread === undefined ? '' : `?thread_ts=${message.thread}&cid=${channel.id}`
  return { channel: channel.id, permalink: `https://${call.workspace.team.domain}.slack.com/archives/${channel.id}/p${message.ts.replace('.', '')}${thread}` }
})

/** chat.*: docs.slack.dev reference/methods. */
export const chatMethods = {
  'chat.postMessage': postMessage,
  'chat.update': update,
  'chat.delete': remove,
  'chat.postEphemeral': postEphemeral,
  'chat.getPermalink': getPermalink,
}
