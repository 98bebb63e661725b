import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** Who clears up after the node, whatever becomes of this process. */
export interface Janitor {
  /** For everything the node keeps on disk. */
  readonly folder: string
  /** Once the node's programs have been stopped: clears up. Throws with what the janitor said when something would not go. */
  end(): Promise<void>
}

/** Starts the janitor; waits for another node of this machine to end. It is its own process group: a Ctrl-C at the terminal does not reach it. */
export const startJanitor = async (): Promise<Janitor> => {
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'janitor-process.ts')], { stdio: 'pipe', detached: true })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
    process.stderr.write(chunk)
  })
  const gone = once(child, 'exit')
  const folder = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([line]) => String(line)),
    gone.then(([code]) => {
      throw new Error(`the janitor ended with ${String(code)}: ${said}`)
    }),
  ])
  return {
    folder,
    end: async () => {
      child.stdin.end()
      const [code] = await gone
      if (code !== 0) throw new Error(`the janitor ended with ${String(code)}: ${said}`)
    },
  }
}
