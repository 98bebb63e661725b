import { findApp } from '../db/apps.ts'
import type { Db } from '../db/client.ts'
import { storedKeyIds } from '../db/installation.ts'
import { openPromotionsOfAllApps, replaceDigest, type PromotionRecord } from '../db/promotions.ts'
import { findReleaseAnywhere, releasesSealedOtherwise, replaceSealedEnv } from '../db/releases.ts'
import { approvedNow, buildOf, rekeyed, type Approved } from './digest.ts'
import { reencryptInbox } from './inbox.ts'
import { openEnv, sealEnv } from './release-env.ts'
import type { RolePolicy } from './roles.ts'
import type { Sealer } from './seal.ts'

/** What was sealed anew, and which other keys are needed all the same. */
export interface Reencrypted { readonly releases: number; readonly digests: number; readonly waiting: number; readonly needed: readonly string[] }

const askedNow = async (db: Db, sealer: Sealer, roles: RolePolicy, promotion: PromotionRecord): Promise<Approved | null> => {
  const [release, app] = [await findReleaseAnywhere(db, promotion.releaseId), await findApp(db, promotion.rack, promotion.app)]
  const build = release === undefined ? undefined : await buildOf(db, release)
  if (release === undefined || build === undefined || app === undefined) return null
  return approvedNow({ name: promotion.rack, sealer, roles }, db, { app: app.name, namespace: app.namespace, release, build, deadlineSeconds: promotion.deadlineAsked })
}

/**
 * Seals every env with the first key of SECRET_KEY, what was typed and is not done yet, and computes what is open under it, so that the other keys can
 * be removed (design 8). Runs beside a working installation: each row is replaced only as it was read. A request that has changed meanwhile is still a
 * changed one under the first key: the next vote finds that out and asks again.
 */
export const reencrypt = async (db: Db, sealer: Sealer, roles: RolePolicy): Promise<Reencrypted> => {
  const [first] = sealer.keyIds
  if (first === undefined) throw new Error('no key')
  let releases = 0
  let digests = 0
  for (let batch = await releasesSealedOtherwise(db, first, 100); batch.length > 0; batch = await releasesSealedOtherwise(db, first, 100)) {
    for (const release of batch) if (await replaceSealedEnv(db, release.id, release.env, sealEnv(sealer, release.id, openEnv(sealer, release)))) releases += 1
  }
  for (const promotion of await openPromotionsOfAllApps(db)) {
    if (promotion.digestKeyId === first) continue
    if (await replaceDigest(db, promotion.id, promotion.digest, rekeyed(sealer, promotion, await askedNow(db, sealer, roles, promotion)))) digests += 1
  }
  const waiting = await reencryptInbox(db, sealer, first)
  return { releases, digests, waiting, needed: (await storedKeyIds(db)).filter((id) => id !== first) }
}

/** What `npm run reencrypt` prints. Pure. */
export const reencryptedWords = ({ releases, digests, waiting, needed }: Reencrypted): string => {
  const done = `Sealed with the first key of SECRET_KEY: releases ${releases}, pending digests ${digests}, waiting commands ${waiting}.`
  if (needed.length === 0) return `${done} The others can be removed as soon as every replica has it first.`
  const keys = needed.map((id) => `"${id}"`).join(' and ')
  return `${done} Still needed: ${keys}, because a replica still seals with another key first. Restart it with this SECRET_KEY and run this once more.`
}
