import type { MessageMetadata } from '@slack/types'
import { z } from 'zod'

/** The metadata event that marks every message of ours, so that a post whose answer was lost can be found again. */
export const eventType = 'convox_release'

/** Rows of the outbox, both ends included. */
export interface RowRange { readonly from: number; readonly to: number }

/** Messages that stand for nothing else: the card, one that was left behind, and a direct message of what could not be said. */
const plainKinds = ['card', 'left', 'told'] as const

/** Which of a promotion's messages one is. `ranges` are the outbox rows it carries. */
export type MessageKey = { readonly kind: (typeof plainKinds)[number] } | { readonly kind: 'rows'; readonly ranges: readonly RowRange[] }

/** Ascending row numbers as ranges: what stands for rows that are not neighbours does not claim the ones between. */
export const rangesOf = (seqs: readonly number[]): readonly RowRange[] => {
  const ranges: RowRange[] = []
  for (const seq of seqs.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last !== undefined && seq <= last.to + 1) ranges[ranges.length - 1] = { from: last.from, to: seq }
    else ranges.push({ from: seq, to: seq })
  }
  return ranges
}

const write = (key: MessageKey): string => (key.kind === 'rows' ? `rows:${key.ranges.map(({ from, to }) => `${from}-${to}`).join(',')}` : key.kind)

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
  const plain = plainKinds.find((kind) => kind === key)
  if (plain !== undefined) return { kind: plain }
  const [, list] = /^rows:(\d+-\d+(?:,\d+-\d+)*)$/u.exec(key) ?? []
  if (list === undefined) return undefined
  return { kind: 'rows', ranges: list.split(',').map((range) => ({ from: Number(range.split('-')[0]), to: Number(range.split('-')[1]) })) }
}

/** True when the message carries outbox row `seq`. */
export const carries = (key: MessageKey, seq: number): boolean => key.kind === 'rows' && key.ranges.some(({ from, to }) => from <= seq && seq <= to)
