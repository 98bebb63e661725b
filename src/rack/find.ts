import { findApp, listAppRecords, type AppRecord } from '../db/apps.ts'
import type { Db } from '../db/client.ts'
import { findPromotion, type PromotionRecord } from '../db/promotions.ts'
import { findReleaseAnywhere, listReleaseRecords, newestRelease, type ReleaseRecord } from '../db/releases.ts'
import { normalId } from './ids.ts'
import { nearest } from './nearest.ts'
import { refusedCopyStatuses } from './promotion.ts'
import { refuse } from './refusal.ts'

/** The app, or a refusal with the nearest names. */
export const requireApp = async (db: Db, rack: string, name: string): Promise<AppRecord> => {
  const app = await findApp(db, rack, name.toLowerCase())
  if (app !== undefined && app.deletingAt === null) return app
  const known = await listAppRecords(db, rack)
  return refuse({ code: 'app_not_found', app: name, nearest: nearest(name.toLowerCase(), known.map((each) => each.name)) })
}

/** The app's release, or a refusal: of another app, or unknown with the nearest ids (the newest ones when none is near). */
export const requireRelease = async (db: Db, rack: string, app: string, id: string): Promise<ReleaseRecord> => {
  const wanted = normalId(id)
  const found = await findReleaseAnywhere(db, wanted)
  if (found !== undefined && found.rack === rack && found.app === app) return found
  if (found !== undefined && found.rack === rack) return refuse({ code: 'release_of_other_app', release: wanted, other: found.app, app })
  const known = (await listReleaseRecords(db, rack, app, 50)).map((release) => release.id)
  const near = nearest(wanted, known)
  return refuse({ code: 'release_not_found', release: wanted, app, nearest: near.length > 0 ? near : known.slice(0, 2) })
}

/** The rack's promotion of that id, from wherever it was clicked or typed, or a refusal. */
export const requirePromotion = async (db: Db, rack: string, id: string): Promise<PromotionRecord> => {
  const found = await findPromotion(db, normalId(id))
  return found !== undefined && found.rack === rack ? found : refuse({ code: 'promotion_not_found', promotion: id, nearest: [], app: '' })
}

/** The release a new one is forked from: `id`, else the newest that is not a refused copy; undefined before any. */
export const baseRelease = (db: Db, rack: string, app: string, id: string | null): Promise<ReleaseRecord | undefined> =>
  id === null ? newestRelease(db, rack, app, refusedCopyStatuses) : requireRelease(db, rack, app, id)
