import type { Db } from '../db/client.ts'
import { wasVerified } from '../db/promotions.ts'
import { findReleaseAnywhere, type ReleaseRecord } from '../db/releases.ts'

/**
 * True when this release was verified good on its app, or one that it is a copy of was: a copy has the build, env and manifest of its source, so what
 * either of them has proven holds for both. What a rollback to it is judged by, where it is asked for and where it begins.
 */
export const wasProven = async (db: Db, release: ReleaseRecord): Promise<boolean> => {
  if (await wasVerified(db, release.rack, release.app, release.id)) return true
  const source = release.rollbackOf === null ? undefined : await findReleaseAnywhere(db, release.rollbackOf)
  return source !== undefined && wasProven(db, source)
}
