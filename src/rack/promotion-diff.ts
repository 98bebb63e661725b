import { findPromotion, goodRelease, type PromotionRecord } from '../db/promotions.ts'
import { contentDiff, imagesOf, maskedDiff, maskFor, type ContentDiff, type ReleaseContent } from './change.ts'
import { contentOf } from './content-of.ts'
import type { Rack } from './context.ts'
import { releaseCommandText } from './diff/beside-services.ts'
import { keptImages, type KeptImage } from './diff/images.ts'
import { rawDifference } from './diff/raw.ts'
import { parseManifest } from './manifest/parse.ts'
import type { Caller } from './operations.ts'
import { promotionInfo } from './promotions.ts'
import type { PromotionView } from './promotion-view.ts'

/** Where a build came from, as far as whoever imported it said. */
export interface DiffBuild { readonly id: string; readonly gitSha: string | null; readonly message: string | null }

/** All that a person needs to decide about a promotion; keys of the environment, never values. */
export interface PromotionDiff extends ContentDiff {
  readonly promotion: PromotionView
  /** What runs on as it is. */
  readonly kept: readonly KeptImage[]
  /** Null for a release without a build, and where nothing is active yet. */
  readonly builds: { readonly before: DiffBuild | null; readonly after: DiffBuild | null }
  /** The release command that will run first, whether it is a new one or not. */
  readonly releaseCommand: string | null
  /** Where an automatic rollback goes and when that was last proven; null where there is nothing to go back to. */
  readonly back: { readonly release: string; readonly verifiedAt: Date | null } | null
  /** The two convox.yml as `diff -u` shows them; '' when they are the same. */
  readonly raw: string
}

type Side = ReleaseContent & { readonly id: string }

const buildFacts = (side: Side | null, mask: (text: string) => string): DiffBuild | null =>
  (side?.build === undefined ? null : { id: side.build.id, gitSha: side.build.gitSha, message: side.build.message === null ? null : mask(side.build.message) })

const releaseCommandOf = (side: Side | null): string | null => {
  const parsed = side?.build === undefined ? undefined : parseManifest(side.build.manifest)
  return parsed?.ok === true && parsed.manifest.release !== undefined ? releaseCommandText(parsed.manifest.release) : null
}

const backOf = async (rack: Pick<Rack, 'db' | 'name'>, promotion: PromotionRecord | undefined): Promise<PromotionDiff['back']> => {
  if (promotion === undefined || promotion.targetReleaseId === null) return null
  const good = await goodRelease(rack.db, rack.name, promotion.app)
  if (good?.releaseId === promotion.targetReleaseId) return { release: good.releaseId, verifiedAt: good.verifiedAt }
  const proven = promotion.targetPromotionId === null ? undefined : await findPromotion(rack.db, promotion.targetPromotionId)
  return { release: promotion.targetReleaseId, verifiedAt: proven?.finishedAt ?? null }
}

/** What a promotion would change, or changed, against the release that was active when it was asked for. For viewers: `releases manifest` shows them as much. */
export const promotionDiff = async (rack: Rack, caller: Caller, input: { promotion: string; app?: string }): Promise<PromotionDiff> => {
  const promotion = await promotionInfo(rack, caller, input)
  const [before, after] = [await contentOf(rack, rack.db, promotion.from), await contentOf(rack, rack.db, promotion.release.id)]
  const mask = maskFor(before, after)
  const diff = maskedDiff(contentDiff(before, after ?? { build: undefined, env: {} }), mask)
  const command = releaseCommandOf(after)
  const side = (one: Side | null, name: string) => ({ name: one?.id ?? name, text: one?.build?.manifest ?? '' })
  return {
    ...diff, kept: after?.build === undefined ? [] : keptImages(before?.build === undefined ? null : imagesOf(before.build), imagesOf(after.build)), promotion,
    builds: { before: buildFacts(before, mask), after: buildFacts(after, mask) },
    releaseCommand: command === null ? null : mask(command),
    back: await backOf(rack, await findPromotion(rack.db, promotion.id)),
    raw: mask(rawDifference(side(before, 'none'), side(after, promotion.release.id))),
  }
}
