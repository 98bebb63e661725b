import { and, asc, desc, eq, gt, gte, inArray, lt } from 'drizzle-orm'
import type { Db } from './client.ts'
import { readPage, type PageAsk, type Paged } from './page.ts'
import { audit } from './schema.ts'

export type AuditRecord = typeof audit.$inferSelect

/** Appends one audit row; in the transaction of the change, so that one does not happen without the other. */
export const writeAudit = async (tx: Db, row: Omit<typeof audit.$inferInsert, 'id' | 'at'>): Promise<void> => {
  await tx.insert(audit).values(row)
}

/** Rows of one rack; of one app when it is named; none older than `since`; only of actors in `by` when there is one. */
export interface AuditFilter { readonly rack: string; readonly app: string | null; readonly since: Date | null; readonly by: readonly string[] | null }

/** A page of the audit, newest first; the key is a row's id. */
export const pageOfAudit = (db: Db, filter: AuditFilter, ask: PageAsk): Promise<Paged<AuditRecord>> =>
  readPage(ask, (walk, limit) => {
    const wanted = [
      eq(audit.rack, filter.rack),
      ...(filter.app === null ? [] : [eq(audit.app, filter.app)]),
      ...(filter.since === null ? [] : [gte(audit.at, filter.since)]),
      ...(filter.by === null ? [] : [inArray(audit.actor, [...filter.by])]),
      ...(walk.from === null ? [] : [walk.way === 'down' ? lt(audit.id, Number(walk.from)) : gt(audit.id, Number(walk.from))]),
    ]
    return db.select().from(audit).where(and(...wanted)).orderBy(walk.way === 'down' ? desc(audit.id) : asc(audit.id)).limit(limit)
  }, ({ id }) => String(id))
