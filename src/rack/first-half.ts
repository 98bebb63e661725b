import type { AppRecord } from '../db/apps.ts'
import type { Db } from '../db/client.ts'
import { releaseOfDelivery, type ReleaseRecord } from '../db/releases.ts'
import type { Caller } from './operations.ts'

/**
 * The release that the first half of the caller's delivery has made before a crash: `deploy` and `env set --promote` make a release and promote it in two
 * transactions, and are done again from the beginning. Undefined when nothing was made yet.
 */
export const madeBefore = async (db: Db, caller: Caller, app: AppRecord): Promise<ReleaseRecord | undefined> => {
  const made = caller.firstHalfOf === undefined ? undefined : await releaseOfDelivery(db, caller.firstHalfOf)
  return made?.rack === app.rack && made.app === app.name ? made : undefined
}
