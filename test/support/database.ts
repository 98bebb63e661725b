import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { inject } from 'vitest'
import { openPostgres, type Database } from '../../src/db/client.ts'

/** A fresh database of its own, with the schema: `url` for child processes, `open()` for this one. */
export const freshDatabase = async (): Promise<{ url: string; open: () => Promise<Database>; drop: () => Promise<void> }> => {
  const server = inject('postgresUrl')
  const name = `slipway_${randomBytes(6).toString('hex')}`
  const admin = postgres(server, { max: 1, onnotice: () => {} })
  // Two workers copying one template at once get "being accessed by other users": take turns.
  await admin`select pg_advisory_lock(77)`
  await admin.unsafe(`create database ${name} template slipway_template`)
  await admin.end()
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.toString(),
    open: () => openPostgres(url.toString(), { max: 5 }),
    drop: async () => {
      const closer = postgres(server, { max: 1, onnotice: () => {} })
      await closer.unsafe(`drop database if exists ${name} with (force)`)
      await closer.end()
    },
  }
}
