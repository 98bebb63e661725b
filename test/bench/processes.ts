import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const frame = z.object({ at: z.number(), kind: z.string(), type: z.string(), object: z.record(z.string(), z.unknown()) })
/** What the observer saw of one namespace; `at` is this machine's clock, ms. */
export type Seen = z.output<typeof frame>

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Waits for the first message that `read` understands; throws when the process ends. */
export const answerOf = <T>(child: ChildProcess, read: (message: unknown) => T | undefined): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = (): void => {
      child.off('message', hear)
      child.off('exit', ended)
    }
    const hear = (message: unknown): void => {
      const answer = read(message)
      if (answer === undefined) return
      stop()
      resolve(answer)
    }
    const ended = (code: number | null): void => {
      stop()
      reject(new Error(`a process of the bench ended with ${String(code)}`))
    }
    child.on('message', hear)
    child.on('exit', ended)
  })

/** Starts a script of this folder and waits until it says that it is ready. */
export const startBeside = async (name: string, args: readonly string[], options: { readonly execArgv?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {}): Promise<ChildProcess> => {
  const child = fork(script(name), [...args], { execArgv: ['--import', 'tsx', ...(options.execArgv ?? [])], serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'], ...(options.env === undefined ? {} : { env: options.env }) })
  await answerOf(child, (message) => z.object({ ready: z.literal(true) }).safeParse(message).data)
  return child
}

/** Ends a process that `startBeside` started. */
export const stopBeside = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  if (child.connected) child.disconnect()
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await gone
  clearTimeout(timer)
}

/** The observer's side of the conversation. */
export interface Observer {
  begin(namespace: string): Promise<void>
  end(namespace: string): Promise<readonly Seen[]>
}

export const observerOf = (child: ChildProcess): Observer => ({
  begin: async (namespace) => {
    const begun = answerOf(child, (message) => z.object({ begun: z.literal(namespace) }).safeParse(message).data)
    child.send({ begin: namespace })
    await begun
  },
  end: async (namespace) => {
    const ended = answerOf(child, (message) => z.object({ ended: z.literal(namespace), frames: z.array(frame) }).safeParse(message).data)
    child.send({ end: namespace })
    return (await ended).frames
  },
})
