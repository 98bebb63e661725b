import type { Db } from './client.ts'
import { audit } from './schema.ts'

/** Appends one audit row; in the transaction of the change, so that one does not happen without the other. */
export const writeAudit = async (tx: Db, row: Omit<typeof audit.$inferInsert, 'id' | 'at'>): Promise<void> => {
  await tx.insert(audit).values(row)
}
