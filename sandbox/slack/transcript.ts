import { namesIn, nameOf } from './membership.ts'
import { plainMessage } from './plain-text.ts'
import type { Ephemeral, Message } from './records.ts'
import type { Workspace } from './store.ts'
import { repliesOf } from './web-api/shapes.ts'

const indent = (text: string) => text.replaceAll('\n', '\n  ')

const messageText = (workspace: Workspace, message: Message): string => {
  const marks = [message.broadcast ? 'also sent to the channel' : undefined, message.edited ? 'edited' : undefined].filter((mark) => mark !== undefined)
  const files = (message.files ?? []).map((id) => `[file ${workspace.file(id)?.name ?? id}]`)
  const body = [plainMessage(message, namesIn(workspace)), ...files].filter((part) => part !== '').join('\n')
  return `${nameOf(workspace, message.user)}${marks.length > 0 ? ` (${marks.join(', ')})` : ''}: ${indent(body)}`
}

const ephemeralText = (workspace: Workspace, one: Ephemeral): string =>
  `${nameOf(workspace, one.from)} (only visible to ${nameOf(workspace, one.to)}): ${indent(plainMessage(one, namesIn(workspace)))}`

/** When a message last changed. */
const changedAt = (message: Message) => message.edited?.ts ?? message.ts

type Options = { user?: string; ephemerals?: boolean; after?: string }

/**
 * A channel as text, threads indented under their parent. `user` adds what only that person sees, `ephemerals` what anybody sees;
 * `after` (a ts) leaves out what did not change since.
 */
export const transcriptOf = (workspace: Workspace, channel: string, options: Options = {}): string => {
  const messages = workspace.messages(channel)
  const { after = '' } = options
  const whispered = workspace.ephemerals(channel).filter((one) => (options.ephemerals || one.to === options.user) && one.ts > after)
  const rows: { ts: string; text: string }[] = []
  for (const message of messages) {
    if (message.thread !== undefined) continue
    const inThread = [
      ...repliesOf(workspace, message)
        .filter((one) => changedAt(one) > after)
        .map((one) => ({ ts: one.ts, text: messageText(workspace, one) })),
      ...whispered.filter((one) => one.thread === message.ts).map((one) => ({ ts: one.ts, text: ephemeralText(workspace, one) })),
    ].sort((a, b) => (a.ts < b.ts ? -1 : 1))
    if (changedAt(message) <= after && inThread.length === 0) continue
    const replies = inThread.map((one) => `\n  > ${indent(one.text)}`).join('')
    rows.push({ ts: message.ts, text: (changedAt(message) > after ? messageText(workspace, message) : '') + replies })
  }
  for (const one of whispered) if (one.thread === undefined) rows.push({ ts: one.ts, text: ephemeralText(workspace, one) })
  return rows
    .sort((a, b) => (a.ts < b.ts ? -1 : 1))
    .map((row) => row.text)
    .join('\n')
}
