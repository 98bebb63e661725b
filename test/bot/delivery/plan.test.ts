import { describe, expect, test } from 'vitest'
import { freshMemory, remember, type Memory, type Tried } from '../../../src/bot/delivery/memory.ts'
import { laneName } from '../../../src/bot/delivery/budget.ts'
import { nextStep, redrawRank, type Situation } from '../../../src/bot/delivery/plan.ts'
import { timings } from '../../../src/bot/delivery/timings.ts'
import { fitting } from '../../../src/bot/delivery/words.ts'
import type { Conversation, OutboxRow } from '../../../src/rack/delivery-store.ts'
import { event, status } from './support/promotion.ts'

const shown = { ts: '1.1', rev: 4, status: 'rolling_out', hash: 'h', state: 'sent', at: new Date(0) } as const
const row = (seq: number, fact: OutboxRow['fact'], state: OutboxRow['state'] = 'pending'): OutboxRow => ({ seq, fact, state, attempts: 0, createdAt: new Date(0), tried: null })
const line = (seq: number, state?: OutboxRow['state']): OutboxRow => row(seq, { kind: 'line', line: status('Running', 'Pending') }, state)
const quietLine = (seq: number): OutboxRow => row(seq, { kind: 'line', line: event('a') })
const tried = (one: OutboxRow, threadTs: string): OutboxRow => ({ ...one, tried: { channel: 'C1', threadTs } })
const lookedOnce = { count: 1, at: new Date(99_000) }
const notice = (seq: number, state?: OutboxRow['state']): OutboxRow => row(seq, { kind: 'notice' }, state)
const drift = { kind: 'drift', at: '2026-11-24T14:06:20Z', service: 'web', what: 'changed', manager: 'kubectl-edit' } as const
const announced = (seq: number): OutboxRow => row(seq, { kind: 'announcement', announcement: drift })
const conversation = (change: Partial<Conversation>): Conversation => ({ promotion: 'PAAAAAAAAAA', epoch: 1, channel: 'C1', card: shown, rev: 4, final: false, rows: [], rowsAt: null, buttons: null, tellings: [], leftTs: null, looks: { count: 0, at: null }, ...change })

const leaving = { to: 'C9', why: 'restricted_action', messages: [{ what: 'card', ts: '1.1' }, { what: 'last_word', ts: '1.9' }], until: 102_000 } as const

const telling = { what: 'moved', channel: 'C9', why: 'is_archived', to: 'C1' } as const

const decide = (facts: Partial<Conversation>, more: { memory?: Partial<Memory>; closed?: Readonly<Record<string, number>>; status?: Situation['status']; same?: boolean } = {}) => {
  const pace = { readyAt: (lane: Parameters<typeof laneName>[0]) => more.closed?.[laneName(lane)] ?? 0, contended: () => false }
  const memory = { ...freshMemory(), newestSince: 100_000, ...more.memory } as const
  return nextStep(conversation(facts), memory, {
    now: 100_000, status: more.status ?? 'rolling_out', requester: 'U1ANA', looksSame: () => more.same ?? false, pace, timings, absence: null, fitting,
  })
}
/** Something failed, and is not tried again before 104_000. */
const failed = (what: Tried): Partial<Memory> => ({ retries: { ...freshMemory().retries, [what]: { failures: 1, notBefore: 104_000 } } })
const use = (lane: object, rank: string) => ({ use: { lane, wish: { rank } } })

