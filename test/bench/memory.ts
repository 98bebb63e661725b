import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchPlace } from './place.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Milliseconds after its start: what is needed once is done by then, and collected. */
const rest = 30_000
/** Milliseconds for what Slack still has to be told. */
const telling = 180_000

/** Resident memory of Slipway as it is installed (compiled, in a process of its own, on PostgreSQL) when it has nothing to do, in MB. */
export const restingMemory = async (place: BenchPlace): Promise<number> => {
  const cache = join(root, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const built = mkdtempSync(join(cache, 'slipway-bench-'))
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json'), '--outDir', built], { cwd: root, stdio: 'inherit' })
    cpSync(join(root, 'src/db/migrations'), join(built, 'src/db/migrations'), { recursive: true })
    const child = spawn(process.execPath, [join(built, 'src/main.js')], { cwd: root, env: { PATH: process.env['PATH'] ?? '', HOME: built, ...place.environment }, stdio: ['ignore', 'ignore', 'inherit'] })
    const gone = new Promise((resolve) => child.once('exit', resolve))
    const since = Date.now()
    const busy = async (): Promise<boolean> => (await place.sql`select 1 from conversations where dirty limit 1`).length > 0
    while (child.exitCode === null && Date.now() - since < telling && (Date.now() - since < rest || (await busy()))) await new Promise((resolve) => setTimeout(resolve, 1_000))
    if (child.exitCode !== null || child.pid === undefined) throw new Error('the compiled Slipway did not keep running')
    const kilobytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(child.pid)}/status`, 'utf8'))?.[1])
    child.kill('SIGTERM')
    await gone
    return kilobytes / 1024
  } finally {
    rmSync(built, { recursive: true, force: true })
  }
}
