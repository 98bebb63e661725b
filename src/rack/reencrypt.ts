import { findApp } from '../db/apps.ts'
import type { Db } from '../db/client.ts'
import { openPromotionsOfAllApps, replaceDigest } from '../db/promotions.ts'
import { findReleaseAnywhere, releasesSealedOtherwise, replaceSealedEnv } from '../db/releases.ts'
import { approvedNow, buildOf, digestOf } from './digest.ts'
import { openEnv, sealEnv } from './release-env.ts'
import type { RolePolicy } from './roles.ts'
import type { Sealer } from './seal.ts'

/** What was sealed anew. */
export interface Reencrypted { readonly releases: number; readonly digests: number }

/**
 * Seals every env with the first key of SECRET_KEY, and computes what is pending approval under it, so that the other keys can be removed (design 8).
 * Runs beside a working installation: each row is replaced only as it was read. A pending request that has changed meanwhile keeps its old digest:
 * the next vote finds that out and asks again.
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
    const [release, app] = [await findReleaseAnywhere(db, promotion.releaseId), await findApp(db, promotion.rack, promotion.app)]
    const build = release === undefined ? undefined : await buildOf(db, release)
    if (release === undefined || build === undefined || app === undefined) continue
    const now = await approvedNow({ name: promotion.rack, sealer, roles }, db, { app: app.name, namespace: app.namespace, release, build, deadlineSeconds: promotion.deadlineAsked })
    if (digestOf(sealer, now, promotion.digestKeyId).digest !== promotion.digest) continue
    const fresh = digestOf(sealer, now)
    if (await replaceDigest(db, promotion.id, promotion.digest, { digest: fresh.digest, digestKeyId: fresh.keyId, digestParts: fresh.parts })) digests += 1
  }
  return { releases, digests }
}
