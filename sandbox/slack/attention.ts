import type { Message } from './records.ts'
import { mentionsIn } from './plain-text.ts'
import type { Workspace } from './store.ts'

/** Somebody whose phone rang: a mention, a direct message, a reply in a thread they wrote in, a group they are in, or a mass mention. */
export type Notified = { user: string; channel: string; ts: string; why: 'mention' | 'direct' | 'thread' | 'group' | 'everyone' }

/** Whom a new message notifies. Edits notify nobody, nor do a person's own words. */
export const notifiedBy = (workspace: Workspace, message: Message): Notified[] => {
  const channel = workspace.channel(message.channel)
  if (!channel) return []
  const mentions = mentionsIn(message)
  const many = ['here', 'channel', 'everyone'].some((range) => mentions.has(range))
  const grouped = new Set([...mentions].flatMap((one) => workspace.group(one)?.users ?? []))
  const thread = message.thread === undefined ? undefined : message.thread
  const inThread = new Set(
    thread === undefined
      ? []
      : workspace
          .messages(channel.id)
          .filter((one) => one.ts === thread || one.thread === thread)
          .map((one) => one.user),
  )
  return channel.members.flatMap((user) => {
    if (user === message.user || user === workspace.bot.userId) return []
    const why = mentions.has(user)
      ? 'mention'
      : channel.im
        ? 'direct'
        : many
          ? 'everyone'
          : grouped.has(user)
            ? 'group'
            : inThread.has(user)
              ? 'thread'
              : undefined
    return why ? [{ user, channel: channel.id, ts: message.ts, why } satisfies Notified] : []
  })
}
