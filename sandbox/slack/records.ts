import { z } from 'zod'
import { block, viewBody } from './blocks/blocks.ts'

/** A member of the workspace. `role` is what the page shows under the name ("requester"). */
export const person = z.object({
  id: z.string().regex(/^[UW][A-Z0-9]+$/),
  name: z.string(),
  realName: z.string().optional(),
  role: z.string().optional(),
  admin: z.boolean().optional(),
  owner: z.boolean().optional(),
  bot: z.boolean().optional(),
  guest: z.enum(['single_channel', 'multi_channel']).optional(),
  deactivated: z.boolean().optional(),
  /** Somebody of another company, met through a shared channel. */
  stranger: z.boolean().optional(),
  /** A workspace other than ours that the person belongs to. */
  teamId: z.string().optional(),
})

/** How a channel refuses posts, in the word that Slack answers: docs.slack.dev reference/methods/chat.postMessage. */
export const restrictions = [
  'restricted_action',
  'restricted_action_read_only_channel',
  'restricted_action_thread_only_channel',
  'restricted_action_non_threadable_channel',
  'posting_to_channel_denied',
] as const
export type Restriction = (typeof restrictions)[number]

/** A conversation. A direct message with the bot has `im` = the person's id, and is open once either side opened it. */
export const channel = z.object({
  id: z.string().regex(/^[CGD][A-Z0-9]+$/),
  name: z.string(),
  members: z.array(z.string()),
  private: z.boolean().optional(),
  archived: z.boolean().optional(),
  im: z.string().optional(),
  topic: z.string().optional(),
  /** Shared with another company (Slack Connect). */
  shared: z.boolean().optional(),
  /** The other company was invited and has not come yet. */
  pendingShared: z.boolean().optional(),
  /** Only workspace admins may post. */
  readOnly: z.boolean().optional(),
  /** What the app may not post here. `thread_only` still takes replies, `non_threadable` only what is no reply. */
  restriction: z.enum(restrictions).optional(),
})

/** A user group (`@oncall`). A disabled one is listed to nobody. */
export const userGroup = z.object({
  id: z.string().regex(/^S[A-Z0-9]+$/),
  handle: z.string(),
  name: z.string().optional(),
  users: z.array(z.string()),
  disabled: z.boolean().optional(),
})

export const metadata = z.object({ event_type: z.string(), event_payload: z.record(z.string(), z.json()) })

export const message = z.object({
  channel: z.string(),
  ts: z.string(),
  user: z.string(),
  text: z.string(),
  blocks: z.array(block).optional(),
  thread: z.string().optional(),
  broadcast: z.boolean().optional(),
  /** Nobody may answer in its thread any more. */
  threadLocked: z.boolean().optional(),
  edited: z.object({ user: z.string(), ts: z.string() }).optional(),
  metadata: metadata.optional(),
  files: z.array(z.string()).optional(),
  reactions: z.array(z.object({ name: z.string(), users: z.array(z.string()) })).optional(),
  subtype: z.enum(['channel_join', 'tombstone']).optional(),
})

/** Seen by `to` only. Its `from` is the bot, or USLACKBOT for Slack's own words. */
export const ephemeral = z.object({
  channel: z.string(),
  ts: z.string(),
  to: z.string(),
  from: z.string(),
  text: z.string(),
  blocks: z.array(block).optional(),
  thread: z.string().optional(),
})

/** A view that is open (a modal's stack, root first) or published (home). `stack` is empty for a home. */
export const view = z.object({
  id: z.string(),
  user: z.string(),
  body: viewBody,
  hash: z.string(),
  root: z.string(),
  previous: z.string().optional(),
  channel: z.string().optional(),
})

export const file = z.object({
  id: z.string(),
  name: z.string(),
  title: z.string(),
  mimetype: z.string(),
  size: z.number(),
  user: z.string(),
  created: z.number(),
  /** Base64. Absent until the bytes were uploaded. */
  content: z.string().optional(),
  /** Where it was shared; empty until the upload is completed. */
  channels: z.array(z.string()),
  completed: z.boolean(),
})

export type Person = z.infer<typeof person>
export type Channel = z.infer<typeof channel>
export type UserGroup = z.infer<typeof userGroup>
export type Message = z.infer<typeof message>
export type Ephemeral = z.infer<typeof ephemeral>
export type View = z.infer<typeof view>
export type SharedFile = z.infer<typeof file>
export type Metadata = z.infer<typeof metadata>
