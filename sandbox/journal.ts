import { appendFileSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** What a journal keeps: JSON values under string keys. */
export type Journalled = string | number | boolean | null | Journalled[] | { [key: string]: Journalled | undefined }

/** A map kept in one append-only file, so that `kill -9` loses nothing that was acknowledged. */
export interface Journal {
  entries(): IterableIterator<[string, Journalled]>
  get(key: string): Journalled | undefined
  /** Written before it returns. `undefined` removes the key. */
  set(key: string, value: Journalled | undefined): void
  close(): void
}

/** A journal that forgets when the process ends: for tests. */
export const memoryJournal = (): Journal => {
  const map = new Map<string, Journalled>()
  return {
    entries: () => map.entries(),
    get: (key) => map.get(key),
    set: (key, value) => void (value === undefined ? map.delete(key) : map.set(key, value)),
    close: () => map.clear(),
  }
}

const replay = (file: string): Map<string, Journalled> => {
  const map = new Map<string, Journalled>()
  if (!existsSync(file)) return map
  const lines = readFileSync(file, 'utf8').split('\n')
  for (const [index, line] of lines.entries()) {
    if (line === '') continue
    let row: unknown
    try {
      row = JSON.parse(line)
    } catch (error) {
      // A kill in the middle of a write leaves half a last line: that write was never acknowledged.
      if (index >= lines.length - 2) continue
      throw new Error(`${file}:${index + 1} is not JSON: start again with --reset`, { cause: error })
    }
    if (!Array.isArray(row) || typeof row[0] !== 'string') throw new Error(`${file}:${index + 1} is not a journal row: start again with --reset`)
    if (row.length === 1) map.delete(row[0])
    else map.set(row[0], row[1])
  }
  return map
}

/**
 * Opens the journal in `file` (made with its directory when absent) and compacts it.
 * Throws with the file's name and line when it holds something else.
 */
export const fileJournal = (file: string): Journal => {
  mkdirSync(dirname(file), { recursive: true })
  const map = replay(file)
  const fresh = `${file}.new`
  writeFileSync(fresh, [...map].map((row) => `${JSON.stringify(row)}\n`).join(''))
  renameSync(fresh, file)
  const descriptor = openSync(file, 'a')
  let open = true
  return {
    entries: () => map.entries(),
    get: (key) => map.get(key),
    set: (key, value) => {
      if (!open) return
      if (value === undefined) map.delete(key)
      else map.set(key, value)
      appendFileSync(descriptor, `${JSON.stringify(value === undefined ? [key] : [key, value])}\n`)
    },
    close: () => {
      if (open) closeSync(descriptor)
      open = false
    },
  }
}