describe('nextStep', () => {
  test.each([
    ['a new card is posted before everything else', { card: { ...shown, ts: null, state: 'none' }, rows: [line(1)] }, {}, { do: 'post_card' }],
    ['a card in an unknown state is looked for, not posted', { card: { ...shown, ts: null, state: 'unknown' } }, {}, { do: 'settle_card' }],
    ['a card left in sending by a dead process is looked for', { card: { ...shown, ts: null, state: 'sending' } }, {}, { do: 'settle_card' }],
    ['the second look comes 3 s after the first', { card: { ...shown, ts: null, state: 'unknown' }, looks: lookedOnce }, {}, { do: 'wait', until: 102_000 }],
    ['a look that lies ahead is another clock\'s, and counts for nothing', { card: { ...shown, ts: null, state: 'unknown' }, looks: { count: 1, at: new Date(190_000) } }, {}, { do: 'settle_card' }],
    ['a channel that Slack slows down waits', { card: { ...shown, ts: null, state: 'none' } }, { closed: { 'chat.postMessage C1': 130_000 } }, { do: 'wait', until: 130_000 }],
    ['a dead conversation rests', { card: { ...shown, state: 'dead' } }, {}, { do: 'rest' }],
    ['a dead conversation gives up what is left', { card: { ...shown, state: 'dead' }, rows: [line(1), notice(2)] }, {}, { do: 'give_up_rows', seqs: [1, 2] }],
    ['nothing new rests', {}, {}, { do: 'rest' }],
    ['a card behind is redrawn', { rev: 5 }, {}, { do: 'redraw' }],
    ['progress waits for its pace', { rev: 5 }, { memory: { redrawnAt: 99_000 } }, { do: 'wait', until: 101_000 }],
    ['another status is shown at once', { rev: 5 }, { memory: { redrawnAt: 99_900 }, status: 'rolling_back' }, { do: 'redraw' }],
    ['the card comes before the thread', { rev: 5, rows: [line(1)] }, {}, { do: 'redraw' }],
    ['a card that waits does not hold back the thread', { rev: 5, rows: [line(1)] }, { memory: { redrawnAt: 99_900 } }, { do: 'send_lines', seqs: [1] }],
    ['redraws that fail wait by themselves', { rev: 5, rows: [line(1)] }, { memory: failed('redraw') }, { do: 'send_lines', seqs: [1] }],
    ['looks that fail wait by themselves: the card goes on', { rev: 5, rows: [line(1, 'unknown'), line(2)] }, { memory: failed('look') }, { do: 'redraw' }],
    ['and nothing is said after what is unclear', { rows: [line(1, 'unknown'), line(2)] }, { memory: failed('look') }, { do: 'wait', until: 104_000 }],
    ['nor is a card posted that may be there', { card: { ...shown, ts: null, state: 'unknown' } }, { memory: failed('look') }, { do: 'wait', until: 104_000 }],
    ['direct messages that fail wait by themselves: the card goes on', { rev: 5, tellings: [telling] }, { memory: failed('tell') }, { do: 'redraw' }],
    ['and so does the thread', { rows: [line(1)], tellings: [telling] }, { memory: failed('tell') }, { do: 'send_lines', seqs: [1] }],
    ['then they are tried again', { tellings: [telling] }, { memory: failed('tell') }, { do: 'wait', until: 104_000 }],
    ['a paused chat.update does not hold back the last word', { rev: 5, rows: [notice(9)] }, { closed: { 'chat.update': 160_000 }, status: 'rolled_back' }, { do: 'send_notice', seq: 9 }],
    ['unclear rows are settled before anything is said after them', { rows: [line(1, 'unknown'), line(2)] }, {}, { do: 'settle_rows' }],
    ['while they are unclear, the rest waits', { rows: [line(1, 'unknown'), line(2)], looks: lookedOnce }, {}, { do: 'wait', until: 102_000 }],
    ['rows tried in two threads are looked for in one after the other', { rows: [tried(line(1, 'unknown'), '1.1'), tried(line(2, 'unknown'), '2.2'), tried(line(3, 'unknown'), '1.1')] }, {}, { do: 'settle_rows', rows: [{ seq: 1 }, { seq: 3 }] }],
    ['lines go before the last word', { rows: [line(1), notice(2)] }, {}, { do: 'send_lines', seqs: [1] }],
    ['an announcement goes when it is its turn', { rows: [announced(2), line(3)] }, {}, { do: 'send_announcement', seq: 2, announcement: drift }],
    ['the last word goes when it stands alone', { rows: [notice(2)] }, {}, { do: 'send_notice', seq: 2 }],
    ['an event waits for quiet', { rows: [quietLine(8)] }, {}, { do: 'wait', until: 101_500 }],
    ['a card that looks the same is not drawn again', { rev: 5 }, { same: true }, { do: 'note_rev' }],
    ['rows that have to wait are waited for', { rowsAt: new Date(140_000) }, {}, { do: 'wait', until: 140_000 }],
    ['a person is told of what could not be said', { tellings: [telling], rows: [quietLine(8)] }, {}, { do: 'tell' }],
    ['also when nothing can be said any more', { card: { ...shown, state: 'dead' }, tellings: [telling], rows: [line(1)] }, {}, { do: 'tell' }],
    ['what is under way is looked for after a while', { tellings: [{ ...telling, sending: { direct: 'D1', at: '1970-01-01T00:01:30Z', looks: 1, lookedAt: '1970-01-01T00:01:39Z' } }] }, {}, { do: 'wait', until: 102_000 }],
    ['buttons go when nothing else is due', { buttons: { ts: '1.9', due: true }, rows: [notice(9)] }, { status: 'rolled_back' }, { do: 'send_notice' }],
    ['buttons go also where nothing is said any more', { card: { ...shown, state: 'dead' }, buttons: { ts: '1.9', due: true } }, { status: 'rolled_back' }, { do: 'take_buttons' }],
    ['buttons go', { buttons: { ts: '1.9', due: true } }, { status: 'rolled_back' }, { do: 'take_buttons' }],
    ['what stays behind is left before anything else', { rev: 5, rows: [line(1)] }, { memory: { leaving } }, { do: 'leave', left: { what: 'card', ts: '1.1' } }],
    ['it waits for its turn', { rows: [line(1)] }, { memory: { leaving }, closed: { 'chat.update': 101_000 } }, { do: 'wait', until: 101_000 }],
    ['and holds nothing back for longer than it may', { rows: [line(1)] }, { memory: { leaving }, closed: { 'chat.update': 130_000 } }, { do: 'wait', until: 102_000 }],
    ['then it is left as it is', { rows: [line(1)] }, { memory: { leaving: { ...leaving, until: 100_000 } } }, { do: 'depart' }],
    ['once nothing is left behind, the conversation goes on elsewhere', { rows: [line(1)] }, { memory: { leaving: { ...leaving, messages: [] } } }, { do: 'depart' }],
    ['after any other failure nothing is tried for a while', { rev: 5, rows: [line(1)] }, { memory: failed('any') }, { do: 'wait', until: 104_000 }],
  ] as const)('%s', (_name, facts, more, expected) => {
    expect(decide(facts, more).step).toMatchObject(expected)
  })

  test.each([
    ['a card is a decision of its channel', { card: { ...shown, ts: null, state: 'none' } }, 'rolling_out', use({ kind: 'post', channel: 'C1' }, 'decision')],
    ['a look reads', { card: { ...shown, ts: null, state: 'unknown' } }, 'rolling_out', use({ kind: 'read' }, 'decision')],
    ['a redraw uses the workspace', { rev: 5 }, 'rolling_out', use({ kind: 'update' }, 'progress')],
    ['lines are lines', { rows: [line(1)] }, 'rolling_out', use({ kind: 'post', channel: 'C1' }, 'line')],
    ['lines in front of the last word of a failure are as urgent as it is', { rows: [line(1), notice(2)] }, 'rolled_back', use({ kind: 'post', channel: 'C1' }, 'end')],
    ['a direct message is another channel', { tellings: [telling] }, 'rolling_out', use({ kind: 'post', channel: 'U1ANA' }, 'decision')],
    ['buttons can wait', { buttons: { ts: '1.9', due: true } }, 'rolled_back', use({ kind: 'update' }, 'tidy')],
  ] as const)('%s', (_name, facts, status_, expected) => {
    expect(decide(facts, { status: status_ })).toMatchObject(expected)
  })
})

