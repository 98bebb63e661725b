import { and, eq } from 'drizzle-orm'
import type { Db } from './client.ts'
import { promotions } from './schema.ts'

/** Apps of a rack in which a promotion is queued. */
export const queuedApps = async (db: Db, rack: string): Promise<string[]> =>
  (await db.selectDistinct({ app: promotions.app }).from(promotions).where(and(eq(promotions.rack, rack), eq(promotions.status, 'queued')))).map(({ app }) => app)
