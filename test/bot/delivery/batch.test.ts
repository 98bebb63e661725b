import { describe, expect, test } from 'vitest'
import { nextBatch, type BatchSituation } from '../../../src/bot/delivery/batch.ts'
import { fitting } from '../../../src/bot/delivery/words.ts'
import type { OutboxRow } from '../../../src/rack/delivery-store.ts'
import type { ThreadLine } from '../../../src/rack/thread-line.ts'
import { event, status } from './support/promotion.ts'

const when = (now: number, more: Partial<BatchSituation> = {}): BatchSituation => ({ fitting, newestSince: 1_000, now, quiet: 1_500, contended: false, absence: null, ...more })

const rowsOf = (...facts: readonly (ThreadLine | 'notice')[]): OutboxRow[] => facts.map((fact, index) => ({
  seq: index + 11, fact: fact === 'notice' ? { kind: 'notice' } : { kind: 'line', line: fact }, state: 'pending', attempts: 0, createdAt: new Date(0), tried: null,
}))
const events = (count: number, size = 10): ThreadLine[] => Array.from({ length: count }, (_, index) => event(`${index} `.padEnd(size, 'x')))
const seqs = (to: number, from = 1): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index + 10)

describe('nextBatch (reference/cards.md 3)', () => {
  test.each([
    ['nothing to say', rowsOf(), 5_000, 'nothing'],
    ['only the last word', rowsOf('notice'), 5_000, 'nothing'],
    ['an event just seen waits', rowsOf(event('a')), 1_000, { until: 2_500 }],
    ['an event after 1.5 s of quiet', rowsOf(event('a')), 2_500, [11]],
    ['a status line at once', rowsOf(status('Running', 'Pending')), 1_000, [11]],
    ['a status line takes what is before and after it along', rowsOf(event('a'), status('Running', 'Pending'), event('b')), 1_000, [11, 12, 13]],
    ['lines before the last word at once, without it', rowsOf(event('a'), event('b'), 'notice'), 1_000, [11, 12]],
    ['20 lines at once', rowsOf(...events(20)), 1_000, seqs(20)],
    ['the first 20 of more', rowsOf(...events(45)), 1_000, seqs(20)],
    ['at most 2,500 characters', rowsOf(...events(10, 400)), 1_000, seqs(5)],
  ] as const)('%s', (_name, rows, now, expected) => {
    const batch = nextBatch(rows, when(now))
    expect(typeof batch === 'object' && 'send' in batch ? batch.send : batch).toEqual(expected)
  })

  test('what opens the thread goes at once', () => {
    const rows = rowsOf(event('a'), event('b')).map((row) => ({ ...row, seq: row.seq - 10 }))
    expect(nextBatch(rows, when(1_000))).toMatchObject({ send: [1, 2] })
  })

  test('one line longer than a message still goes', () => {
    expect(nextBatch(rowsOf(event('x'.repeat(9_000))), when(9_999))).toMatchObject({ send: [11] })
  })

  test('when others wait for the channel, what is too much for one message is left out, and the message says how much', () => {
    const batch = nextBatch(rowsOf(...events(60), status('Pending', 'Updating'), event('last')), when(1_000, { contended: true }))
    if (typeof batch === 'string' || !('send' in batch)) throw new Error('nothing to send')
    expect(batch.send).toEqual(seqs(62))
    expect(batch.lines).toHaveLength(20)
    expect(batch.lines[0]).toMatchObject({ kind: 'omitted', count: 43 })
    expect(batch.lines.slice(-2)).toMatchObject([{ kind: 'status' }, { text: 'last' }])
  })

  test('alone it may have three messages waiting', () => {
    expect(nextBatch(rowsOf(...events(60)), when(1_000))).toMatchObject({ send: seqs(20) })
    expect(nextBatch(rowsOf(...events(100)), when(1_000))).toMatchObject({ send: seqs(60), lines: [{ kind: 'omitted', count: 41 }, ...Array.from({ length: 19 }, () => ({ kind: 'event' }))] })
  })
})
