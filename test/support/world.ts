import { readFileSync } from 'node:fs'
import { pino, type Logger } from 'pino'
import { channels, people, startSurroundings, startWorld, type Surroundings, type World, type WorldOptions } from '../../sandbox/world.ts'
import { readConfig } from '../../src/config.ts'
import { createKnownValues } from '../../src/rack/env/known-values.ts'
import { redactionWith } from '../../src/redaction.ts'
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

/** Slipway in this process, beside a workspace and some cluster. */
export interface Installation extends Surroundings {
  slipway(): Slipway
  /** Everything that was logged, at debug level. */
  logged(): string
  /** Stops Slipway as SIGTERM does. */
  stop(): Promise<void>
  /** Starts it again on the same database. */
  start(settings?: Readonly<Record<string, string>>): Promise<Slipway>
  readonly databaseUrl: string
  /** Environment of a Slipway process of its own that takes this one's place. */
  readonly environment: Readonly<Record<string, string>>
  readonly shop: string
}

/** A whole installation in this process: simulated Slack and cluster, real Postgres, the real `src/`. */
export type TestWorld = Installation & World

/** convox.yml of the shop: `web` with a port and two processes, `worker` without. */
/** Its worker has a check, as a service without any has to live for ten seconds before it is proven: rack/rollout/workloads.test.ts tells of those. */
export const shopManifest = `services:
  web:
    build: .
    command: bin/web
    port: 5000
    scale: 2
  worker:
    build: .
    command: bin/work
    startupProbe: {tcpSocketPort: 7000, grace: 0, interval: 1, failureThreshold: 60}
`

type Options = Partial<WorldOptions> & { readonly settings?: Readonly<Record<string, string>> }

/** Starts Slipway in these surroundings; closing it closes them too. */
const install = async <T extends Surroundings>(world: T, more: Readonly<Record<string, string>> = {}): Promise<T & Installation> => {
  const lines: string[] = []
  const values = createKnownValues()
  const log: Logger = pino({ level: 'debug', ...redactionWith(values.mask) }, { write: (line: string) => void lines.push(line) })
  const database = await freshDatabase()
  const environment = { ...world.settings, DATABASE_URL: database.url, SECRET_KEY: testKey, ...more }
  let running: Slipway | null = null
  const start = async (settings: Readonly<Record<string, string>> = {}): Promise<Slipway> => {
    running = await startSlipway(readConfig({ env: { ...environment, ...settings }, readFile, hostname: 'test' }), log, { learn: values.learn })
    return running
  }
  const stop = async (): Promise<void> => {
    await running?.stop()
    running = null
  }
  const close = async (): Promise<void> => {
    await stop()
    await world.close()
    await database.drop()
  }
  try {
    await start()
  } catch (error) {
    await close()
    throw error
  }
  return {
    ...world, databaseUrl: database.url, environment, shop: `${world.registry.address}/shop`, start, stop, close, logged: () => lines.join(''),
    slipway: () => {
      if (running === null) throw new Error('Slipway is stopped')
      return running
    },
  }
}

/** Starts a world with Slipway in it. `speed` is how many times as fast as recorded containers live (10). */
export const startTestWorld = async ({ settings, ...options }: Options = {}): Promise<TestWorld> =>
  install(await startWorld({ directory: null, speed: 10, ...options }), settings)

/** The same beside a cluster that runs already, with the rights of that kubeconfig file. */
export const installBeside = async (kubeconfig: string, { settings, ...options }: Options = {}): Promise<Installation> =>
  install(await startSurroundings(kubeconfig, { directory: null, ...options }), settings)
