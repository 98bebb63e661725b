import { describe, expect, test } from 'vitest'
import { freshMemory, type Memory } from '../../../src/bot/delivery/memory.ts'
import { createPace, type PacedMethod } from '../../../src/bot/delivery/pace.ts'
import { nextStep, type Situation } from '../../../src/bot/delivery/plan.ts'
import { timings } from '../../../src/bot/delivery/timings.ts'
import { fitting } from '../../../src/bot/delivery/words.ts'
import type { Conversation, OutboxRow } from '../../../src/rack/delivery-store.ts'
import { event, status } from './support/promotion.ts'

const shown = { ts: '1.1', rev: 4, hash: 'h', state: 'sent', at: new Date(0) } as const
const row = (seq: number, fact: OutboxRow['fact'], state: OutboxRow['state'] = 'pending'): OutboxRow => ({ seq, fact, state, attempts: 0, createdAt: new Date(0) })
const line = (seq: number, state?: OutboxRow['state']): OutboxRow => row(seq, { kind: 'line', line: status('Running', 'Pending') }, state)
const quietLine = (seq: number): OutboxRow => row(seq, { kind: 'line', line: event('a') })
const notice = (seq: number, state?: OutboxRow['state']): OutboxRow => row(seq, { kind: 'notice' }, state)
const drift = { kind: 'drift', at: '2026-11-24T14:06:20Z', service: 'web', what: 'changed', manager: 'kubectl-edit' } as const
const announced = (seq: number): OutboxRow => row(seq, { kind: 'announcement', announcement: drift })
const conversation = (change: Partial<Conversation>): Conversation => ({ promotion: 'PAAAAAAAAAA', epoch: 1, channel: 'C1', card: shown, rev: 4, final: false, rows: [], ...change })

const decide = (facts: Partial<Conversation>, more: { memory?: Partial<Memory>; pauses?: readonly (readonly [PacedMethod, number])[]; status?: Situation['status'] } = {}) => {
  const pace = createPace(timings)
  for (const [method, until] of more.pauses ?? []) pace.pause(method, 'C1', until)
  const memory = { ...freshMemory(), shown: 'rolling_out', newestSince: 100_000, ...more.memory } as const
  return nextStep(conversation(facts), memory, { now: 100_000, status: more.status ?? 'rolling_out', liveCards: 1, pace, timings, fitting })
}

describe('nextStep', () => {
  test.each([
    ['a new card is posted before everything else', { card: { ...shown, ts: null, state: 'none' }, rows: [line(1)] }, {}, { do: 'post_card' }],
    ['a card in an unknown state is looked for, not posted', { card: { ...shown, ts: null, state: 'unknown' } }, {}, { do: 'settle_card' }],
    ['a card left in sending by a dead process is looked for', { card: { ...shown, ts: null, state: 'sending' } }, {}, { do: 'settle_card' }],
    ['the second look comes 3 s after the first', { card: { ...shown, ts: null, state: 'unknown' } }, { memory: { looks: 1, lookedAt: 99_000 } }, { do: 'wait', until: 102_000 }],
    ['a card looked for in vain is posted again', { card: { ...shown, ts: null, state: 'unknown' } }, { memory: { resendCard: true } }, { do: 'post_card' }],
    ['a channel that Slack slows down waits', { card: { ...shown, ts: null, state: 'none' } }, { pauses: [['chat.postMessage', 130_000]] }, { do: 'wait', until: 130_000 }],
    ['a dead conversation rests', { card: { ...shown, state: 'dead' } }, {}, { do: 'rest' }],
    ['a dead conversation gives up what is left', { card: { ...shown, state: 'dead' }, rows: [line(1), notice(2)] }, {}, { do: 'give_up_rows', seqs: [1, 2] }],
    ['nothing new rests', {}, {}, { do: 'rest' }],
    ['a card behind is redrawn', { rev: 5 }, {}, { do: 'redraw' }],
    ['progress waits for its pace', { rev: 5 }, { memory: { redrawnAt: 99_000 } }, { do: 'wait', until: 101_000 }],
    ['another status is shown at once', { rev: 5 }, { memory: { redrawnAt: 99_900 }, status: 'rolling_back' }, { do: 'redraw' }],
    ['the card comes before the thread', { rev: 5, rows: [line(1)] }, {}, { do: 'redraw' }],
    ['a card that waits does not hold back the thread', { rev: 5, rows: [line(1)] }, { memory: { redrawnAt: 99_900 } }, { do: 'send_lines', seqs: [1] }],
    ['redraws that fail wait by themselves', { rev: 5, rows: [line(1)] }, { memory: { redrawNotBefore: 120_000 } }, { do: 'send_lines', seqs: [1] }],
    ['a paused chat.update does not hold back the last word', { rev: 5, rows: [notice(9)] }, { pauses: [['chat.update', 160_000]], status: 'rolled_back' }, { do: 'send_notice', seq: 9 }],
    ['unclear rows are settled before anything is said after them', { rows: [line(1, 'unknown'), line(2)] }, {}, { do: 'settle_rows' }],
    ['while they are unclear, the rest waits', { rows: [line(1, 'unknown'), line(2)] }, { memory: { looks: 1, lookedAt: 99_000 } }, { do: 'wait', until: 102_000 }],
    ['rows looked for in vain go again', { rows: [line(1, 'unknown')] }, { memory: { resendRows: new Set([1]) } }, { do: 'send_lines', seqs: [1] }],
    ['lines go before the last word', { rows: [line(1), notice(2)] }, {}, { do: 'send_lines', seqs: [1] }],
    ['an announcement goes when it is its turn', { rows: [announced(2), line(3)] }, {}, { do: 'send_announcement', seq: 2, announcement: drift }],
    ['the last word goes when it stands alone', { rows: [notice(2)] }, {}, { do: 'send_notice', seq: 2 }],
    ['an event waits for quiet', { rows: [quietLine(8)] }, {}, { do: 'wait', until: 101_500 }],
    ['after a failure nothing is tried for a while', { rev: 5, rows: [line(1)] }, { memory: { notBefore: 104_000 } }, { do: 'wait', until: 104_000 }],
  ] as const)('%s', (_name, facts, more, expected) => {
    expect(decide(facts, more)).toMatchObject(expected)
  })
})
