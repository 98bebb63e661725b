import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSandbox, runSandbox, threeFreePorts } from '../support/sandbox-process.ts'

describe('npm run sandbox', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-sandbox-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  /** Runs it to its end. */
  const run = async (...args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> => {
    const sandbox = runSandbox(args)
    const code = await sandbox.ended
    return { code, stdout: sandbox.stdout(), stderr: sandbox.stderr() }
  }

  it('says how it is used', async () => {
    expect(await run('--help')).toEqual({ code: 0, stdout: expect.stringContaining('--reset     starts over'), stderr: '' })
  })

  it.each([
    ['a flag that is none', ['--prot', '1'], "Unknown option '--prot'"],
    ['a port that is none', ['--port', 'http'], '--port "http" is not a number from 1 to 65533.'],
    ['a speed that is none', ['--speed', '0'], '--speed "0" is not a number from 1 to 20.'],
  ])('refuses %s and says what there is', async (_what, args, words) => {
    const { code, stderr } = await run(...args)
    expect(stderr).toContain(words)
    expect(stderr).toContain('npm run sandbox -- [--port 8910]')
    expect(stderr).not.toMatch(/^ {4}at /m)
    expect(code).toBe(1)
  })

  it('leaves a directory alone that holds something else, with --reset too', async () => {
    const directory = await mkdtemp(join(folder, 'mine-'))
    await writeFile(join(directory, 'thesis.txt'), 'ten years of work')
    const { code, stderr } = await run('--dir', directory, '--reset')
    expect(stderr).toBe(`${directory} holds something else than a sandbox, so it is left alone. Name another directory with --dir.\n`)
    expect(code).toBe(1)
    expect(await readdir(directory)).toEqual(['thesis.txt'])
  })

  it('says that a file is no directory', async () => {
    const file = join(folder, 'a-file')
    await writeFile(file, 'kept')
    const { code, stderr } = await run('--dir', file)
    expect(stderr).toBe(`${file} is a file. Name a directory with --dir.\n`)
    expect(code).toBe(1)
    expect(await readFile(file, 'utf8')).toBe('kept')
  })

  it.each([['page', 0], ['registry', 1], ['cluster', 2]])('names the port of its %s when something else has it', async (what, offset) => {
    const port = await threeFreePorts()
    const other = createServer()
    other.listen(port + offset, '127.0.0.1')
    await once(other, 'listening')
    try {
      const { code, stderr } = await run('--port', String(port), '--dir', join(folder, `taken-${what}`))
      expect(stderr).toBe(`Port ${port + offset} is taken: another sandbox, or another program. Stop it, or choose another with: npm run sandbox -- --port 9910\n`)
      expect(code).toBe(1)
    } finally {
      other.close()
    }
  })

  it('keeps everything over Ctrl-C, refuses a second one beside it, and starts over with --reset', async () => {
    const directory = join(folder, 'kept')
    const args = ['--port', String(await threeFreePorts()), '--dir', directory, '--speed', '20']
    const journal = join(directory, 'world', 'slack.jsonl')
    const first = await openSandbox(args)
    const second = await run('--port', String(await threeFreePorts()), '--dir', directory, '--reset')
    expect(second.stderr).toBe(`${directory} is in use by another Slipway process. Stop that one first, or choose another directory with --dir.\n`)
    expect(second.code).toBe(1)
    expect(first.stdout()).toContain('Giving the shop a past')
    const page = await fetch(first.url)
    expect(page.status).toBe(200)
    first.signal('SIGINT')
    expect(await first.ended).toBe(0)
    expect(first.stdout()).toContain('Stopping. Everything is kept')
    expect(first.stderr()).toBe('')
    const release = /R[A-Z]{10}/.exec(await readFile(journal, 'utf8'))?.[0] ?? ''

    const again = await openSandbox(args)
    expect(again.stdout()).not.toContain('Giving the shop a past')
    again.signal('SIGINT')
    expect(await again.ended).toBe(0)
    expect(await readFile(journal, 'utf8')).toContain(release)

    const anew = await openSandbox([...args, '--reset'])
    expect(anew.stdout()).toContain('Giving the shop a past')
    expect(await readFile(journal, 'utf8')).not.toContain(release)
    anew.signal('SIGTERM')
    expect(await anew.ended).toBe(0)
  }, 120_000)

  it('gives the whole past again when the first start was killed before it was whole', async () => {
    const directory = join(folder, 'half')
    const args = ['--port', String(await threeFreePorts()), '--dir', directory, '--speed', '20']
    const first = runSandbox(args)
    while (!first.stdout().includes('Giving the shop a past')) await new Promise((resolve) => setTimeout(resolve, 20))
    first.signal('SIGKILL')
    await first.ended
    expect(existsSync(join(directory, 'world'))).toBe(true)
    const again = await openSandbox(args)
    expect(again.stdout()).toContain('Giving the shop a past')
    again.signal('SIGINT')
    expect(await again.ended).toBe(0)
  }, 120_000)
})
