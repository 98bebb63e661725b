import type { MessageMetadata } from '@slack/types'
import type { SlackClients } from '../slack-clients.ts'
import type { Payload } from './words.ts'

/** What is posted: into the channel, or into the thread of `threadTs`. */
export interface Post {
  readonly channel: string
  readonly threadTs: string | null
  readonly broadcast: boolean
  readonly payload: Payload
  /** Left out on a message that is nobody's card or thread. */
  readonly metadata: MessageMetadata | null
}

/** A message read back. */
export interface Found { readonly ts: string; readonly botId: string | undefined; readonly metadata: unknown }

/** The calls of the delivery, each made once. They throw the SDK's errors; `readTrouble` says what those mean. */
export interface SlackCalls {
  /** Returns the message's `ts`. */
  post(post: Post): Promise<string>
  /** `metadata` null: it keeps the one it has. */
  update(message: { channel: string; ts: string; payload: Payload; metadata: MessageMetadata | null }): Promise<void>
  /**
   * Our own messages since `oldest` and until `latest` (Slack seconds; now when left out), of the channel or of a thread. At most a few
   * hundred are looked through, of a channel the newest: without `latest` a busy one may hide what is looked for.
   */
  read(where: { channel: string; threadTs: string | null; oldest: string; latest?: string }): Promise<readonly Found[]>
  remove(channel: string, ts: string): Promise<void>
  join(channel: string): Promise<void>
  /** Returns the id of the direct message channel with `user`. */
  openDirect(user: string): Promise<string>
}

/** Pages of 100 looked through for a lost answer; conversations.history is tier 3 (reference/slack.md 3.2). */
const mostPages = 5

const noUnfurl = { unfurl_links: false, unfurl_media: false, link_names: false, parse: 'none' } as const

export const createSlackCalls = (clients: SlackClients): SlackCalls => ({
  post: async ({ channel, threadTs, broadcast, payload, metadata }) => {
    const message = { channel, text: payload.text, blocks: [...payload.blocks], ...(metadata === null ? {} : { metadata }), ...noUnfurl }
    const { chat } = clients.posting
    const answer = await (threadTs === null
      ? chat.postMessage(message)
      : chat.postMessage(broadcast ? { ...message, thread_ts: threadTs, reply_broadcast: true } : { ...message, thread_ts: threadTs }))
    if (answer.ts === undefined) throw new Error('chat.postMessage answered without a ts')
    return answer.ts
  },
  update: async ({ channel, ts, payload, metadata }) => {
    // Text alone would keep the old blocks: a plain card sends none on purpose.
    await clients.posting.chat.update({ channel, ts, text: payload.text, blocks: [...payload.blocks], ...(metadata === null ? {} : { metadata }), link_names: false, parse: 'none' })
  },
  read: async ({ channel, threadTs, oldest, latest }) => {
    const found: Found[] = []
    let cursor: string | undefined
    for (let page = 0; page < mostPages; page += 1) {
      const paging = { oldest, ...(latest === undefined ? {} : { latest }), limit: 100, inclusive: true, include_all_metadata: true, ...(cursor === undefined ? {} : { cursor }) }
      const answer = threadTs === null
        ? await clients.reading.conversations.history({ channel, ...paging })
        : await clients.reading.conversations.replies({ channel, ts: threadTs, ...paging })
      for (const message of answer.messages ?? []) {
        if (message.ts !== undefined) found.push({ ts: message.ts, botId: message.bot_id, metadata: message.metadata })
      }
      cursor = answer.response_metadata?.next_cursor
      if (cursor === undefined || cursor === '') break
    }
    return found
  },
  remove: async (channel, ts) => void (await clients.posting.chat.delete({ channel, ts })),
  join: async (channel) => void (await clients.posting.conversations.join({ channel })),
  openDirect: async (user) => {
    const answer = await clients.posting.conversations.open({ users: user })
    const id = answer.channel?.id
    if (id === undefined) throw new Error('conversations.open answered without a channel')
    return id
  },
})
