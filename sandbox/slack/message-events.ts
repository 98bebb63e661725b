import type { Actors } from './actors.ts'
import type { Channel, Message } from './records.ts'
import type { Workspace } from './store.ts'
import { messageShape } from './web-api/shapes.ts'

const kindOf = (channel: Channel) => (channel.im ? 'im' : channel.private ? 'group' : 'channel')

/**
 * What an app hears of messages besides those that people write: its own ones, and every one that is changed or deleted, with `hidden`.
 * docs.slack.dev reference/events/message; an app that takes its own words for somebody else's talks to itself.
 */
export const createMessageEvents = (workspace: Workspace, { event, hears }: Pick<Actors, 'event' | 'hears'>, origin: () => string) => {
  const { bot, team } = workspace
  const known = new Map<string, Message>()
  for (const channel of workspace.channels()) for (const one of workspace.messages(channel.id)) known.set(`${one.channel}/${one.ts}`, one)
  const shape = (message: Message) => messageShape(workspace, message, { origin: origin() })
  const tell = (channel: Channel, body: () => Record<string, unknown>) => {
    const message = { type: 'message', channel: channel.id, channel_type: kindOf(channel) }
    if (channel.members.includes(bot.userId) && hears(message)) event({ ...message, event_ts: workspace.nextTs(), ...body() })
  }
  const gone = (channel: Channel, before: Message) =>
    tell(channel, () => ({ subtype: 'message_deleted', hidden: true, ts: workspace.nextTs(), deleted_ts: before.ts, previous_message: shape(before) }))

  workspace.onChange((change) => {
    if (change.kind === 'message') {
      const { message } = change
      const key = `${message.channel}/${message.ts}`
      const before = known.get(key)
      known.set(key, message)
      const channel = workspace.channel(message.channel)
      if (!channel) return
      if (message.subtype === 'tombstone') return before && gone(channel, before)
      if (before === undefined) {
        if (message.user === bot.userId && !message.subtype) tell(channel, () => ({ ...shape(message), team: team.id }))
      } else if (before.edited?.ts !== message.edited?.ts) {
        tell(channel, () => ({ subtype: 'message_changed', hidden: true, ts: workspace.nextTs(), message: shape(message), previous_message: shape(before) }))
      }
    }
    if (change.kind === 'message-gone') {
      const key = `${change.channel}/${change.ts}`
      const before = known.get(key)
      const channel = workspace.channel(change.channel)
      known.delete(key)
      if (before && channel) gone(channel, before)
    }
  })
}
