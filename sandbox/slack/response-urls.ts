import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Block } from './blocks/blocks.ts'
import type { Workspace } from './store.ts'
import { deleteMessage, threadParent } from './web-api/chat.ts'
import { flag, messageBlocks, messageMetadata } from './web-api/arguments.ts'
import { Refused } from './web-api/refused.ts'

/** docs.slack.dev interactivity/handling-user-interaction: five uses within 30 minutes. */
const uses = 5
const life = 30 * 60_000

/** Where an answer goes: who asked, where, and the message that was clicked. */
export type ResponseTarget = { user: string; channel: string; thread?: string; original?: { kind: 'message' | 'ephemeral'; ts: string } }

const answer = z.object({
  text: z.string().optional(),
  blocks: z.unknown().optional(),
  response_type: z.enum(['ephemeral', 'in_channel']).optional(),
  replace_original: flag,
  delete_original: flag,
  thread_ts: z.string().optional(),
  metadata: z.unknown().optional(),
})

/** Shows what an acknowledgement or a response_url says: for one person, unless it asks for `in_channel`. Throws Refused. */
export const showAnswer = (
  workspace: Workspace,
  target: ResponseTarget,
  input: unknown,
  notify: (message: { channel: string; ts: string }) => void,
): { text: string; blocks: Block[] | undefined; ephemeral: boolean } | undefined => {
  const parsed = answer.safeParse(input)
  if (!parsed.success) throw new Refused('invalid_payload')
  const { response_type, replace_original, delete_original, thread_ts, ...rest } = parsed.data
  const { original } = target
  if (delete_original) {
    const message = original?.kind === 'message' ? workspace.message(target.channel, original.ts) : undefined
    if (original?.kind === 'ephemeral') workspace.removeEphemeral(target.channel, original.ts)
    else if (message) deleteMessage(workspace, message)
    return undefined
  }
  const blocks = messageBlocks(rest.blocks)
  const text = rest.text ?? ''
  if (text === '' && !blocks) throw new Refused('no_text')
  const metadata = messageMetadata(rest.metadata)
  const shown = { text, ...(blocks ? { blocks } : {}) }
  if (replace_original && original?.kind === 'message') {
    const found = workspace.message(target.channel, original.ts)
    // What was deleted meanwhile stays deleted.
    if (!found || found.subtype === 'tombstone') throw new Refused('message_not_found')
    const { blocks: _old, ...before } = found
    workspace.putMessage({ ...before, ...shown, edited: { user: workspace.bot.userId, ts: workspace.nextTs() } })
    return { text, blocks, ephemeral: false }
  }
  if (replace_original && original?.kind === 'ephemeral') {
    const before = workspace.ephemeral(target.channel, original.ts)
    // An ephemeral cannot become visible for all, so response_type is not looked at. One that was dismissed is gone for good.
    if (before)
      workspace.putEphemeral({
        channel: before.channel,
        ts: before.ts,
        to: before.to,
        from: before.from,
        ...(before.thread ? { thread: before.thread } : {}),
        ...shown,
      })
    return { text, blocks, ephemeral: true }
  }
  const ts = workspace.nextTs()
  if (response_type === 'in_channel') {
    const channel = workspace.channel(target.channel)
    // An answer for all goes into a thread only when it names it: docs.slack.dev interactivity/handling-user-interaction.
    if (channel && thread_ts) threadParent(workspace, channel, thread_ts)
    workspace.putMessage({
      channel: target.channel,
      ts,
      user: workspace.bot.userId,
      ...shown,
      ...(metadata ? { metadata } : {}),
      ...(thread_ts ? { thread: thread_ts } : {}),
    })
    notify({ channel: target.channel, ts })
    return { text, blocks, ephemeral: false }
  }
  const thread = thread_ts ?? target.thread
  workspace.putEphemeral({ channel: target.channel, ts, to: target.user, from: workspace.bot.userId, ...shown, ...(thread ? { thread } : {}) })
  return { text, blocks, ephemeral: true }
}

/** The response_urls that were handed out. `use` answers the HTTP status and body. */
export const createResponseUrls = (workspace: Workspace, origin: () => string, notify: (message: { channel: string; ts: string }) => void) => {
  const issued = new Map<string, { target: ResponseTarget; left: number; until: number }>()
  return {
    issue: (target: ResponseTarget): string => {
      const id = randomBytes(12).toString('hex')
      issued.set(id, { target, left: uses, until: workspace.now() + life })
      return `${origin()}/respond/${workspace.team.id}/${id}`
    },
    use: (id: string, body: unknown): { status: number; body: string } => {
      const found = issued.get(id)
      if (!found) return { status: 404, body: 'no_such_url' }
      if (workspace.now() > found.until) return { status: 404, body: 'expired_url' }
      if (found.left <= 0) return { status: 404, body: 'used_url' }
      try {
        showAnswer(workspace, found.target, body, notify)
      } catch (error) {
        if (error instanceof Refused) return { status: 400, body: error.code }
        throw error
      }
      found.left -= 1
      return { status: 200, body: '{"ok":true}' }
    },
  }
}
