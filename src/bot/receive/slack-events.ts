import { z } from 'zod'

const ofChannel = z.object({ channel: z.string() })
const channelOnly = [
  'channel_archive', 'channel_unarchive', 'channel_deleted', 'channel_left', 'channel_shared', 'channel_unshared',
  'group_archive', 'group_unarchive', 'group_deleted', 'group_left',
] as const

/** What Slack sends, reduced to ids: an event is kept like every delivery, and a profile is none of the database's business. */
const raw = z.union([
  z.object({ type: z.literal('user_change'), user: z.object({ id: z.string() }) }).transform(({ type, user }) => ({ type, user: user.id })),
  z.object({
    type: z.literal('subteam_members_changed'), subteam_id: z.string(), added_users: z.array(z.string()).default([]), removed_users: z.array(z.string()).default([]),
  }).transform(({ type, subteam_id: group, added_users: added, removed_users: removed }) => ({ type, group, added, removed })),
  z.object({ type: z.literal('subteam_updated'), subteam: z.object({ id: z.string() }) }).transform(({ type, subteam }) => ({ type, group: subteam.id })),
  ofChannel.extend({ type: z.enum(channelOnly) }),
  ofChannel.extend({ type: z.enum(['member_joined_channel', 'member_left_channel']), user: z.string() }),
  z.object({ type: z.enum(['tokens_revoked', 'app_uninstalled']) }),
])

/** One event that is no message, as it is kept. */
export const slackEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('user_change'), user: z.string() }),
  z.object({ type: z.literal('subteam_members_changed'), group: z.string(), added: z.array(z.string()), removed: z.array(z.string()) }),
  z.object({ type: z.literal('subteam_updated'), group: z.string() }),
  ofChannel.extend({ type: z.enum(channelOnly) }),
  ofChannel.extend({ type: z.enum(['member_joined_channel', 'member_left_channel']), user: z.string() }),
  z.object({ type: z.enum(['tokens_revoked', 'app_uninstalled']) }),
])

/**
 * Something that happened in Slack and that nobody did to us: ids only. `channel_left` and `group_left` are about the bot itself,
 * `member_*` about anybody in a channel it is in.
 */
export type SlackEvent = z.infer<typeof slackEvent>
export type SlackEventName = SlackEvent['type']

/** Reads the `event` of an event_callback; null for one that nobody listens to. */
export const readSlackEvent = (event: unknown): SlackEvent | null => {
  const parsed = raw.safeParse(event)
  return parsed.success ? parsed.data : null
}

/** Every event of this kind that the Slack app subscribes to, with the scope Slack wants for it (docs.slack.dev/reference/events). */
export const slackEventScopes = {
  user_change: 'users:read',
  subteam_members_changed: 'usergroups:read',
  subteam_updated: 'usergroups:read',
  channel_archive: 'channels:read',
  channel_unarchive: 'channels:read',
  channel_deleted: 'channels:read',
  channel_left: 'channels:read',
  channel_shared: 'channels:read',
  channel_unshared: 'channels:read',
  group_archive: 'groups:read',
  group_unarchive: 'groups:read',
  group_deleted: 'groups:read',
  group_left: 'groups:read',
  member_joined_channel: 'channels:read',
  member_left_channel: 'channels:read',
  tokens_revoked: null,
  app_uninstalled: null,
} as const satisfies Record<SlackEventName, string | null>
