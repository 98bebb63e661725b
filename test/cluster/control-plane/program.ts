import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'

/** A program that a test started. */
export interface Program {
  name: string
  ended(): boolean
  /** The last lines of its log. */
  tail(): string
  /** Ends it by its process id and waits until it has gone; SIGKILL after five seconds. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

const running = new Set<number>()
process.once('exit', () => {
  // A test run that ends without its teardown leaves nothing behind.
  for (const pid of running) process.kill(pid, 'SIGKILL')
})

/** Of util-linux: the kernel ends what it starts when this process dies, even of SIGKILL. */
const setpriv = '/usr/bin/setpriv'
const dyingWithUs = (path: string, args: readonly string[]): [string, string[]] => (existsSync(setpriv) ? [setpriv, ['--pdeathsig', 'KILL', path, ...args]] : [path, [...args]])

/** Starts a program with its output in a log file. */
export const startProgram = (name: string, path: string, args: readonly string[], logFile: string): Program => {
  const log = openSync(logFile, 'a', 0o600)
  const child = spawn(...dyingWithUs(path, args), { stdio: ['ignore', log, log] })
  closeSync(log)
  const { pid } = child
  if (pid !== undefined) running.add(pid)
  let failure = ''
  const gone = new Promise<void>((resolve) => {
    const end = () => {
      if (pid !== undefined) running.delete(pid)
      resolve()
    }
    child.once('exit', end)
    child.once('error', (error) => {
      failure = error.message
      end()
    })
  })
  const ended = () => child.exitCode !== null || child.signalCode !== null || failure !== ''
  return {
    name,
    ended,
    tail: () => `${failure}${readFileSync(logFile, 'utf8').split('\n').slice(-25).join('\n')}`,
    stop: async (signal) => {
      if (ended()) return
      child.kill(signal)
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await gone
      clearTimeout(timer)
    },
  }
}
