import type { Db } from '../db/client.ts'
import { findReleaseAnywhere } from '../db/releases.ts'
import type { ReleaseContent } from './change.ts'
import type { Rack } from './context.ts'
import { buildOf } from './digest.ts'
import { openEnv } from './release-env.ts'

/** What a release consists of; null for none, and for one that is gone. */
export const contentOf = async (rack: Pick<Rack, 'sealer'>, db: Db, id: string | null): Promise<(ReleaseContent & { readonly id: string }) | null> => {
  const record = id === null ? undefined : await findReleaseAnywhere(db, id)
  return record === undefined ? null : { id: record.id, build: await buildOf(db, record), env: openEnv(rack.sealer, record) }
}
