import { readFileSync } from 'node:fs'
import { pino, type Logger } from 'pino'
import { channels, people, startWorld, type World, type WorldOptions } from '../../sandbox/world.ts'
import { readConfig } from '../../src/config.ts'
import { redaction } from '../../src/redaction.ts'
import { startSlipway, type Slipway } from '../../src/slipway.ts'
import { freshDatabase } from './database.ts'

export { channels, people }

const readFile = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

/** A key for tests; 32 bytes. */
const testKey = `test:${Buffer.alloc(32, 7).toString('base64')}`

/** A whole installation in this process: simulated Slack and cluster, real Postgres, the real `src/`. */
export interface TestWorld extends World {
  slipway(): Slipway
  /** Everything that was logged, at debug level. */
  logged(): string
  /** Stops Slipway as SIGTERM does. */
  stop(): Promise<void>
  /** Starts it again on the same database. */
  start(settings?: Readonly<Record<string, string>>): Promise<Slipway>
  readonly databaseUrl: string
  readonly shop: string
}

/** convox.yml of the shop: `web` with a port and two processes, `worker` without. */
export const shopManifest = `services:
  web:
    build: .
    command: bin/web
    port: 5000
    scale: 2
  worker:
    build: .
    command: bin/work
`

/** Starts a world with Slipway in it. `speed` is how many times as fast as recorded containers live (10). */
export const startTestWorld = async (options: Partial<WorldOptions> & { readonly settings?: Readonly<Record<string, string>> } = {}): Promise<TestWorld> => {
  const lines: string[] = []
  const log: Logger = pino({ level: 'debug', ...redaction }, { write: (line: string) => void lines.push(line) })
  const database = await freshDatabase()
  const world = await startWorld({ directory: null, speed: 10, ...options })
  let running: Slipway | null = null
  const start = async (settings: Readonly<Record<string, string>> = {}): Promise<Slipway> => {
    const env = { ...world.settings, DATABASE_URL: database.url, SECRET_KEY: testKey, ...options.settings, ...settings }
    running = await startSlipway(readConfig({ env, readFile, hostname: 'test' }), log)
    return running
  }
  const stop = async (): Promise<void> => {
    await running?.stop()
    running = null
  }
  try {
    await start()
  } catch (error) {
    await world.close()
    throw error
  }
  return {
    ...world, databaseUrl: database.url, shop: `${world.registry.address}/shop`, start, stop, logged: () => lines.join(''),
    slipway: () => {
      if (running === null) throw new Error('Slipway is stopped')
      return running
    },
    close: async () => {
      await stop()
      await world.close()
      await database.drop()
    },
  }
}
