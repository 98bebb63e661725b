import { and, eq, inArray } from 'drizzle-orm'
import type { Db } from './client.ts'
import { promotions } from './schema.ts'

/** Apps of a rack in which a promotion is queued or waits for approval. */
export const waitingApps = async (db: Db, rack: string): Promise<string[]> =>
  (await db.selectDistinct({ app: promotions.app }).from(promotions).where(and(eq(promotions.rack, rack), inArray(promotions.status, ['queued', 'awaiting_approval'])))).map(({ app }) => app)
