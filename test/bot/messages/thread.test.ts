import { describe, expect, it } from 'vitest'
import type { ThreadLine } from '../../../src/rack/thread-line.ts'
import { firstLine, lastLine, threadChunk, threadLine } from '../../../src/bot/messages/thread.ts'
import { bo, ana, byStatus, crash, cy, hostile, iso, names, situations } from './support/views.ts'

const line = (time: string, facts: Parameters<typeof threadLine>[0] extends infer Line ? Line extends ThreadLine ? Omit<Line, 'at'> : never : never): ThreadLine => ({ at: iso(time), ...facts })

describe('thread lines', () => {
  it.each<[ThreadLine, string]>([
    [line('14:05:10', { kind: 'approved', by: bo, have: 1, need: 1 }), '2026-11-24T14:05:10Z system/convox/promotion approved by @bo (1 of 1)'],
    [line('14:05:11', { kind: 'status', from: 'Running', to: 'Pending' }), '2026-11-24T14:05:11Z system/k8s/atom/app Status: Running => Pending'],
    [line('14:05:11', { kind: 'event', object: 'web', text: 'Scaled up replica set web-5d88978c58 from 0 to 2', count: 1 }), '2026-11-24T14:05:11Z system/k8s/web Scaled up replica set web-5d88978c58 from 0 to 2'],
    [line('14:05:12', { kind: 'event', object: 'web-5d88978c58-xd7nk', text: 'Container started', count: 1 }), '2026-11-24T14:05:12Z system/k8s/web-5d88978c58-xd7nk Container started'],
    [line('14:05:14', { kind: 'event', object: 'web-5d88978c58-xd7nk', text: 'Back-off restarting failed container main', count: 2 }), '2026-11-24T14:05:14Z system/k8s/web-5d88978c58-xd7nk Back-off restarting failed container main (x2)'],
    [
      line('14:05:12', { kind: 'event', object: 'web-5d88978c58-xd7nk', text: `Pulling image "shop:1.4.2@sha256:b71aa04c55d1${'0'.repeat(52)}"`, count: 1 }),
      '2026-11-24T14:05:12Z system/k8s/web-5d88978c58-xd7nk Pulling image "shop:1.4.2@sha256:b71aa04c55d1"',
    ],
    [line('14:05:15', { kind: 'cause', cause: crash }), '2026-11-24T14:05:15Z system/convox/promotion web crashed at start (exit 1), process web-5d88978c58-xd7nk'],
    [line('14:02:00', { kind: 'asked', by: ana }), '2026-11-24T14:02:00Z system/convox/promotion asked by @ana'],
    [line('14:02:00', { kind: 'blind' }), '2026-11-24T14:02:00Z system/convox/promotion the cluster does not answer'],
    [line('14:02:31', { kind: 'sighted', seconds: 31 }), '2026-11-24T14:02:31Z system/convox/promotion the cluster answers again after 31 s'],
    [line('14:06:30', { kind: 'cancelled', by: cy }), '2026-11-24T14:06:30Z system/convox/promotion cancelled by @cy'],
  ])('read as cards.md 3 draws them: %#', (fact, text) => {
    expect(threadLine(fact, names)).toBe(text)
  })

  it('keep the form of the seeds (seeds/convox-v3-release.txt)', () => {
    const facts: ThreadLine[] = [
      { at: '2019-01-01T00:00:49Z', kind: 'status', from: 'Running', to: 'Pending' },
      { at: '2019-01-01T00:00:51Z', kind: 'event', object: 'web', text: 'Scaled up replica set web-745f845dc to 1', count: 1 },
      { at: '2019-01-01T00:00:51Z', kind: 'event', object: 'web-745f845dc', text: 'Created pod: web-745f845dc-rzl2q', count: 1 },
      { at: '2019-01-01T00:00:53Z', kind: 'status', from: 'Pending', to: 'Updating' },
    ]
    expect(threadChunk(facts).text).toBe([
      '```',
      '2019-01-01T00:00:49Z system/k8s/atom/app Status: Running =&gt; Pending',
      '2019-01-01T00:00:51Z system/k8s/web Scaled up replica set web-745f845dc to 1',
      '2019-01-01T00:00:51Z system/k8s/web-745f845dc Created pod: web-745f845dc-rzl2q',
      '2019-01-01T00:00:53Z system/k8s/atom/app Status: Pending =&gt; Updating', '```',
    ].join('\n'))
  })

  it('merge repeats into (x7): a growing count is the same event, equal ones add up (cards.md 3)', () => {
    const event = (count: number): ThreadLine => line('14:05:14', { kind: 'event', object: 'web', text: 'Unhealthy', count })
    expect(threadChunk([event(1), event(2), event(7)]).text).toContain('Unhealthy (x7)\n')
    expect(threadChunk([event(1), event(1), event(1)]).text).toContain('Unhealthy (x3)\n')
    expect(threadChunk([event(1), event(2), event(7)]).taken).toBe(3)
  })

  it('fit 20 lines and 2,500 characters into a message and leave the rest (cards.md 3)', () => {
    const many = Array.from({ length: 45 }, (_, index) => line('14:05:14', { kind: 'event', object: `web-${index}`, text: 'Pulling image', count: 1 }))
    expect(threadChunk(many).taken).toBe(20)
    const long = many.map((one) => (one.kind === 'event' ? { ...one, text: '&'.repeat(900) } : one))
    expect(threadChunk(long)).toMatchObject({ taken: 1 })
    expect(threadChunk(long).text.length).toBeLessThanOrEqual(2500)
  })

  it('take as many lines whatever people are called', () => {
    const asked = Array.from({ length: 20 }, () => line('14:05:14', { kind: 'asked', by: ana }))
    const loud = { [ana]: '&'.repeat(40) }
    expect(threadChunk(asked, loud).taken).toBe(threadChunk(asked).taken)
    expect(threadChunk(asked, loud).text.length).toBeLessThanOrEqual(2500)
    expect(threadChunk(asked, loud).text).not.toContain('…')
  })

  it('are cut at 500 and cannot leave their code block', () => {
    const loud = line('14:05:14', { kind: 'event', object: 'web', text: hostile.repeat(30), count: 1 })
    expect(threadLine(loud).length).toBeLessThanOrEqual(500)
    const { text } = threadChunk([loud])
    expect(text.slice(3, -3)).not.toMatch(/`|<!|\u202E|(?!\n)\p{Cc}/u)
  })
})

describe('the first line', () => {
  it.each([
    ['awaiting_approval', byStatus.awaiting_approval, 'Promoting RMKPLXWQVTA... waiting for approval (0 of 1)'],
    ['rolling_out', byStatus.rolling_out, 'Promoting RMKPLXWQVTA...'],
    ['queued', byStatus.queued, 'Promoting RMKPLXWQVTA... queued behind RLCQYWZTKFE'],
    ['rollback', situations.rollback, 'Rolling back to RHBTZQNCEDS... OK, RMKPLXWQVTA'],
  ] as const)('of %s is as in answers.md', (_, view, text) => {
    expect(firstLine(view)).toBe(text)
  })
})

describe('the last line', () => {
  it.each([
    ['succeeded', byStatus.succeeded, 'OK'],
    ['rolled back', byStatus.rolled_back, 'ERROR: rolled back to RHBTZQNCEDS: web crashed at start (exit 1)'],
    ['rollback failed', byStatus.rollback_failed, 'ERROR: rollback to RHBTZQNCEDS failed: web image not found; running: web RMKPLXWQVTA, worker RHBTZQNCEDS'],
    ['release command', situations['release command failed'], 'ERROR: no service was touched: release command failed (exit 1); RHBTZQNCEDS is running'],
    ['refused', byStatus.failed, 'ERROR: nothing changed: refused by the cluster; RHBTZQNCEDS is running'],
    ['first release', situations['first release failed'], 'ERROR: first release failed: web crashed at start (exit 1); scaled to 0'],
    ['first release cancelled', situations['first release cancelled'], 'ERROR: cancelled by @cy; nothing is running'],
    ['cancelled on its way', situations['cancelled while rolling out'], 'ERROR: cancelled by @cy; RHBTZQNCEDS is running'],
    ['cancelled', byStatus.cancelled, 'ERROR: cancelled by @ana; RHBTZQNCEDS is running'],
    ['superseded', byStatus.superseded, 'ERROR: superseded by kubectl-edit: web'],
    ['superseded on its way back', situations['superseded while rolling back'], 'ERROR: superseded by kubectl-edit: web'],
    ['rejected', byStatus.rejected, 'ERROR: rejected by @bo: wait for the migration'],
    ['expired', byStatus.expired, 'ERROR: expired with 0 of 1 approvals; RHBTZQNCEDS is running'],
    ['moving', byStatus.rolling_out, null],
  ] as const)('of %s is as in cards.md 3 and answers.md', (_, view, text) => {
    expect(lastLine(view)).toBe(text)
  })
})
