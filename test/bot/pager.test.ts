import { describe, expect, it } from 'vitest'
import { dispatch } from '../../src/bot/dispatch.ts'
import type { Actor } from '../../src/rack/actor.ts'
import type { AuditRow } from '../../src/rack/audit.ts'
import type { AppRow, BuildRow, Operations, PromotionRow, ReleaseRow } from '../../src/rack/operations.ts'
import { ana, buttonsOf, deskFor, rackThat } from './desk.ts'

const bo: Actor = { ...ana, id: 'U0BO', name: 'bo', role: 'admin' }
const at = new Date('2026-11-24T14:00:00Z')
const middle = { after: 'older-key', before: 'newer-key' }

const release: ReleaseRow = { id: 'RABCDEFGHIJ', status: '', build: null, created: at, description: '' }
const build: BuildRow = { id: 'BABCDEFGHIJ', status: 'complete', release: null, started: at, elapsedSeconds: 3, description: '' }
const promotion: PromotionRow = {
  id: 'PABCDEFGHIJ', kind: 'promote', status: 'succeeded', release: 'RABCDEFGHIJ', from: null, requester: 'U0ANA', requestedAt: at, startedAt: at, finishedAt: at, approvals: 1, approvalsNeeded: 1,
  cause: null, ended: null,
}
const app: AppRow = { app: 'shop', status: 'running', release: null }
const row: AuditRow = {
  id: 7, at, rack: 'prod', app: 'shop', actor: 'U0BO', team: null, action: 'app.create', promotionId: null, digest: null, channel: null, ts: null, decision: null, reason: null, result: null,
  delivery: null, detail: {},
}

/** A rack in the middle of every list; what it was asked is kept. */
const listing = (name: string, asked: unknown[]): Operations => {
  const note = <Page>(what: string, page: Page) => (...[, input]: readonly unknown[]): Promise<Page> => {
    asked.push([name, what, input])
    return Promise.resolve(page)
  }
  return rackThat({
    rack: name,
    listReleases: note('releases', { rows: [release], ...middle, total: 1_000, more: true, above: null, active: null }),
    listBuilds: note('builds', { rows: [build], ...middle }),
    listPromotions: note('promotions', { rows: [promotion], ...middle }),
    pageThroughApps: note('apps', { rows: [app], ...middle }),
    listAudit: note('audit', { rows: [row], ...middle }),
  })
}

describe('the pages of a list', () => {
  it.each([
    ['releases -a shop', ['Promote', 'Older', 'Newer'], 'releases', { app: 'shop', limit: 10 }],
    ['builds -a shop --limit 7', ['Older', 'Newer'], 'builds', { app: 'shop', limit: 7 }],
    ['promotions -a shop', ['Older', 'Newer'], 'promotions', { app: 'shop', limit: 10 }],
    ['apps', ['Next', 'Previous'], 'apps', { limit: 20 }],
    ['audit', ['Older', 'Newer'], 'audit', { app: null, since: null, by: null, limit: 20 }],
    ['audit -a shop --since 1h', ['Older', 'Newer'], 'audit', { app: 'shop', since: new Date('2026-11-24T13:02:00Z'), by: null, limit: 20 }],
    ['audit -a shop --by <@U0ANA>', ['Older', 'Newer'], 'audit', { app: 'shop', since: null, by: 'U0ANA', limit: 20 }],
  ])('of %s go both ways and stay where they stand', async (typed, labels, list, first) => {
    const asked: unknown[] = []
    const { desk, answers, replaced } = deskFor({ racks: [listing('prod', asked)], identify: () => Promise.resolve(bo) })
    await dispatch(desk, { kind: 'command', text: typed })
    const buttons = buttonsOf(answers[0] ?? { blocks: [] })
    expect(buttons.map(({ label }) => label)).toEqual(labels)
    for (const { action, value } of buttons.slice(-2)) await dispatch(desk, { kind: 'click', action, value, on: 'ephemeral' })
    expect(asked).toEqual([
      ['prod', list, first],
      ['prod', list, { ...first, after: 'older-key' }],
      ['prod', list, { ...first, before: 'newer-key' }],
    ])
    expect(replaced).toEqual([false, true, true])
  })

  it('stay on their rack', async () => {
    const asked: unknown[] = []
    const { desk, answers } = deskFor({ racks: [listing('prod', asked), listing('staging', asked)], identify: () => Promise.resolve(bo) })
    await dispatch(desk, { kind: 'command', text: 'builds -a shop -r staging' })
    const [older] = buttonsOf(answers[0] ?? { blocks: [] })
    await dispatch(desk, { kind: 'click', action: older?.action ?? '', value: older?.value ?? '', on: 'ephemeral' })
    expect(asked.map((one) => (Array.isArray(one) ? one[0] : one))).toEqual(['staging', 'staging'])
  })

  it('say where they are beyond what is counted', async () => {
    const { desk, answers } = deskFor({ racks: [listing('prod', [])] })
    await dispatch(desk, { kind: 'command', text: 'releases -a shop' })
    expect(answers[0]?.text).toBe('Releases of shop: 1 of more than 1000, none is active.')
    expect(JSON.stringify(answers[0]?.blocks)).toContain('beyond the newest 1000')
  })
})
