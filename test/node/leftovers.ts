import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, rmSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** The bridge that the pods hang on. One node at a time has it. */
export const bridge = 'slipway-node'
/** The cgroup above those of the pods, in every hierarchy. */
export const cgroup = 'slipway-node'
/** How the folders of this suite begin. */
export const folderPrefix = 'slipway-node-'

interface Hierarchy { readonly path: string; readonly version: 1 | 2; readonly controllers: readonly string[] }

/** Where cgroups are mounted: one place with version 2, one per controller with version 1. */
export const hierarchies = (): Hierarchy[] => {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n').map((line) => line.split(' '))
  return mounts.flatMap(([, path = '', type, options = '']): Hierarchy[] => {
    if (type === 'cgroup') return [{ path, version: 1, controllers: options.split(',') }]
    return type === 'cgroup2' ? [{ path, version: 2, controllers: [] }] : []
  })
}

const isCode = (error: unknown, ...codes: string[]): boolean => error instanceof Error && 'code' in error && codes.some((code) => code === error.code)

const processesOf = (folder: string): number[] => {
  try {
    return readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter((line) => line !== '').map(Number)
  } catch (error) {
    // It went while we looked.
    if (isCode(error, 'ENOENT', 'ENODEV')) return []
    throw error
  }
}

const killed = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!isCode(error, 'ESRCH')) throw error
  }
}

/** Children first. Answers whether the whole tree is gone; what still runs in it is killed. */
const removeTree = (folder: string): boolean => {
  if (!existsSync(folder)) return true
  for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) removeTree(join(folder, entry.name))
  for (const pid of processesOf(folder)) killed(pid)
  try {
    rmdirSync(folder)
    return true
  } catch (error) {
    if (isCode(error, 'ENOENT')) return true
    if (isCode(error, 'EBUSY', 'ENOTEMPTY')) return false
    throw error
  }
}

/** Removes the pods' cgroups; their processes die with them. Throws when one is still busy after ten seconds. */
export const removeCgroups = async (): Promise<void> => {
  const deadline = Date.now() + 10_000
  for (;;) {
    const busy = hierarchies().map(({ path }) => join(path, cgroup)).filter((folder) => !removeTree(folder))
    if (busy.length === 0) return
    if (Date.now() > deadline) throw new Error(`still busy: ${busy.join(', ')}`)
    await pause(50)
  }
}

/** Removes the bridge when it is there. */
export const removeBridge = (): void => {
  if (existsSync(`/sys/class/net/${bridge}`)) execFileSync('ip', ['link', 'delete', bridge], { stdio: 'pipe' })
}

/**
 * What a node that was killed leaves: cgroups, the bridge and folders. Its processes and mounts went with their namespaces.
 * Only to be called by who holds the lock of the node.
 */
export const removeLeftovers = async (): Promise<void> => {
  await removeCgroups()
  removeBridge()
  for (const name of readdirSync(tmpdir())) if (name.startsWith(folderPrefix)) rmSync(join(tmpdir(), name), { recursive: true, force: true })
}
