import { execFile } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const recorded = (name: string): string => fileURLToPath(new URL(`../recordings/${name}.jsonl`, import.meta.url))

const judge = (...args: readonly string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', 'scripts/judge.ts', ...args], { cwd: root }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err })
    })
  })

describe.concurrent('npm run judge', () => {
  it('prints each change of the verdict with time, rule, pod and evidence, and the final one as JSON', async ({ expect: see }) => {
    const { code, out, err } = await judge(recorded('crash'))
    see([code, err]).toEqual([0, ''])
    const lines = out.trimEnd().split('\n')
    see(lines.slice(2, 5)).toEqual([
      '    0.005 s  roll-out: progressing', '    1.780 s  roll-out: failed',
      see.stringMatching(/^ {13} {2}crash-loop {2}crashed_at_start {2}web {2}web-5d88978c58-xd7nk\/main: Error, exit 1, 1 restarts, 1 of 1 new processes, /),
    ])
    see(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ direction: 'back', kind: 'complete', before: { direction: 'out', kind: 'failed', causes: [{ rule: 'crash-loop', process: 'web-5d88978c58-xd7nk' }] } })
  })

  it('judges by another deadline, and lets the clock run on', async ({ expect: see }) => {
    const { code, out } = await judge(recorded('unschedulable'), '--deadline', '20s', '--wait', '1m')
    see(code).toBe(0)
    see(JSON.parse(out.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ direction: 'out', kind: 'failed', causes: [{ rule: 'deadline', deadline: 20 }] })
  })

  it('says what is wrong with a file, and exits with 2', async ({ expect: see }) => {
    const file = join(await mkdtemp(join(tmpdir(), 'judge-')), 'nonsense.jsonl')
    await writeFile(file, 'nonsense\n')
    const bad: readonly [args: readonly string[], says: RegExp][] = [
      [[`${file}.none`], /^This file cannot be judged: ENOENT/],
      [[file], /^This file cannot be judged: line 1 is not JSON/],
      [[file, '--deadline', 'soon'], /^--deadline takes 90s, 10m or 2h, not soon\nusage: /],
    ]
    for (const [args, says] of bad) {
      const { code, err } = await judge(...args)
      see([code, err]).toEqual([2, see.stringMatching(says)])
    }
  }, 30_000)
})
