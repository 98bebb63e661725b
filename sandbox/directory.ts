import { access, constants, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

/** A file by which we know a directory as ours before we remove anything in it. */
const marker = 'slipway-sandbox.txt'

/** The directory cannot be used; `message` says why and what to do. */
export class DirectoryError extends Error {
  constructor(why: string) {
    super(why)
    this.name = 'DirectoryError'
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '')

/** Makes the directory ready and returns its path. One that holds something else than a sandbox is left alone: `DirectoryError`. */
export const prepareDirectory = async (given: string): Promise<string> => {
  const directory = resolve(given)
  try {
    const there = await stat(directory).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null
      throw error
    })
    if (there !== null && !there.isDirectory()) throw new DirectoryError(`${directory} is a file. Name a directory with --dir.`)
    const content = there === null ? [] : await readdir(directory)
    if (content.length > 0 && !content.includes(marker)) {
      throw new DirectoryError(`${directory} holds something else than a sandbox, so it is left alone. Name another directory with --dir.`)
    }
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await access(directory, constants.W_OK | constants.R_OK)
    await writeFile(join(directory, marker), 'Kept by the Slipway sandbox. `npm run sandbox -- --reset` removes it.\n')
    return directory
  } catch (error) {
    if (error instanceof DirectoryError) throw error
    const why = codeOf(error) === 'EACCES' || codeOf(error) === 'EPERM' ? 'you may not write there' : (error instanceof Error ? error.message : String(error))
    throw new DirectoryError(`${directory} cannot be used: ${why}. Name another directory with --dir.`)
  }
}

const past = 'past.txt'

/**
 * Whether the shop has yet to be given its past. Then nothing is kept: a start that was stopped halfway leaves half a one, and `reset` removes a whole one.
 * For who holds the directory's lock.
 */
export const startsAnew = async (directory: string, reset: boolean): Promise<boolean> => {
  const content = await readdir(directory)
  if (content.includes(past) && !reset) return false
  // The past goes first, so that a reset stopped halfway is still one.
  for (const kept of [past, 'world', 'data', 'data-key', 'slipway.log']) await rm(join(directory, kept), { recursive: true, force: true })
  return true
}

/** From now on the next start goes on where this one was. */
export const rememberPast = (directory: string): Promise<void> =>
  writeFile(join(directory, past), 'The shop has its past. Without this file the next start begins anew.\n')
