import { describe, expect, it } from 'vitest'
import { notice } from '../../../src/bot/messages/notice.ts'
import { isLastLineOwnNotice } from '../../../src/bot/messages/thread.ts'
import { drawn, must } from './support/seen.ts'
import { ana, bo, byStatus, crash, refused, situations } from './support/views.ts'

const told = (view: Parameters<typeof notice>[0]): string => drawn(must(notice(view), 'notice').blocks)

describe('the notice', () => {
  it('of a rollback has what, why, what runs now, what to do, the log and the last line (cards.md 4)', () => {
    expect(told(byStatus.rolled_back)).toBe([
      '↩️ *Rolled back: `shop` runs `RHBTZQNCEDS` again.* For @ana (asked) and @bo (approved).',
      '*Why* `web` exits right after it starts: exit 1, 1 restart, on 2 of 2 new processes. Process `web-5d88978c58-xd7nk`: `CrashLoopBackOff`.',
      '*Running now* `RHBTZQNCEDS`: `web` 2 of 2, `worker` 1 of 1 ready, verified 14:05:24',
      '*What to do* Read the last lines below: often a missing env key or something it cannot reach.',
      '```', 'Error: DATABASE_URL is not set', '    at start (/app/server.js:12:9)', '```',
      '[context] failed after 4 s, back 9 s later · id 7f3a',
      '```', 'ERROR: rolled back to RHBTZQNCEDS: web crashed at start (exit 1)', '```',
      '[actions] (Request again)',
    ].join('\n'))
  })

  it('of a refused apply says that nothing changed (cards.md 4)', () => {
    expect(told(byStatus.failed)).toBe([
      '❌ *Failed: `RMKPLXWQVTA` is not running on `shop`.* For @ana (asked) and @bo (approved).',
      '*Why* The cluster refused the release: `admission webhook "policy.example.com" denied the request: runAsNonRoot is required`.',
      '*Running now* `RHBTZQNCEDS`, nothing changed',
      '*What to do* Change what it names in convox.yml, or ask who owns it.',
      '```', 'ERROR: nothing changed: refused by the cluster; RHBTZQNCEDS is running', '```',
      '[actions] (Request again)',
    ].join('\n'))
  })

  it('of a rollback after a release command says that it is not undone (cards.md 4)', () => {
    expect(told(situations['rolled back after a release command'])).toContain('\nWhat the release command did stays.\n')
  })

  it('of a failed rollback asks for a person (cards.md 4)', () => {
    expect(told(byStatus.rollback_failed)).toBe([
      '🛑 *Rollback FAILED: `shop` is not back on `RHBTZQNCEDS`. A person has to act.* For @ana (asked) and @bo (approved).',
      '*Why it went back* `web` exits right after it starts: exit 1.',
      '*Why that failed* The registry has no image `shop:1.4.1@sha256:9f3c1a7be042` for `web`.',
      '*Running now* `web` `RMKPLXWQVTA` 0 of 2 ready · `worker` `RHBTZQNCEDS` 1 of 1 ready. Nothing more happens by itself.',
      '*What to do* Push that image again, then Try again; or roll back to another of `/convox releases -a shop`.',
      '```', 'ERROR: rollback to RHBTZQNCEDS failed: web image not found; running: web RMKPLXWQVTA, worker RHBTZQNCEDS', '```',
      '[actions] (Try again)',
    ].join('\n'))
  })

  it('of a first release says what is kept (cards.md 4)', () => {
    expect(told(situations['first release failed'])).toContain('*Running now* nothing; `web` and `worker` are scaled to 0 and kept for inspection')
  })

  it('says that there is no log rather than showing none (cards.md 1.10)', () => {
    expect(told(situations['without a log'])).toContain('No log: the container never started.')
  })

  it('explains three services and counts the others (cards.md 4)', () => {
    const text = told({ ...byStatus.rolled_back, otherCauses: [refused, refused, crash, crash] })
    expect(text).toContain('and 2 more services')
    expect(text.split('The cluster refused')).toHaveLength(3)
  })

  it.each([
    ['succeeded', byStatus.succeeded, null],
    ['rolling_out', byStatus.rolling_out, null],
    ['failed', byStatus.failed, true],
    ['rolled_back', byStatus.rolled_back, true],
    ['rollback_failed', byStatus.rollback_failed, true],
    ['first release', situations['first release failed'], true],
    ['superseded', byStatus.superseded, false],
    ['superseded while rolling back', situations['superseded while rolling back'], true],
    ['cancelled while rolling out', situations['cancelled while rolling out'], false],
    ['first release cancelled', situations['first release cancelled'], false],
    ['rejected', byStatus.rejected, false],
    ['expired', byStatus.expired, false],
    ['cancelled', byStatus.cancelled, false],
  ] as const)('of %s is broadcast only where cards.md 4 says so', (_, view, broadcast) => {
    expect(notice(view)?.broadcast ?? null).toBe(broadcast)
  })

  it('stands where the thread does not end in OK', () => {
    expect(Object.values(byStatus).filter((view) => isLastLineOwnNotice(view)).map(({ status }) => status)).toEqual(['succeeded'])
  })

  it('mentions who asked and who approved, each once (cards.md 1.8)', () => {
    expect(notice(byStatus.rolled_back)?.mentions).toEqual([ana, bo])
    expect(notice(byStatus.rejected)?.mentions).toEqual([ana])
  })

  it('mentions nobody in their own decision: who rejected or cancelled it is named (cards.md 1.8)', () => {
    for (const view of [byStatus.rejected, byStatus.cancelled, situations['cancelled while rolling out']]) {
      const shown = must(notice(view), 'notice')
      const mentioned = [...JSON.stringify(shown.blocks).matchAll(/<@([A-Z0-9]+)>/g)].map(([, id]) => id)
      expect(new Set(mentioned)).toEqual(new Set(shown.mentions))
    }
    expect(told({ ...byStatus.rejected, names: { [bo]: 'bo' } })).toContain('\nRejected by bo, ')
  })
})
