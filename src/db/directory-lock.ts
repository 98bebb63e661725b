import { createHash } from 'node:crypto'
import { realpath, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Another process has this data directory open; two would silently lose each other's writes (reference/stack.md 2). */
export class DirectoryInUseError extends Error {
  constructor(directory: string) {
    super(`${directory} is in use by another Slipway process. Stop that one first, or set DATA_DIR to another directory.`)
    this.name = 'DirectoryInUseError'
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '')

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

const listen = (path: string): Promise<() => Promise<void>> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', reject)
    server.listen(path, () => {
      server.unref()
      resolve(() => new Promise((done) => server.close(() => done())))
    })
  })

/**
 * Locks a directory for this process; freed when the process ends, however it ends.
 * Linux: an abstract socket. Elsewhere: a socket file, taken over when nobody answers on it.
 * Throws `DirectoryInUseError` when another process holds it.
 */
export const lockDirectory = async (directory: string): Promise<() => Promise<void>> => {
  const name = `slipway-${createHash('sha256').update(await realpath(directory)).digest('hex').slice(0, 32)}`
  const path = process.platform === 'linux' ? `\0${name}` : join(tmpdir(), `${name}.sock`)
  try {
    return await listen(path)
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error
    if (process.platform === 'linux' || (await answers(path))) throw new DirectoryInUseError(directory)
    await rm(path, { force: true })
    return listen(path)
  }
}
