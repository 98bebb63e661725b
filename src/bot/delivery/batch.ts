import type { OutboxRow } from '../../rack/delivery-store.ts'
import type { ThreadLine } from '../../rack/thread-line.ts'

/** The row that opens a promotion's thread: rows count from 1. */
export const firstSeq = 1

/** A message of so many lines is sent at once (reference/cards.md 3). */
const fullLines = 20

/** The rows of the next thread message, or when to look again. */
export type Batch = { readonly send: readonly number[]; readonly lines: readonly ThreadLine[] } | { readonly until: number } | 'nothing'

/**
 * Which lines go into the next message: in order, as many as fit; at once when they open the thread (its first line says how things
 * stand now), when the message is full, when a status line is among them, or when the last word of the thread waits behind them; else
 * after `quiet` ms without a new one. `newestSince` is when this process first saw the newest row, so that the clocks of two machines
 * are never compared.
 */
export const nextBatch = (
  rows: readonly OutboxRow[], fitting: (lines: readonly ThreadLine[]) => number, newestSince: number, now: number, quiet: number,
): Batch => {
  const pending: { readonly seq: number; readonly line: ThreadLine }[] = []
  for (const { seq, fact } of rows) {
    if (fact.kind !== 'line') break
    pending.push({ seq, line: fact.line })
  }
  if (pending.length === 0) return 'nothing'
  const message = pending.slice(0, fitting(pending.map((row) => row.line)))
  const due = message[0]?.seq === firstSeq || message.length < rows.length || message.length >= fullLines || message.some((row) => row.line.kind === 'status')
  if (!due && now - newestSince < quiet) return { until: newestSince + quiet }
  return { send: message.map((row) => row.seq), lines: message.map((row) => row.line) }
}
