import type { ReleaseRecord } from '../db/releases.ts'
import type { Env } from './env/text.ts'
import type { Place, Sealer } from './seal.ts'

const place = (release: string) => ({ table: 'releases', row: release, column: 'env' })

const readEnv = (plain: string): Env => {
  const parsed: unknown = JSON.parse(plain)
  if (typeof parsed !== 'object' || parsed === null) throw new Error('an env that is not an object')
  return Object.fromEntries(Object.entries(parsed).map(([key, value]) => [key, String(value)]))
}

/** Sealed for the row of this release. */
export const sealEnv = (sealer: Sealer, release: string, env: Env): string => sealer.seal(JSON.stringify(env), place(release))

/** The same sealer, which also says every env value that goes in or comes out: so that a log can hide them. */
export const tellingSealer = (sealer: Sealer, learn: (values: Iterable<string>) => void): Sealer => {
  const told = (plain: string, { table, column }: Place): string => {
    if (table === 'releases' && column === 'env') learn(Object.values(readEnv(plain)))
    return plain
  }
  return { ...sealer, seal: (plain, at) => sealer.seal(told(plain, at), at), open: (sealed, at) => told(sealer.open(sealed, at), at) }
}

/** The values of a release's env: for the cluster's Secret and for people allowed to see them, nothing else. */
export const openEnv = (sealer: Sealer, release: Pick<ReleaseRecord, 'id' | 'env'>): Env => readEnv(sealer.open(release.env, place(release.id)))
