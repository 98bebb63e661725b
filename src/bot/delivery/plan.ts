import type { PromotionStatus } from '../../db/words.ts'
import type { Announcement } from '../../rack/announcement.ts'
import type { Absence, Conversation, Looks, OutboxRow } from '../../rack/delivery-store.ts'
import { isFinal } from '../../rack/promotion.ts'
import type { SaidLine } from '../messages/thread.ts'
import { nextBatch } from './batch.ts'
import type { Lane, Rank } from './budget.ts'
import { lookAgainAt, looksForTelling } from './lost-answer.ts'
import type { Left, Memory, Retry, Tried } from './memory.ts'
import type { Pace, Wish } from './pace.ts'
import type { Timings } from './timings.ts'

/** What to do next for one conversation. `rest`: nothing until the database has news. */
export type Step =
  | { readonly do: 'settle_card' }
  | { readonly do: 'post_card' }
  | { readonly do: 'settle_rows'; readonly rows: readonly OutboxRow[] }
  | { readonly do: 'redraw' }
  /** The promotion changed, the card looks the same. */
  | { readonly do: 'note_rev' }
  | { readonly do: 'send_lines'; readonly seqs: readonly number[]; readonly lines: readonly SaidLine[] }
  | { readonly do: 'send_notice'; readonly seq: number }
  | { readonly do: 'send_announcement'; readonly seq: number; readonly announcement: Announcement }
  | { readonly do: 'give_up_rows'; readonly seqs: readonly number[] }
  | { readonly do: 'tell' }
  | { readonly do: 'take_buttons' }
  | { readonly do: 'leave'; readonly left: Left }
  | { readonly do: 'depart' }
  | { readonly do: 'wait'; readonly until: number }
  | { readonly do: 'rest' }

/** The outbox rows that a step says. */
export const rowsOf = (step: Step): readonly number[] => (step.do === 'send_lines' ? step.seqs : step.do === 'send_notice' || step.do === 'send_announcement' ? [step.seq] : [])

/** What waits by itself when such a step fails. */
export const triedBy = (step: Step): Tried => {
  switch (step.do) {
    case 'redraw':
    case 'note_rev':
    case 'take_buttons': return 'redraw'
    case 'settle_card':
    case 'settle_rows': return 'look'
    case 'tell': return 'tell'
    default: return 'any'
  }
}

/** A step with what it uses of Slack's budgets; null: nothing. */
export interface Planned { readonly step: Step; readonly use: { readonly lane: Lane; readonly wish: Wish } | null }

/** What the decision needs beside the conversation. */
export interface Situation {
  readonly now: number
  /** The promotion's status now, and who asked. */
  readonly status: PromotionStatus
  readonly requester: string
  /** Whether the card that would be drawn now looks like the one that is shown. */
  readonly looksSame: () => boolean
  readonly pace: Pick<Pace, 'readyAt' | 'contended'>
  readonly timings: Timings
  readonly absence: Absence | null
  /** How many of these lines fit into one message. */
  readonly fitting: (lines: readonly SaidLine[]) => number
}

/** Unclear rows that were tried in the same place as the first of them: each place is looked at by itself. */
const unclearTogether = (rows: readonly OutboxRow[]): readonly OutboxRow[] => {
  const unclear = rows.filter(({ state }) => state === 'unknown')
  const [first] = unclear
  return unclear.filter(({ tried }) => tried?.channel === first?.tried?.channel && tried?.threadTs === first?.tried?.threadTs)
}

const endRank = (status: PromotionStatus): Rank => (status === 'succeeded' ? 'success' : 'end')

/** How urgent it is that the card shows `status` when it shows `shown` now (null: not known). */
export const redrawRank = (status: PromotionStatus, shown: PromotionStatus | null): Rank => {
  if (status === 'awaiting_approval' || status === 'queued') return 'decision'
  if (status === shown) return 'progress'
  if (isFinal(status)) return endRank(status)
  return status === 'rolling_back' ? 'verdict' : 'decision'
}

/** Lines in front of the last word are as urgent as it is. */
const threadRank = (rows: readonly OutboxRow[], status: PromotionStatus): Rank => {
  if (rows.some(({ fact }) => fact.kind === 'notice')) return endRank(status)
  return rows[0]?.fact.kind === 'announcement' ? 'decision' : 'line'
}

interface Option { readonly planned: Planned; readonly at: number }

const update: Lane = { kind: 'update' }
const read: Lane = { kind: 'read' }

/**
 * The next step: a place that takes nothing more is left; else first what is unclear is settled, then the card is there, then it shows the truth, then the thread follows in
 * order, and the last word comes last. A card that may not be redrawn now never holds back the thread or the last word.
 */
