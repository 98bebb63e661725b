import type { Db } from '../db/client.ts'
import { activeRelease } from '../db/promotions.ts'
import { findReleaseAnywhere, listReleaseRecords } from '../db/releases.ts'
import { maskFor } from './change.ts'
import type { Books } from './context.ts'
import { openEnv } from './release-env.ts'

/**
 * Hides in what a person typed about an app (a description, a reason) what it repeats of the app's environment: it is kept for good and shown to a whole
 * channel. Known are the newest env, the active one and those of `more`, which the words are about: as many reads however many releases there are.
 */
export const maskOfApp = async (rack: Pick<Books, 'name' | 'sealer'>, db: Db, app: string, ...more: readonly (string | null)[]): Promise<(text: string) => string> => {
  const newest = (await listReleaseRecords(db, rack.name, app, 1))[0]
  const known = newest === undefined ? [] : [newest]
  for (const id of new Set([await activeRelease(db, rack.name, app), ...more])) {
    const release = id === null || id === newest?.id ? undefined : await findReleaseAnywhere(db, id)
    if (release !== undefined) known.push(release)
  }
  return maskFor(...known.map((release) => ({ env: openEnv(rack.sealer, release) })))
}

/**
 * The same words without what they repeat of any of these apps' environments. One app after the other, so that the envs of a rack are never held at once
 * and other work gets its turn in between; each costs what locking that app costs, which a whole rack's freeze, typed by an admin, may.
 */
export const maskedForApps = async (rack: Pick<Books, 'name' | 'sealer' | 'db'>, apps: readonly string[], text: string): Promise<string> => {
  let masked = text
  for (const app of apps) masked = (await maskOfApp(rack, rack.db, app))(masked)
  return masked
}
