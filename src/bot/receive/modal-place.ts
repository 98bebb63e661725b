import { z } from 'zod'

/*
 * A modal knows nothing of the channel it was opened in, so its place travels in private_metadata, around the view's own. Slack
 * allows 3,000 characters there (reference/slack.md 3.1).
 */
const wrapped = z.object({ c: z.string(), m: z.string() })

/** The view's metadata with the channel around it. */
export const wrapMetadata = (metadata: string, channel: string): string => JSON.stringify({ c: channel, m: metadata })

/** Undoes `wrapMetadata`; metadata of another make is passed through without a channel. */
export const unwrapMetadata = (text: string): { readonly channel: string | null; readonly metadata: string } => {
  if (!text.startsWith('{"c":')) return { channel: null, metadata: text }
  const parsed = wrapped.safeParse(JSON.parse(text))
  return parsed.success ? { channel: parsed.data.c, metadata: parsed.data.m } : { channel: null, metadata: text }
}
