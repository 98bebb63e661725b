import type { BuildRecord } from '../db/builds.ts'
import type { Env } from './env/text.ts'
import { diffEnv } from './env/diff.ts'
import { diffManifests } from './manifest/diff.ts'
import { diffImages } from './manifest/image-diff.ts'
import { parseManifest } from './manifest/parse.ts'
import type { ReleaseChange } from './promotion-view.ts'

/** One side of a comparison. */
export interface ReleaseContent { readonly build: BuildRecord | undefined; readonly env: Env }

const imagesOf = (build: BuildRecord): Record<string, string> => Object.fromEntries(Object.entries(build.images).map(([service, image]) => [service, image.resolved]))

/** What running `after` instead of `before` would change: images, env keys, manifest lines; no values. Pure. */
export const releaseChange = (before: ReleaseContent | null, after: ReleaseContent): ReleaseChange => {
  const parsed = (content: ReleaseContent | null) => {
    const result = content?.build === undefined ? undefined : parseManifest(content.build.manifest)
    return result?.ok === true ? result.manifest : null
  }
  const [old, now] = [parsed(before), parsed(after)]
  const source = { ...(after.build?.gitSha == null ? {} : { gitSha: after.build.gitSha }), ...(after.build?.message == null ? {} : { message: after.build.message }) }
  return {
    images: after.build === undefined ? [] : diffImages(before?.build === undefined ? null : imagesOf(before.build), imagesOf(after.build), source),
    env: diffEnv(before?.env ?? {}, after.env),
    manifest: now === null ? [] : diffManifests(old, now).map((change) => ({ text: change.text, important: change.important })),
  }
}
