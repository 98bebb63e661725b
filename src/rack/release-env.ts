import type { ReleaseRecord } from '../db/releases.ts'
import type { Env } from './env/text.ts'
import type { Sealer } from './seal.ts'

const place = (release: string) => ({ table: 'releases', row: release, column: 'env' })

/** Sealed for the row of this release. */
export const sealEnv = (sealer: Sealer, release: string, env: Env): string => sealer.seal(JSON.stringify(env), place(release))

/** The values of a release's env: for the cluster's Secret and for people allowed to see them, nothing else. */
export const openEnv = (sealer: Sealer, release: Pick<ReleaseRecord, 'id' | 'env'>): Env => {
  const parsed: unknown = JSON.parse(sealer.open(release.env, place(release.id)))
  if (typeof parsed !== 'object' || parsed === null) throw new Error(`the env of ${release.id} is not an object`)
  return Object.fromEntries(Object.entries(parsed).map(([key, value]) => [key, String(value)]))
}