export const nextStep = (conversation: Conversation, memory: Memory, situation: Situation): Planned => {
  const { now, pace, timings, status } = situation
  const { card, channel, promotion } = conversation
  const { redraw, look, tell: telling, any } = memory.retries
  const free = (step: Step): Planned => ({ step, use: null })
  const using = (step: Step, lane: Lane, rank: Rank, after = 0, since = 0): Option => {
    // Two wishes of one conversation for one lane must not take each other's place.
    const wish = { who: `${promotion} ${rank === 'tidy' ? 'tidy' : lane.kind}`, rank, since }
    return { planned: { step, use: { lane, wish } }, at: Math.max(after, pace.readyAt(lane, wish)) }
  }
  const wait = (until: number): Planned => free({ do: 'wait', until })
  const nowOrLater = ({ planned, at }: Option): Planned => (now < at ? wait(at) : planned)

  const lookAt = (looks: Looks, { notBefore }: Retry): number => Math.max(notBefore, lookAgainAt(looks, timings.look, now))
  const tell = conversation.tellings.length === 0 ? [] : [using({ do: 'tell' }, { kind: 'post', channel: situation.requester }, 'decision', lookAt(looksForTelling(conversation.tellings), telling))]
  if (now < any.notBefore) return wait(any.notBefore)
  if (memory.leaving !== null) {
    const { messages: [left], until } = memory.leaving
    if (left === undefined || now >= until) return free({ do: 'depart' })
    const { planned, at } = using({ do: 'leave', left }, update, isFinal(status) ? endRank(status) : 'decision')
    return now < at ? wait(Math.min(at, until)) : planned
  }
  // Without a card there is no thread either: what is left is given up, else it would be looked at for ever.
  if (card.state === 'dead') {
    const [told] = tell
    if (told !== undefined) return nowOrLater(told)
    if (conversation.buttons?.due === true) return nowOrLater(using({ do: 'take_buttons' }, update, 'tidy', redraw.notBefore))
    return free(conversation.rows.length === 0 ? { do: 'rest' } : { do: 'give_up_rows', seqs: conversation.rows.map((row) => row.seq) })
  }
  const post: Lane = { kind: 'post', channel }
  if (card.state === 'sending' || card.state === 'unknown') return nowOrLater(using({ do: 'settle_card' }, read, 'decision', lookAt(conversation.looks, look)))
  if (card.ts === null || card.state !== 'sent') return nowOrLater(using({ do: 'post_card' }, post, isFinal(status) ? endRank(status) : 'decision'))

  const options: Option[] = []
  if (conversation.rev !== card.rev) {
    if (situation.looksSame()) return free({ do: 'note_rev' })
    const rank = redrawRank(status, card.status)
    const gap = rank === 'progress' && memory.redrawnAt !== null ? memory.redrawnAt + timings.redraw : 0
    // Another process may have drawn it last.
    const since = Math.max(memory.redrawnAt ?? 0, card.at?.getTime() ?? 0)
    options.push(using({ do: 'redraw' }, update, rank, Math.max(gap, redraw.notBefore), since))
  }
  const unclear = unclearTogether(conversation.rows)
  const [first] = conversation.rows
  if (unclear.length > 0) options.push(using({ do: 'settle_rows', rows: unclear }, read, 'decision', lookAt(conversation.looks, look)))
  else if (first !== undefined && first.fact.kind !== 'line') {
    const step: Step = first.fact.kind === 'notice' ? { do: 'send_notice', seq: first.seq } : { do: 'send_announcement', seq: first.seq, announcement: first.fact.announcement }
    options.push(using(step, post, threadRank(conversation.rows, status)))
  } else {
    const batch = nextBatch(conversation.rows, {
      fitting: situation.fitting, newestSince: memory.newestSince, now, quiet: timings.quiet, contended: pace.contended(post, `${promotion} post`), absence: situation.absence,
    })
    if (batch !== 'nothing') {
      const rank = threadRank(conversation.rows, status)
      options.push('until' in batch
        ? { planned: wait(batch.until), at: Math.max(batch.until, now + 1) }
        : using({ do: 'send_lines', seqs: batch.send, lines: batch.lines }, post, rank, 0, conversation.rows[0]?.createdAt.getTime() ?? 0))
    }
  }
  if (conversation.rowsAt !== null) options.push({ planned: wait(conversation.rowsAt.getTime()), at: Math.max(conversation.rowsAt.getTime(), now + 1) })
  options.push(...tell)
  if (conversation.buttons?.due === true) options.push(using({ do: 'take_buttons' }, update, 'tidy', redraw.notBefore))
  const ready = options.find(({ at }) => now >= at)
  if (ready !== undefined) return ready.planned
  return options.length === 0 ? free({ do: 'rest' }) : wait(Math.min(...options.map(({ at }) => at)))
}
