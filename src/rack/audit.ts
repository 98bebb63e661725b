import { pageOfAudit, writeAudit, type AuditRecord } from '../db/audit.ts'
import type { PageAsk, Paged } from '../db/page.ts'
import { byCaller } from './audit-row.ts'
import { requireRole } from './authorize.ts'
import type { Rack } from './context.ts'
import { requireApp } from './find.ts'
import { finish } from './finish.ts'
import type { Caller } from './operations.ts'
import { idsOf } from './roles.ts'

/** One thing that was done, asked for, decided or refused; its columns are those of src/db/schema.ts. */
export type AuditRow = AuditRecord

/** Which rows; an app may be one that is gone. `by`: a Slack id of the person who acted; what they did under another id of theirs counts. */
export interface AuditAsk { readonly app: string | null; readonly since: Date | null; readonly by: string | null }

const find = async (rack: Rack, { app, since, by }: AuditAsk, ask: PageAsk): Promise<Paged<AuditRow>> => {
  const page = await pageOfAudit(rack.db, { rack: rack.name, app: app?.toLowerCase() ?? null, since, by: by === null ? null : idsOf(rack.roles, by) }, ask)
  const nothing = page.rows.length === 0 && ask.after === undefined && ask.before === undefined
  // A name that nobody ever heard of is a slip of the pen; one of a deleted app has rows.
  if (nothing && app !== null && (await pageOfAudit(rack.db, { rack: rack.name, app: app.toLowerCase(), since: null, by: null }, { limit: 1 })).rows.length === 0) await requireApp(rack.db, rack.name, app)
  return page
}

/** A page of what was done on a rack or to one of its apps, newest first. For admins. */
export const listAudit = (rack: Rack, caller: Caller, input: AuditAsk & PageAsk): Promise<Paged<AuditRow>> => {
  requireRole(caller, 'admin', 'reading the audit')
  return find(rack, input, input)
}

/** Rows in one export: what a spreadsheet still opens; rows read at once. */
export const exportLimits = { rows: 50_000, atOnce: 1_000 } as const

/** All of it, newest first, at most `limits.rows`; `more` when there are older ones. For admins, and itself written down. */
export const exportAudit = async (rack: Rack, caller: Caller, input: AuditAsk, limits: { readonly rows: number; readonly atOnce: number } = exportLimits): Promise<{ rows: readonly AuditRow[]; more: boolean }> => {
  requireRole(caller, 'admin', 'reading the audit')
  const rows: AuditRow[] = []
  let key: string | null | undefined
  while (key !== null && rows.length < limits.rows) {
    const page: Paged<AuditRow> = await find(rack, input, { limit: Math.min(limits.atOnce, limits.rows - rows.length), ...(key === undefined ? {} : { after: key }) })
    rows.push(...page.rows)
    key = page.after
  }
  await rack.db.transaction(async (tx) => {
    await writeAudit(tx, { rack: rack.name, app: input.app?.toLowerCase() ?? null, ...byCaller(caller), action: 'audit.export', detail: { rows: rows.length, since: input.since?.toISOString() ?? null, by: input.by } })
    await finish(tx, caller)
  })
  return { rows, more: key !== null }
}
