import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SecretKey } from './rack/seal.ts'

/** The embedded default's own key: a file that only its owner can read, made beside the data when there is none (design 8). */
export const keyBeside = async (directory: string): Promise<{ readonly key: SecretKey; readonly path: string; readonly made: boolean }> => {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, 'secret-key')
  const read = async (): Promise<SecretKey> => {
    const [id, encoded] = (await readFile(path, 'utf8')).trim().split(':')
    const bytes = Buffer.from(encoded ?? '', 'base64')
    if (id === undefined || bytes.length !== 32) throw new Error(`${path} is not a key; without it the env values in ${directory} cannot be read. Put it back from a backup.`)
    return { id, bytes }
  }
  try {
    // `wx`: never overwrites a key, whatever else goes on.
    await writeFile(path, `local:${randomBytes(32).toString('base64')}\n`, { flag: 'wx', mode: 0o600 })
    return { key: await read(), path, made: true }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    return { key: await read(), path, made: false }
  }
}
