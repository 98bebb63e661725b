import { z } from 'zod'

/*
 * A modal knows nothing of the channel and the message it was opened from, so its place travels in private_metadata, around the view's own. Slack
 * allows 3,000 characters there (reference/slack.md 3.1).
 */
const wrapped = z.object({ c: z.string(), t: z.string().optional(), m: z.string() })

/** Where a modal was opened; `message` is the `ts` of the one whose button opened it. */
interface ModalPlace { readonly channel: string; readonly message?: string | undefined }

/** The view's metadata with its place around it. */
export const wrapMetadata = (metadata: string, { channel, message }: ModalPlace): string => JSON.stringify({ c: channel, t: message, m: metadata })

/** Undoes `wrapMetadata`; metadata of another make is passed through without a place. */
export const unwrapMetadata = (text: string): { readonly place: ModalPlace | null; readonly metadata: string } => {
  if (!text.startsWith('{"c":')) return { place: null, metadata: text }
  const parsed = wrapped.safeParse(JSON.parse(text))
  return parsed.success ? { place: { channel: parsed.data.c, message: parsed.data.t }, metadata: parsed.data.m } : { place: null, metadata: text }
}
