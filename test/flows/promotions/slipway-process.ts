import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Slipway in a process of its own, as it runs anywhere. */
export interface SlipwayProcess {
  readonly pid: number
  /** As `kill -9` of the whole group; nothing when it has ended. */
  kill(): Promise<void>
  /** SIGTERM; its exit code. */
  terminate(): Promise<number | null>
  logged(): string
  signal(signal: NodeJS.Signals): void
}

const root = fileURLToPath(new URL('../../..', import.meta.url))

/**
 * Starts it and waits until it says that it is ready; `first` is a module that is loaded before, `program` what to run instead of the sources. Rejects
 * with its output when it ends before.
 */
export const startProcess = async (environment: Readonly<Record<string, string>>, first: string | null = null, program: string | null = null, level = 'debug'): Promise<SlipwayProcess> => {
  const child = spawn(process.execPath, [...(program === null ? ['--import', 'tsx'] : []), ...(first === null ? [] : ['--import', first]), program ?? 'src/main.ts'], {
    cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment, LOG_LEVEL: level },
  })
  const { pid } = child
  if (pid === undefined) throw new Error('Slipway could not be started')
  let output = ''
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      output += chunk.toString()
      if (output.includes('ready: /healthz')) resolve()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    void ended.then((code) => reject(new Error(`Slipway ended with ${code}:\n${output}`)))
  })
  return {
    pid, logged: () => output,
    signal: (signal) => void process.kill(pid, signal),
    kill: async () => {
      if (child.exitCode === null && child.signalCode === null) process.kill(-pid, 'SIGKILL')
      await ended
    },
    terminate: () => {
      process.kill(pid, 'SIGTERM')
      return ended
    },
  }
}
