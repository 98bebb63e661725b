import type { Actors } from './actors.ts'
import { outgoing } from './outgoing-text.ts'
import type { Message } from './records.ts'
import { fileShape } from './web-api/shapes.ts'
import type { Wiring } from './wiring.ts'

/** What goes with a message: the thread it is in, files by their ids. */
export type Saying = { thread?: string; files?: string[] }

/** Messages that people write, and what the app hears of them. */
export const createSaying = (wiring: Wiring, { whisper, actor, writable, event }: Actors) => {
  const { workspace } = wiring
  const { bot, team } = workspace

  const shareFiles = (user: string, channel: string, ids: string[]) => {
    for (const id of ids) {
      const file = workspace.file(id)
      if (!file || file.user !== user) throw new Error(`${user} has no file ${id}`)
      workspace.putFile({ ...file, channels: [...new Set([...file.channels, channel])] })
    }
  }

  /** Changes the words of one's own message. Slack tells of the mentions in it again, with `edited`. */
  const edit = (user: string, before: Message, typed: string): Message => {
    const { teamId: from = team.id } = actor(user)
    const channel = writable(user, before.channel)
    const found = workspace.message(before.channel, before.ts)
    if (!found || found.user !== user || found.subtype) throw new Error('only the author of a message changes it')
    const edited = { user, ts: workspace.nextTs() }
    const message: Message = { ...found, text: outgoing(workspace, typed, { labels: false }), edited }
    workspace.putMessage(message)
    if (!channel.im && channel.members.includes(bot.userId) && message.text.includes(`<@${bot.userId}>`)) {
      const thread = message.thread ? { thread_ts: message.thread } : {}
      event({ type: 'app_mention', user, text: message.text, ts: message.ts, channel: channel.id, team: from, edited, event_ts: edited.ts, ...thread })
    }
    return message
  }

  const say = (user: string, channelId: string, typed: string, options: Saying = {}): Message => {
    const { teamId: from = team.id } = actor(user)
    const channel = writable(user, channelId)
    const files = options.files ?? []
    shareFiles(user, channelId, files)
    const ts = workspace.nextTs()
    const message: Message = {
      channel: channelId,
      ts,
      user,
      text: outgoing(workspace, typed, { labels: false }),
      ...(options.thread ? { thread: options.thread } : {}),
      ...(files.length > 0 ? { files } : {}),
    }
    workspace.putMessage(message)
    wiring.notify(message)
    const body = {
      user,
      text: message.text,
      ts,
      channel: channelId,
      event_ts: ts,
      team: from,
      // Only of people of another company: docs.slack.dev apis/slack-connect.
      ...(from === team.id ? {} : { user_team: from, source_team: from }),
      ...(options.thread ? { thread_ts: options.thread } : {}),
      ...(files.length > 0 ? { files: files.flatMap((id) => workspace.file(id) ?? []).map((file) => fileShape(wiring.origin(), file)), upload: false } : {}),
    }
    const said = { type: 'message', ...(files.length > 0 ? { subtype: 'file_share' } : {}), ...body }
    const named = message.text.includes(`<@${bot.userId}>`)
    if (channel.members.includes(bot.userId)) {
      event({ ...said, channel_type: channel.im ? 'im' : channel.private ? 'group' : 'channel' })
      if (named && !channel.im) event({ type: 'app_mention', ...body })
      for (const id of files) event({ type: 'file_shared', channel_id: channelId, file_id: id, user_id: user, file: { id }, event_ts: ts })
    } else if (named) {
      whisper(user, channelId, `You mentioned <@${bot.userId}>, but they're not in this channel. Type \`/invite @${bot.name}\` to add them.`, options.thread)
    }
    return message
  }

  return { say, edit }
}
