import type { Absence, OutboxRow } from '../../rack/delivery-store.ts'
import type { ThreadLine } from '../../rack/thread-line.ts'
import type { SaidLine } from '../messages/thread.ts'
import { omit, summarise, type Told } from './shorten.ts'

/** The row that opens a promotion's thread: rows count from 1. */
export const firstSeq = 1

/** A message of so many lines is sent at once (reference/cards.md 3). */
const fullLines = 20
/** Messages that a thread may have waiting before detail is left out, when nobody else waits for its channel. */
const mostMessages = 3

/** The rows of the next thread message, or when to look again. */
export type Batch = { readonly send: readonly number[]; readonly lines: readonly SaidLine[] } | { readonly until: number } | 'nothing'

/** What a batch depends on beside its rows. */
export interface BatchSituation {
  /** How many of these lines fit into one message. */
  readonly fitting: (lines: readonly SaidLine[]) => number
  /** When this process first saw the newest row, so that the clocks of two machines are never compared. */
  readonly newestSince: number
  readonly now: number
  /** Milliseconds without a new line after which what there is goes. */
  readonly quiet: number
  /** Others wait for the same channel: what is too much for one message is left out. */
  readonly contended: boolean
  readonly absence: Absence | null
}

const messagesOf = (lines: readonly SaidLine[], fitting: BatchSituation['fitting'], most: number): number => {
  let rest = lines
  for (let count = 0; count < most; count += 1) {
    if (rest.length === 0) return count
    rest = rest.slice(fitting(rest))
  }
  return rest.length === 0 ? most : most + 1
}

const shortened = (pending: readonly { readonly seq: number; readonly line: ThreadLine }[], situation: BatchSituation): readonly Told[] => {
  const told = summarise(pending, situation.absence)
  const most = situation.contended ? 1 : mostMessages
  const fits = (lines: readonly SaidLine[]): boolean => messagesOf(lines, situation.fitting, most) <= most
  return omit(told, fits)
}

/**
 * Which lines go into the next message: in order, as many as fit; at once when they open the thread (its first line says how things
 * stand now), when the message is full, when a status line is among them, or when the last word of the thread waits behind them; else
 * after `quiet` ms without a new one. Under pressure and after an absence detail is left out, and a line says how much.
 */
export const nextBatch = (rows: readonly OutboxRow[], situation: BatchSituation): Batch => {
  const pending: { readonly seq: number; readonly line: ThreadLine }[] = []
  for (const { seq, fact } of rows) {
    if (fact.kind !== 'line') break
    pending.push({ seq, line: fact.line })
  }
  if (pending.length === 0) return 'nothing'
  const told = shortened(pending, situation)
  const message = told.slice(0, situation.fitting(told.map(({ line }) => line)))
  const seqs = message.flatMap((one) => one.seqs).toSorted((a, b) => a - b)
  const due = seqs[0] === firstSeq || seqs.length < rows.length || message.length >= fullLines || message.some((one) => one.line.kind === 'status')
  if (!due && situation.now - situation.newestSince < situation.quiet) return { until: situation.newestSince + situation.quiet }
  return { send: seqs, lines: message.map((one) => one.line) }
}
