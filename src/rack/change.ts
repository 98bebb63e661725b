import type { BuildRecord } from '../db/builds.ts'
import { manifestLines, type ManifestDiff } from './diff/field-change.ts'
import { diffImages } from './diff/images.ts'
import { diffManifests } from './diff/manifests.ts'
import { diffEnv, type EnvDiff } from './env/diff.ts'
import { createMask } from './env/mask.ts'
import type { Env } from './env/text.ts'
import type { Manifest } from './manifest/manifest.ts'
import { parseManifest } from './manifest/parse.ts'
import type { ImageChange, ReleaseChange } from './promotion-view.ts'

/** One side of a comparison. */
export interface ReleaseContent { readonly build: BuildRecord | undefined; readonly env: Env }

/** A build's image references by service. */
export const imagesOf = (build: BuildRecord): Record<string, string> => Object.fromEntries(Object.entries(build.images).map(([service, image]) => [service, image.resolved]))

/** What running one content instead of another would change, field by field; no values of the environment. */
export interface ContentDiff {
  readonly images: readonly ImageChange[]
  readonly env: EnvDiff
  readonly manifest: ManifestDiff
}

const manifestOf = (content: ReleaseContent | null): Manifest | null => {
  const parsed = content?.build === undefined ? undefined : parseManifest(content.build.manifest)
  return parsed?.ok === true ? parsed.manifest : null
}

/** What running `after` instead of `before` would change; `before` is null for a first release. Pure. */
export const contentDiff = (before: ReleaseContent | null, after: ReleaseContent): ContentDiff => {
  const [old, now] = [manifestOf(before), manifestOf(after)]
  const source = { ...(after.build?.gitSha == null ? {} : { gitSha: after.build.gitSha }), ...(after.build?.message == null ? {} : { message: after.build.message }) }
  return {
    images: after.build === undefined ? [] : diffImages(before?.build === undefined ? null : imagesOf(before.build), imagesOf(after.build), source),
    env: diffEnv(before?.env ?? {}, after.env),
    manifest: now === null ? { changes: [], unchanged: [] } : diffManifests(old, now),
  }
}

/** Shorter values are words of every manifest, such as ports and plain names; hiding those would hide the difference. */
const tellingLength = 8

/** Hides the values of the given environments: a manifest and a commit message are their author's to show, but not what they repeat of the environment. */
export const maskFor = (...sides: readonly (Pick<ReleaseContent, 'env'> | null)[]): ((text: string) => string) =>
  createMask(sides.flatMap((side) => Object.values(side?.env ?? {}).filter((value) => value.length >= tellingLength)))

/** The same difference without what the mask hides. Pure. */
export const maskedDiff = (diff: ContentDiff, mask: (text: string) => string): ContentDiff => ({
  images: diff.images.map((image) => (image.message === undefined ? image : { ...image, message: mask(image.message) })),
  env: diff.env,
  manifest: {
    changes: diff.manifest.changes.map((change) => ({ ...change, from: change.from === null ? null : mask(change.from), to: change.to === null ? null : mask(change.to) })),
    unchanged: diff.manifest.unchanged,
  },
})

/** The same as a card shows it to a whole channel: the manifest in lines, what repeats a value of either environment hidden. Pure. */
export const releaseChange = (before: ReleaseContent | null, after: ReleaseContent): ReleaseChange => {
  const { images, env, manifest } = maskedDiff(contentDiff(before, after), maskFor(before, after))
  return { images, env, manifest: manifestLines(manifest) }
}
