import type { MessageMetadata } from '@slack/types'
import { z } from 'zod'

/** The metadata event that marks every message of ours, so that a post whose answer was lost can be found again. */
export const eventType = 'convox_release'

/** Which of a promotion's messages one is. `from`..`to` are the outbox rows it carries. */
export type MessageKey = { readonly kind: 'card' } | { readonly kind: 'moved' } | { readonly kind: 'rows'; readonly from: number; readonly to: number }

const write = (key: MessageKey): string => (key.kind === 'rows' ? `rows:${key.from}-${key.to}` : key.kind)

/** Metadata of one message: ids and numbers only, other apps can read it. */
export const metadataOf = (promotion: string, key: MessageKey, rev: number): MessageMetadata => ({
  event_type: eventType,
  event_payload: { k: write(key), p: promotion, r: rev },
})

const shape = z.object({ event_type: z.literal(eventType), event_payload: z.object({ k: z.string(), p: z.string() }) })

/** The key in a message's metadata, undefined when it is not a message of this promotion. */
export const keyIn = (metadata: unknown, promotion: string): MessageKey | undefined => {
  const parsed = shape.safeParse(metadata)
  if (!parsed.success || parsed.data.event_payload.p !== promotion) return undefined
  const key = parsed.data.event_payload.k
  if (key === 'card' || key === 'moved') return { kind: key }
  const [, from, to] = /^rows:(\d+)-(\d+)$/u.exec(key) ?? []
  return from === undefined || to === undefined ? undefined : { kind: 'rows', from: Number(from), to: Number(to) }
}

/** True when the message carries outbox row `seq`. */
export const carries = (key: MessageKey, seq: number): boolean => key.kind === 'rows' && key.from <= seq && seq <= key.to
