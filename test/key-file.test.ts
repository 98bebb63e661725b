import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { keyBeside } from '../src/key-file.ts'

let directory: string
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'slipway-key-'))))
afterEach(() => rm(directory, { recursive: true }))

it('is made once, readable by its owner alone, and found again', async () => {
  const first = await keyBeside(directory)
  expect(first.made).toBe(true)
  expect((await stat(first.path)).mode & 0o777).toBe(0o600)
  const again = await keyBeside(directory)
  expect(again.made).toBe(false)
  expect(Buffer.from(again.key.bytes).equals(Buffer.from(first.key.bytes))).toBe(true)
})

it('is the same for two that start at once', async () => {
  const [a, b] = await Promise.all([keyBeside(directory), keyBeside(directory)])
  expect(Buffer.from(a.key.bytes).equals(Buffer.from(b.key.bytes))).toBe(true)
})

it('is never replaced when it cannot be read', async () => {
  const path = join(directory, 'secret-key')
  await writeFile(path, 'not a key')
  await expect(keyBeside(directory)).rejects.toThrow(/not a key/)
  expect(await readFile(path, 'utf8')).toBe('not a key')
})
