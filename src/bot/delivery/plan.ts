import type { PromotionStatus } from '../../db/words.ts'
import type { Announcement } from '../../rack/announcement.ts'
import type { Conversation, OutboxRow } from '../../rack/delivery-store.ts'
import type { ThreadLine } from '../../rack/thread-line.ts'
import { nextBatch } from './batch.ts'
import type { Memory } from './memory.ts'
import { redrawAt, type Pace } from './pace.ts'
import type { Timings } from './timings.ts'

/** What to do next for one conversation. `rest`: nothing until the database has news. */
export type Step =
  | { readonly do: 'settle_card' }
  | { readonly do: 'post_card' }
  | { readonly do: 'settle_rows'; readonly rows: readonly OutboxRow[] }
  | { readonly do: 'redraw' }
  | { readonly do: 'send_lines'; readonly seqs: readonly number[]; readonly lines: readonly ThreadLine[] }
  | { readonly do: 'send_notice'; readonly seq: number }
  | { readonly do: 'send_announcement'; readonly seq: number; readonly announcement: Announcement }
  | { readonly do: 'give_up_rows'; readonly seqs: readonly number[] }
  | { readonly do: 'wait'; readonly until: number }
  | { readonly do: 'rest' }

/** What the decision needs beside the conversation. */
export interface Situation {
  readonly now: number
  /** The promotion's status now. */
  readonly status: PromotionStatus
  readonly liveCards: number
  readonly pace: Pick<Pace, 'pausedUntil' | 'channelFree'>
  readonly timings: Timings
  /** How many of these lines fit into one message. */
  readonly fitting: (lines: readonly ThreadLine[]) => number
}

/** When to look (again) for a post whose answer was lost. */
const lookAt = (memory: Memory, timings: Timings): number => (memory.looks === 0 ? 0 : memory.lookedAt + timings.look)

/**
 * The next step: first what is unclear is settled, then the card is there, then it shows the truth, then the thread follows in
 * order, and the last word comes last. A card that may not be redrawn now never holds back the thread or the last word.
 */
export const nextStep = (conversation: Conversation, memory: Memory, situation: Situation): Step => {
  const { now, pace, timings } = situation
  const { card, channel } = conversation
  // Without a card there is no thread either: what is left is given up, else it would be looked at for ever.
  if (card.state === 'dead') return conversation.rows.length === 0 ? { do: 'rest' } : { do: 'give_up_rows', seqs: conversation.rows.map((row) => row.seq) }
  if (now < memory.notBefore) return { do: 'wait', until: memory.notBefore }
  const posting = pace.pausedUntil('chat.postMessage', channel)
  const reading = pace.pausedUntil('reading', channel)

  if ((card.state === 'sending' || card.state === 'unknown') && !memory.resendCard) {
    const until = Math.max(lookAt(memory, timings), reading)
    return now < until ? { do: 'wait', until } : { do: 'settle_card' }
  }
  if (card.ts === null || card.state !== 'sent') return now < posting ? { do: 'wait', until: posting } : { do: 'post_card' }

  const unclear = conversation.rows.filter((row) => row.state === 'unknown' && !memory.resendRows.has(row.seq))
  const waits: number[] = []
  if (conversation.rev !== card.rev) {
    const until = Math.max(pace.pausedUntil('chat.update', channel), memory.redrawNotBefore, redrawAt({ shown: memory.shown, status: situation.status, redrawnAt: memory.redrawnAt }, situation.liveCards, timings))
    if (now >= until) return { do: 'redraw' }
    waits.push(until)
  }
  if (unclear.length > 0) {
    const until = Math.max(lookAt(memory, timings), reading)
    if (now >= until) return { do: 'settle_rows', rows: unclear }
    return { do: 'wait', until: Math.min(until, ...waits) }
  }
  const [first] = conversation.rows
  if (first !== undefined && first.fact.kind !== 'line') {
    if (now >= posting) return first.fact.kind === 'notice' ? { do: 'send_notice', seq: first.seq } : { do: 'send_announcement', seq: first.seq, announcement: first.fact.announcement }
    waits.push(posting)
  } else {
    const batch = nextBatch(conversation.rows, situation.fitting, memory.newestSince, now, timings.quiet)
    if (batch !== 'nothing') {
      const until = Math.max(posting, pace.channelFree(channel), 'until' in batch ? batch.until : 0)
      if ('send' in batch && now >= until) return { do: 'send_lines', seqs: batch.send, lines: batch.lines }
      waits.push(until)
    }
  }
  return waits.length === 0 ? { do: 'rest' } : { do: 'wait', until: Math.min(...waits) }
}
