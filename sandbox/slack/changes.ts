import type { Actors } from './actors.ts'
import type { Channel, Message, Person, UserGroup } from './records.ts'
import type { Workspace } from './store.ts'
import { groupShape, userShape } from './web-api/shapes.ts'

/** What happens in a workspace from outside the app: each change is told by the events that Slack has for it. */
export interface Changes {
  addPerson: (person: Person) => void
  setPerson: (id: string, change: Partial<Person>) => void
  setChannel: (id: string, change: Partial<Channel>) => void
  deleteChannel: (id: string) => void
  /** Somebody leaves a channel or is put out of it. */
  removeMember: (channel: string, user: string) => void
  removeBot: (channel: string) => void
  addBot: (channel: string) => void
  addGroup: (group: UserGroup) => void
  /** Who is in a user group from now on. */
  setGroup: (id: string, users: string[]) => void
  changeGroup: (id: string, change: Partial<UserGroup>) => void
  /** For how many ms messages may be edited (`edit_window_closed` after that); undefined: for ever. */
  setEditWindow: (ms: number | undefined) => void
  /** Nobody may answer in this thread any more. */
  lockThread: (parent: Message) => void
  /** On a free plan usergroups.* answer `plan_upgrade_required`. */
  setPlan: (plan: 'free' | 'paid') => void
}

const known = <T>(value: T | undefined, id: string): T => {
  if (value === undefined) throw new Error(`there is no ${id}`)
  return value
}

/** Slack's shared channels name the other workspace. */
const elsewhere = 'TELSEWHERE'

/** `event` tells the app; what it is not subscribed to, or lacks the scope for, it does not hear. */
export const createChanges = (workspace: Workspace, event: Actors['event']): Changes => {
  const { bot, team } = workspace
  const ts = () => workspace.nextTs()
  /** The app hears of public channels, and of private ones from the inside. */
  const heard = (channel: Channel) => !channel.private || channel.members.includes(bot.userId)
  const left = (channel: Channel, user: string) => {
    // Whoever is put out is no member any more, so the bot does not get member_left_channel about itself (slackapi/bolt-js#1847).
    if (user === bot.userId)
      event({ type: channel.private ? 'group_left' : 'channel_left', channel: channel.id, actor_id: channel.members[0] ?? '', event_ts: ts() })
    else if (channel.members.includes(bot.userId))
      event({ type: 'member_left_channel', user, channel: channel.id, channel_type: channel.private ? 'G' : 'C', team: team.id, event_ts: ts() })
  }
  const joined = (channel: Channel, user: string) => {
    if (channel.members.includes(bot.userId) || user === bot.userId)
      event({ type: 'member_joined_channel', user, channel: channel.id, channel_type: channel.private ? 'G' : 'C', team: team.id, event_ts: ts() })
  }

  const setChannel = (id: string, change: Partial<Channel>) => {
    const before = known(workspace.channel(id), id)
    const after = { ...before, ...change }
    workspace.putChannel(after)
    const kind = after.private ? 'group' : 'channel'
    const is = (what: 'archived' | 'shared') => [before[what] ?? false, after[what] ?? false] as const
    const [wasArchived, archived] = is('archived')
    const [wasShared, shared] = is('shared')
    if (heard(after)) {
      const by = { channel: id, user: before.members[0] ?? '', event_ts: ts() }
      if (archived !== wasArchived) event({ type: `${kind}_${archived ? 'archive' : 'unarchive'}`, ...by })
      if (shared && !wasShared) event({ type: 'channel_shared', channel: id, connected_team_id: elsewhere, event_ts: ts() })
      if (!shared && wasShared) event({ type: 'channel_unshared', channel: id, previously_connected_team_id: elsewhere, is_ext_shared: false, event_ts: ts() })
      if (after.name !== before.name) event({ type: `${kind}_rename`, channel: { id, name: after.name, created: 0 }, event_ts: ts() })
    }
    for (const user of before.members) if (!after.members.includes(user)) left(before, user)
    for (const user of after.members) if (!before.members.includes(user)) joined(after, user)
  }
  const removeMember = (id: string, user: string) => {
    const { members } = known(workspace.channel(id), id)
    setChannel(id, { members: members.filter((one) => one !== user) })
  }
  const changeGroup = (id: string, change: Partial<UserGroup>) => {
    const before = known(workspace.group(id), id)
    const after = { ...before, ...change }
    workspace.putGroup(after)
    const added = after.users.filter((one) => !before.users.includes(one))
    const removed = before.users.filter((one) => !after.users.includes(one))
    const date = Math.floor(workspace.now() / 1000)
    if (added.length + removed.length > 0)
      event({
        type: 'subteam_members_changed',
        subteam_id: id,
        team_id: team.id,
        date_previous_update: date,
        date_update: date,
        added_users: added,
        added_users_count: String(added.length),
        removed_users: removed,
        removed_users_count: String(removed.length),
        event_ts: ts(),
      })
    event({ type: 'subteam_updated', subteam: { ...groupShape(workspace, after), users: after.users }, event_ts: ts() })
  }

  return {
    setChannel,
    removeMember,
    changeGroup,
    setGroup: (id, users) => changeGroup(id, { users }),
    addPerson: (person) => {
      workspace.putPerson(person)
      event({ type: 'team_join', user: userShape(workspace, person), cache_ts: Math.floor(workspace.now() / 1000), event_ts: ts() })
    },
    setPerson: (id, change) => {
      const person = { ...known(workspace.person(id), id), ...change }
      workspace.putPerson(person)
      event({ type: 'user_change', user: userShape(workspace, person), cache_ts: Math.floor(workspace.now() / 1000), event_ts: ts() })
    },
    deleteChannel: (id) => {
      const channel = known(workspace.channel(id), id)
      workspace.removeChannel(id)
      if (heard(channel))
        event({ type: channel.private ? 'group_deleted' : 'channel_deleted', channel: id, actor_id: channel.members[0] ?? '', event_ts: ts() })
    },
    removeBot: (id) => removeMember(id, bot.userId),
    addBot: (id) => {
      const { members } = known(workspace.channel(id), id)
      if (!members.includes(bot.userId)) setChannel(id, { members: [...members, bot.userId] })
    },
    addGroup: (group) => {
      workspace.putGroup(group)
      event({ type: 'subteam_created', subteam: { ...groupShape(workspace, group), users: group.users }, event_ts: ts() })
    },
    setEditWindow: (ms) => workspace.keep('editWindow', ms),
    lockThread: (parent) => workspace.putMessage({ ...known(workspace.message(parent.channel, parent.ts), parent.ts), threadLocked: true }),
    setPlan: (plan) => workspace.keep('plan', plan),
  }
}
