import { appsAnswer } from '../../../../src/bot/messages/app-answers.ts'
import { auditAnswer } from '../../../../src/bot/messages/audit-answers.ts'
import { buildsAnswer } from '../../../../src/bot/messages/build-answers.ts'
import { freezesAnswer } from '../../../../src/bot/messages/gate-answers.ts'
import { processesAnswer } from '../../../../src/bot/messages/process-answers.ts'
import { promotionsAnswer } from '../../../../src/bot/messages/promotion-answers.ts'
import { releasesAnswer, releasesTextAnswer } from '../../../../src/bot/messages/release-answers.ts'
import type { Answer } from '../../../../src/bot/blocks.ts'
import type { PagedList } from '../../../../src/bot/page-value.ts'
import type { AuditRow } from '../../../../src/rack/audit.ts'
import type { AppRow, BuildRow, FreezeRow, ProcessRow, PromotionRow, ReleaseRow } from '../../../../src/rack/operations.ts'
import { ana, at, bo, crash, cy, names, P, R, RP } from './views.ts'

/*
 * The lists of a team at work: several rows that differ in all they may differ in, of ordinary length, so that a person can judge whether they can be read.
 */

const now = at('14:10')
const [RL, B, B2] = ['RLCQYWZTKFE', 'BXKQWMNVDTR', 'BMWLTQZKVNC']

const releases: readonly ReleaseRow[] = [
  { id: R, status: 'promoting', build: B, created: at('14:02'), description: 'env add:FOO change:DATABASE_URL' },
  { id: RP, status: 'active', build: B, created: at('12:08'), description: 'build 0a1b2c3d4e my commit message' },
  { id: RL, status: 'failed', build: B2, created: new Date('2026-11-20T09:00:00Z'), description: 'build 9f8e7d6c5b Retry the payment once more when the bank does not answer' },
  { id: 'RKVTWQZNMLA', status: '', build: null, created: new Date('2026-11-01T09:00:00Z'), description: 'env add:DATABASE_URL' },
]

const builds: readonly BuildRow[] = [
  { id: B, status: 'complete', release: RP, started: at('12:07'), elapsedSeconds: 3, description: 'build 0a1b2c3d4e my commit message' },
  { id: B2, status: 'complete', release: RL, started: new Date('2026-11-20T09:00:00Z'), elapsedSeconds: 100, description: 'build 9f8e7d6c5b Retry the payment once more when the bank does not answer' },
  { id: 'BKQZTWVNMLC', status: 'complete', release: null, started: new Date('2026-11-01T09:00:00Z'), elapsedSeconds: 0, description: 'image registry.example.com/shop:1.4.0' },
]

const asked = { kind: 'promote', requester: ana, approvals: 1, approvalsNeeded: 1, cause: null, ended: null } as const
const promotions: readonly PromotionRow[] = [
  { ...asked, id: P, status: 'awaiting_approval', release: R, from: RP, requestedAt: at('14:02'), startedAt: null, finishedAt: null, approvals: 0 },
  { ...asked, id: 'PKQZTWVNMLC', status: 'rolled_back', release: RL, from: RP, requestedAt: at('12:41'), startedAt: at('12:44'), finishedAt: at('12:45'), cause: crash },
  { ...asked, id: 'PMWLTQZKVNC', status: 'rejected', release: RL, from: RP, requestedAt: at('12:20'), startedAt: null, finishedAt: at('12:30'), approvals: 0, ended: { by: bo, reason: 'wait for the migration' } },
  { ...asked, id: 'PHBTZQNCEDS', status: 'succeeded', release: RP, from: null, requestedAt: at('12:09'), startedAt: at('12:09'), finishedAt: at('12:10'), approvals: 0, approvalsNeeded: 0 },
]

const processes: readonly ProcessRow[] = [
  { id: 'web-5d88978c58-xd7nk', service: 'web', status: 'running', release: RP, started: at('12:09'), command: 'bin/web --threads 4' },
  { id: 'web-6794d64964-mnpck', service: 'web', status: 'crashed', release: R, started: at('14:09'), command: 'bin/web --threads 4' },
  { id: 'worker-747b59db85-h6ndg', service: 'worker', status: 'running', release: RP, started: null, command: '' },
]

const apps: readonly AppRow[] = [
  { app: 'mail', status: 'running', release: null },
  { app: 'shop', status: 'updating', release: RP, lock: { owner: cy, reason: 'migrating the database', since: at('13:40'), until: at('15:40') } },
  { app: 'warehouse-importer', status: 'failed', release: RL, lock: { owner: cy, reason: 'until the auditors are gone', since: at('13:40'), until: null } },
]

const freeze = { id: 'FABCDEFGHIJ', app: 'shop', reason: 'weekend', cron: '0 18 * * 5', seconds: 223_200, zone: 'Europe/Berlin', frozen: null, next: new Date('2026-11-27T17:00:00Z') } as const
const freezes: readonly FreezeRow[] = [freeze, { ...freeze, id: 'FKWQZTVNPLA', app: null, reason: 'no changes while the accounts of the year are closed', frozen: { until: new Date('2027-01-06T08:00:00Z') } }]

const done = { rack: 'prod', app: 'shop', actor: ana, promotionId: P, detail: {}, channel: 'C0SHOP', ts: '1.2', delivery: 'env-1', digest: null, decision: null, reason: null, result: null, team: 'T0' } as const
const audit: readonly AuditRow[] = [
  { ...done, id: 4, action: 'promotion.reject', actor: bo, at: at('14:06'), decision: 'rejected', result: 'rejected', reason: 'wait for the migration' },
  { ...done, id: 3, action: 'promotion.request', at: at('14:02'), detail: { release: R, from: RP } },
  { ...done, id: 2, action: 'env.set', at: at('14:01'), promotionId: null, detail: { release: R, set: ['FOO', 'DATABASE_URL'], unset: [] } },
  { ...done, id: 1, action: 'lock.over', actor: 'system', at: at('13:00'), promotionId: null },
]

const ask = (list: PagedList) => ({ list, rack: 'prod', app: 'shop', page: { limit: 20 } }) as const
const page = <Row>(rows: readonly Row[]) => ({ rows, after: 'older', before: null })
const found = { ...page(releases), total: 37, more: false, above: 0, active: RP }

/** Each list by name, with its pager where it has one. */
export const teamLists = (): Readonly<Record<string, Answer>> => ({
  releases: releasesAnswer(found, ask('releases')),
  'releases --text': releasesTextAnswer(found, 'shop', now),
  builds: buildsAnswer(page(builds), ask('builds'), now),
  promotions: promotionsAnswer(page(promotions), ask('promotions'), now, names),
  processes: processesAnswer('shop', processes, now),
  apps: appsAnswer(page(apps), { ...ask('apps'), app: null }, true),
  freezes: freezesAnswer('shop', freezes, { rack: 'prod', severalRacks: false }),
  audit: auditAnswer(page(audit), { ...ask('audit'), since: at('12:00') }, false, names),
})
