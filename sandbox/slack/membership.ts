import type { Channel, Person } from './records.ts'
import { slackbot, type Workspace } from './store.ts'

/** Whether this member sees the channel in the sidebar. */
export const isMember = (channel: Channel, user: string): boolean => channel.members.includes(user)

/** The direct message between the bot and this person, opened when it was not. */
export const directMessage = (workspace: Workspace, user: string): Channel => {
  const found = workspace.channels().find((one) => one.im === user)
  if (found) return found
  const made: Channel = { id: workspace.nextId('D'), name: workspace.bot.name, members: [user, workspace.bot.userId], im: user }
  workspace.putChannel(made)
  return made
}

/** The name that a mention shows. */
export const nameOf = (workspace: Workspace, id: string): string => (id === slackbot ? 'Slackbot' : (workspace.person(id)?.name ?? id))

/** How ids read in plain text. */
export const namesIn = (workspace: Workspace) => ({
  user: (id: string) => nameOf(workspace, id),
  channel: (id: string) => workspace.channel(id)?.name ?? id,
})

/** Whether somebody is a full member of this workspace: not a guest, a bot, a stranger, nor deactivated. */
export const isFullMember = (person: Person): boolean => !person.guest && !person.bot && !person.stranger && !person.deactivated

/** Puts `user` into a channel and says so in it, as Slack does. */
export const join = (workspace: Workspace, channel: Channel, user: string): Channel => {
  if (isMember(channel, user)) return channel
  const joined = { ...channel, members: [...channel.members, user] }
  workspace.putChannel(joined)
  workspace.putMessage({ channel: channel.id, ts: workspace.nextTs(), user, text: `<@${user}> has joined the channel`, subtype: 'channel_join' })
  return joined
}
