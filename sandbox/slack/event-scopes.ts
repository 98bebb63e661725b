/**
 * The scopes of which one is needed for an event: docs.slack.dev reference/events. Those that are not here need none.
 * Messages are named by their kind of conversation, as subscriptions name them.
 */
export const eventScopes: Readonly<Record<string, readonly string[]>> = {
  app_mention: ['app_mentions:read'],
  'message.im': ['im:history'],
  'message.channels': ['channels:history'],
  'message.groups': ['groups:history'],
  member_joined_channel: ['channels:read', 'groups:read'],
  member_left_channel: ['channels:read', 'groups:read'],
  channel_archive: ['channels:read'],
  channel_unarchive: ['channels:read'],
  channel_deleted: ['channels:read'],
  channel_left: ['channels:read'],
  channel_rename: ['channels:read'],
  channel_shared: ['channels:read', 'groups:read'],
  channel_unshared: ['channels:read', 'groups:read'],
  group_archive: ['groups:read'],
  group_unarchive: ['groups:read'],
  group_deleted: ['groups:read'],
  group_left: ['groups:read'],
  group_rename: ['groups:read'],
  user_change: ['users:read'],
  team_join: ['users:read'],
  subteam_created: ['usergroups:read'],
  subteam_updated: ['usergroups:read'],
  subteam_members_changed: ['usergroups:read'],
  file_shared: ['files:read'],
}

const conversations: Readonly<Record<string, string>> = { im: 'message.im', channel: 'message.channels', group: 'message.groups', mpim: 'message.mpim' }

/** The name under which an app subscribes to this event. */
export const subscriptionOf = (event: { type: string; [key: string]: unknown }): string =>
  event.type === 'message' ? (conversations[String(event['channel_type'])] ?? 'message') : event.type
