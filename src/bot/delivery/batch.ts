import type { OutboxRow } from '../../rack/delivery-store.ts'
import type { ThreadLine } from '../../rack/thread-line.ts'
import { mostCharacters, mostLines } from './timings.ts'

/** The rows of the next thread message, or when to look again. */
export type Batch = { readonly send: readonly number[]; readonly lines: readonly ThreadLine[] } | { readonly until: number } | 'nothing'

/**
 * Which lines go into the next message (reference/cards.md 3): in order, at most 20 and 2,500 characters; at once when full, when a
 * status line is among them, or when the last word of the thread waits behind them; else after `quiet` ms without a new one.
 * `newestSince` is when this process first saw the newest row, so that the clocks of two machines are never compared.
 */
export const nextBatch = (
  rows: readonly OutboxRow[], length: (lines: readonly ThreadLine[]) => number, newestSince: number, now: number, quiet: number,
): Batch => {
  const send: number[] = []
  let lines: readonly ThreadLine[] = []
  let due = false
  for (const row of rows) {
    if (row.fact.kind === 'notice') {
      due = true
      break
    }
    const longer = [...lines, row.fact.line]
    if (longer.length > mostLines || (lines.length > 0 && length(longer) > mostCharacters)) {
      due = true
      break
    }
    lines = longer
    send.push(row.seq)
    due ||= row.fact.line.kind === 'status'
  }
  if (send.length === 0) return 'nothing'
  if (due || lines.length === mostLines || now - newestSince >= quiet) return { send, lines }
  return { until: newestSince + quiet }
}
