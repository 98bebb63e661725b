import { isFullMember } from '../membership.ts'
import type { Channel, Message, Person, SharedFile, UserGroup } from '../records.ts'
import type { Workspace } from '../store.ts'

/** A user as users.info answers: docs.slack.dev reference/objects/user-object. */
export const userShape = (workspace: Workspace, person: Person) => ({
  id: person.id,
  team_id: person.teamId ?? workspace.team.id,
  name: person.name,
  deleted: person.deactivated ?? false,
  real_name: person.realName ?? person.name,
  tz: 'Etc/UTC',
  tz_label: 'Coordinated Universal Time',
  tz_offset: 0,
  profile: { real_name: person.realName ?? person.name, display_name: person.name, title: person.role ?? '', team: person.teamId ?? workspace.team.id },
  is_admin: person.admin ?? person.owner ?? false,
  is_owner: person.owner ?? false,
  is_primary_owner: false,
  is_restricted: person.guest !== undefined,
  is_ultra_restricted: person.guest === 'single_channel',
  is_stranger: person.stranger ?? false,
  is_bot: person.bot ?? false,
  is_app_user: false,
  is_email_confirmed: isFullMember(person),
  updated: 0,
})

/** A user group as usergroups.list answers: docs.slack.dev reference/objects/usergroup-object. */
export const groupShape = (workspace: Workspace, group: UserGroup) => ({
  id: group.id,
  team_id: workspace.team.id,
  is_usergroup: true,
  is_subteam: true,
  is_external: false,
  name: group.name ?? group.handle,
  handle: group.handle,
  description: '',
  date_create: 0,
  date_update: 0,
  date_delete: group.disabled ? 1 : 0,
  auto_provision: false,
  created_by: workspace.bot.userId,
  user_count: group.users.length,
})

/** A conversation as conversations.info answers. */
export const channelShape = (workspace: Workspace, channel: Channel) =>
  channel.im
    ? {
        id: channel.id,
        created: 0,
        is_im: true,
        is_org_shared: false,
        user: channel.im,
        is_archived: false,
        is_user_deleted: workspace.person(channel.im)?.deactivated ?? false,
      }
    : {
        id: channel.id,
        name: channel.name,
        name_normalized: channel.name,
        is_channel: true,
        is_group: false,
        is_im: false,
        is_mpim: false,
        is_private: channel.private ?? false,
        created: 0,
        is_archived: channel.archived ?? false,
        is_general: channel.name === 'general',
        is_shared: channel.shared ?? false,
        is_ext_shared: channel.shared ?? false,
        is_pending_ext_shared: channel.pendingShared ?? false,
        is_org_shared: false,
        is_read_only: channel.readOnly === true || channel.restriction === 'restricted_action_read_only_channel',
        is_thread_only: channel.restriction === 'restricted_action_thread_only_channel',
        is_non_threadable: channel.restriction === 'restricted_action_non_threadable_channel',
        is_member: channel.members.includes(workspace.bot.userId),
        num_members: channel.members.length,
        topic: { value: channel.topic ?? '', creator: '', last_set: 0 },
        purpose: { value: '', creator: '', last_set: 0 },
      }

/** A file as files.info answers. */
export const fileShape = (origin: string, file: SharedFile) => ({
  id: file.id,
  created: file.created,
  timestamp: file.created,
  name: file.name,
  title: file.title,
  mimetype: file.mimetype,
  filetype: file.name.includes('.') ? file.name.slice(file.name.lastIndexOf('.') + 1) : 'text',
  pretty_type: 'File',
  user: file.user,
  editable: false,
  size: file.size,
  mode: 'hosted',
  is_external: false,
  is_public: false,
  url_private: `${origin}/files-pri/${file.id}/${encodeURIComponent(file.name)}`,
  url_private_download: `${origin}/files-pri/${file.id}/download/${encodeURIComponent(file.name)}`,
  permalink: `${origin}/files/${file.id}`,
  channels: file.channels,
  shares: {},
})

/** Replies of a thread, oldest first. */
export const repliesOf = (workspace: Workspace, parent: Message): Message[] => workspace.messages(parent.channel).filter((one) => one.thread === parent.ts)

/** A message as history, events and interactions carry it. Metadata only where it was asked for. */
export const messageShape = (workspace: Workspace, message: Message, options: { origin: string; metadata?: boolean }) => {
  const replies = message.thread === undefined ? repliesOf(workspace, message) : []
  const bot = message.user === workspace.bot.userId
  return {
    type: 'message',
    ...(message.subtype ? { subtype: message.subtype } : message.broadcast ? { subtype: 'thread_broadcast' } : message.files ? { subtype: 'file_share' } : {}),
    user: message.user,
    text: message.text,
    ts: message.ts,
    team: workspace.team.id,
    ...(bot ? { bot_id: workspace.bot.botId, app_id: workspace.bot.appId } : {}),
    ...(message.blocks ? { blocks: message.blocks } : {}),
    ...(message.edited ? { edited: message.edited } : {}),
    ...(message.files ? { files: message.files.flatMap((id) => workspace.file(id) ?? []).map((one) => fileShape(options.origin, one)) } : {}),
    ...(message.reactions ? { reactions: message.reactions.map((one) => ({ ...one, count: one.users.length })) } : {}),
    ...(message.metadata && options.metadata ? { metadata: message.metadata } : {}),
    ...(message.thread !== undefined ? { thread_ts: message.thread } : {}),
    ...(replies.length > 0
      ? {
          thread_ts: message.ts,
          reply_count: replies.length,
          reply_users_count: new Set(replies.map((one) => one.user)).size,
          reply_users: [...new Set(replies.map((one) => one.user))],
          latest_reply: replies.at(-1)?.ts,
        }
      : {}),
  }
}
