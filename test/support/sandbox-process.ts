import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** `npm run sandbox` as a process of its own. */
export interface SandboxProcess {
  /** Everything it wrote so far. */
  stdout(): string
  stderr(): string
  signal(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void
  /** Resolves with its exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>
}

/** Starts sandbox/main.ts with these arguments. */
export const runSandbox = (args: readonly string[]): SandboxProcess => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'sandbox/main.ts', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err]: [string[], string[]] = [[], []]
  child.stdout.on('data', (chunk) => out.push(String(chunk)))
  child.stderr.on('data', (chunk) => err.push(String(chunk)))
  const ended = once(child, 'close').then(() => child.exitCode)
  return { stdout: () => out.join(''), stderr: () => err.join(''), signal: (signal) => void child.kill(signal), ended }
}

/** Starts it and waits until it names its page. Throws with what it said when it ends before. */
export const openSandbox = async (args: readonly string[]): Promise<SandboxProcess & { readonly url: string }> => {
  const sandbox = runSandbox(args)
  let over = false
  void sandbox.ended.then(() => (over = true))
  for (;;) {
    const url = /Open (http:\S+)/.exec(sandbox.stdout())?.[1]
    if (url !== undefined) return { ...sandbox, url }
    if (over) throw new Error(`the sandbox ended: ${sandbox.stdout()}${sandbox.stderr()}`)
    await sleep(50)
  }
}

const listens = async (port: number): Promise<(() => Promise<void>) | null> => {
  const server = createServer()
  const heard = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => resolve(true))
  })
  if (!heard) return null
  return async () => {
    server.close()
    await once(server, 'close')
  }
}

/** The first of three free ports in a row: page, registry, cluster. Below the range that the system hands out by itself. */
export const threeFreePorts = async (): Promise<number> => {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = 12_000 + Math.floor(Math.random() * 18_000)
    const held = await Promise.all([port, port + 1, port + 2].map(listens))
    await Promise.all(held.map((close) => close?.()))
    if (held.every((one) => one !== null)) return port
  }
  throw new Error('no three free ports in a row')
}
