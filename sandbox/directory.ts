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

/** Makes the directory ready and returns its path. With `reset` what an earlier sandbox kept there is removed; anything else is left alone. */
export const prepareDirectory = async (given: string, reset: boolean): Promise<string> => {
  const directory = resolve(given)
  try {
    const there = await stat(directory).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null
      throw error
    })
    if (there !== null && !there.isDirectory()) throw new DirectoryError(`${directory} is a file. Name a directory with --dir.`)
    const content = there === null ? [] : await readdir(directory)
    if (content.length > 0 && !content.includes(marker)) throw new DirectoryError(`${directory} holds something else than a sandbox, so it is left alone. Name another directory with --dir.`)
    if (reset) await rm(directory, { recursive: true, force: true })
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
