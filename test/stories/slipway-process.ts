import { spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { request } from 'undici'
import { inject } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Milliseconds from start to ready; a busy machine takes a while. */
const patience = 60_000

/** Slipway as a process of its own. */
export interface SlipwayProcess {
  readonly pid: number
  /** SIGKILL: no goodbye. */
  kill(): Promise<void>
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>
}

const alive = new Set<number>()
process.once('exit', () => {
  // A test run that ends without its teardown leaves nothing behind.
  for (const pid of alive) process.kill(pid, 'SIGKILL')
})

const isReady = async (port: number): Promise<boolean> => {
  const { statusCode, body } = await request(`http://127.0.0.1:${port}/readyz`)
  await body.dump()
  return statusCode === 200
}

/** Starts the program with this environment and waits until /readyz says so. Throws with what it printed when it does not. */
export const startSlipwayProcess = async (environment: Readonly<Record<string, string>>): Promise<SlipwayProcess> => {
  const child = spawn(process.execPath, [inject('slipwayBundle')], {
    cwd: root, env: { PATH: process.env['PATH'], ...environment, LOG_LEVEL: 'info' }, stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { pid } = child
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const gone = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => {
      if (pid !== undefined) alive.delete(pid)
      resolve(code)
    })
  })
  if (pid === undefined) throw new Error(`no process: ${await gone}`)
  alive.add(pid)
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> => {
    child.kill(signal)
    return gone
  }
  const deadline = Date.now() + patience
  for (;;) {
    const port = /\/readyz on port (\d+)/.exec(printed)?.[1]
    if (port !== undefined && (await isReady(Number(port)))) return { pid, stop: () => end('SIGTERM'), kill: async () => void (await end('SIGKILL')) }
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      await end('SIGKILL')
      throw new Error(`Slipway was not ready:\n${printed.slice(-4_000)}`)
    }
    await pause(50)
  }
}