test.each([['awaiting_approval', 'decision'], ['rolled_back', 'end'], ['succeeded', 'success']] as const)('while it is %s, what stays behind is as urgent as a %s', (status_, rank) => {
  expect(decide({}, { memory: { leaving }, status: status_ })).toMatchObject({ step: { do: 'leave' }, ...use({ kind: 'update' }, rank) })
})

test.each([
  ['another process drew it later', 40_000, 90_000, 90_000], ['nobody here drew it', null, 90_000, 90_000], ['what this process drew is not read back yet', 95_000, 90_000, 95_000],
] as const)('a card waits since it was drawn, by whichever process: %s', (_name, redrawnAt, at, since) => {
  expect(decide({ rev: 5, card: { ...shown, at: new Date(at) } }, { memory: { redrawnAt } })).toMatchObject({ use: { wish: { since } } })
})

test('a redraw and buttons that go do not take each other\'s place in the lane', () => {
  const asked: string[] = []
  const pace = { readyAt: (_lane: object, { who }: { who: string }) => {
    asked.push(who)
    return 200_000
  }, contended: () => false }
  nextStep(conversation({ rev: 5, card: { ...shown, status: 'rolled_back' }, buttons: { ts: '1.9', due: true } }), freshMemory(), {
    now: 100_000, status: 'rolled_back', requester: 'U1ANA', looksSame: () => false, pace, timings, absence: null, fitting,
  })
  expect(new Set(asked).size).toBe(asked.length)
})

test.each([
  ['rolling_out', 'rolling_out', 'progress'], ['rolling_out', 'queued', 'decision'], ['rolling_out', null, 'decision'], ['awaiting_approval', 'awaiting_approval', 'decision'],
  ['rolling_back', 'rolling_out', 'verdict'], ['rolling_back', 'rolling_back', 'progress'], ['rolled_back', 'rolling_back', 'end'], ['rolled_back', null, 'end'],
  ['rollback_failed', 'rollback_failed', 'progress'], ['succeeded', 'rolling_out', 'success'], ['rejected', 'awaiting_approval', 'end'],
] as const)('a card that should show %s and shows %s is redrawn as %s', (status_, before, rank) => {
  expect(redrawRank(status_, before)).toBe(rank)
})

describe('a conversation that is about to leave its place', () => {
  const about = (): Memory => ({ ...freshMemory(), epoch: 4, leaving })

  test('goes on doing so while nobody else held it', () => {
    const memory = about()
    remember(memory, conversation({ epoch: 5 }), 0)
    expect(decide({}, { memory }).step).toMatchObject({ do: 'leave' })
  })

  test('is looked at anew when somebody else held it in between', () => {
    const memory = about()
    remember(memory, conversation({ epoch: 6 }), 0)
    expect(memory).toMatchObject({ epoch: 6, leaving: null })
  })
})
