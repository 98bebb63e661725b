import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'

/** Programs of one Go module. */
export interface GoModule {
  /** Absolute path of the folder with go.mod and, where it has requirements, go.sum. */
  readonly folder: string
  readonly packages: readonly string[]
  /** Under the folder of the built programs: a file's name for one package, `.` for several. */
  readonly output: string
  readonly ldflags: string
  readonly tags?: string
}

/** Go is needed to build programs and is not there. */
export class GoMissing extends Error {}

/** Where the programs of these modules are kept: one folder of the user's cache per content of their go.mod, go.sum, Go files and flags. */
export const programsFolder = (name: string, modules: readonly GoModule[]): string => {
  const hash = createHash('sha256')
  for (const { folder, packages, ldflags, tags } of modules) {
    for (const file of readdirSync(folder).sort()) if (/\.(go|mod|sum)$/.test(file)) hash.update(file).update(readFileSync(join(folder, file)))
    hash.update(JSON.stringify([packages, ldflags, tags]))
  }
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  return join(cache, 'slipway', name, hash.digest('hex').slice(0, 16))
}

/** Runs Go and passes on what it says; throws with its last lines when it fails. */
const go = async (args: string[], folder: string, say: (line: string) => void): Promise<void> => {
  const child = spawn('go', args, { cwd: folder, env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' }, stdio: ['ignore', 'ignore', 'pipe'] })
  const last: string[] = []
  let packages = 0
  createInterface(child.stderr).on('line', (line) => {
    last.push(line)
    if (last.length > 20) last.shift()
    // `go build -v` names each package: one line in two hundred is progress enough.
    if (++packages % 200 === 0) say(`${basename(folder)}: ${packages} packages`)
  })
  await new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject('code' in error && error.code === 'ENOENT' ? new GoMissing('no `go` on the PATH', { cause: error }) : error))
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`go ${args[0]} in ${folder} exited with ${code}:\n${last.join('\n')}`))))
  })
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error) return error.code === 'EPERM'
    throw error
  }
}

const isThere = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'EEXIST'

/** Waits for the lock, a file with the holder's process id, and answers how to give it back. A lock whose process is gone is taken over. */
export const takeLock = async (lock: string, waiting: () => void): Promise<() => void> => {
  for (let waited = 0; ; waited++) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      return () => rmSync(lock, { force: true })
    } catch (error) {
      if (!isThere(error)) throw error
      if (waited % 30 === 0) waiting()
      await pause(1_000)
      if (!existsSync(lock)) continue
      const holder = Number(readFileSync(lock, 'utf8'))
      // A young empty lock belongs to somebody who is about to write his number.
      if (holder > 0 ? !isAlive(holder) : Date.now() - statSync(lock).mtimeMs > 10_000) rmSync(lock, { force: true })
    }
  }
}

/**
 * The folder with the programs of these modules, built there when it is not yet. `what` names them for people.
 * Throws GoMissing when they must be built and there is no Go.
 */
export const builtPrograms = async (name: string, modules: readonly GoModule[], what: string, say: (line: string) => void): Promise<string> => {
  const folder = programsFolder(name, modules)
  if (existsSync(folder)) return folder
  mkdirSync(join(folder, '..'), { recursive: true })
  const release = await takeLock(`${folder}.lock`, () => say('waiting for another build of the same'))
  const fresh = `${folder}.${process.pid}.new`
  try {
    if (existsSync(folder)) return folder
    rmSync(fresh, { recursive: true, force: true })
    mkdirSync(fresh)
    say(`building ${what} once, into ${folder}`)
    for (const { folder: module, packages, output, ldflags, tags } of modules) {
      say(`${basename(module)}: building`)
      const flags = ['-v', '-trimpath', '-buildvcs=false', ...(tags === undefined ? [] : ['-tags', tags]), '-ldflags', ldflags]
      await go(['build', ...flags, '-o', join(fresh, output), ...packages], module, say)
    }
    renameSync(fresh, folder)
    say('built')
    return folder
  } finally {
    rmSync(fresh, { recursive: true, force: true })
    release()
  }
}
