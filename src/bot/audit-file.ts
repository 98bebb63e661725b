import { stringify } from 'csv-stringify/sync'
import type { AuditRow } from '../rack/audit.ts'

export const auditFormats = ['csv', 'json'] as const
export type AuditFormat = (typeof auditFormats)[number]

const columns = ['id', 'at', 'rack', 'app', 'actor', 'team', 'action', 'promotion', 'digest', 'channel', 'ts', 'decision', 'reason', 'result', 'delivery', 'detail'] as const

const record = (row: AuditRow) => ({
  id: row.id, at: row.at.toISOString(), rack: row.rack, app: row.app, actor: row.actor, team: row.team, action: row.action, promotion: row.promotionId, digest: row.digest,
  channel: row.channel, ts: row.ts, decision: row.decision, reason: row.reason, result: row.result, delivery: row.delivery,
}) satisfies Record<Exclude<(typeof columns)[number], 'detail'>, unknown>

/**
 * The audit as a file: CSV by RFC 4180 with a header, `detail` as JSON; or a JSON array. In CSV a text that a spreadsheet would
 * take for a formula has an apostrophe in front: reasons are people's own words. Pure.
 */
export const auditFile = (rows: readonly AuditRow[], format: AuditFormat): string =>
  format === 'json'
    ? `${JSON.stringify(rows.map((row) => ({ ...record(row), detail: row.detail })), null, 2)}\n`
    : stringify(rows.map((row) => ({ ...record(row), detail: JSON.stringify(row.detail) })), {
      header: true, columns: [...columns], record_delimiter: 'windows', quoted: true, escape_formulas: true,
    })
