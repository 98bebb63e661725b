import { existsSync, readFileSync } from 'node:fs'
import { pino } from 'pino'
import postgres from 'postgres'
import { connectApi, type Api } from '../../sandbox/kubelet/api.ts'
import { channels, people, startSurroundings, type Surroundings } from '../../sandbox/world.ts'
import { readConfig } from '../../src/config.ts'
import { createOperations } from '../../src/rack/create-operations.ts'
import type { Operations } from '../../src/rack/operations.ts'
import { startSlipway, type Slipway } from '../../src/slipway.ts'
import { corpusImages } from '../corpus/images.ts'
import { installRights } from '../cluster/control-plane/install-rights.ts'
import { startControlPlane, type ControlPlane } from '../cluster/control-plane/start.ts'
import { startPostgres } from '../support/postgres-server.ts'
import { observerOf, startBeside, stopBeside, type Observer } from './processes.ts'

/** A control plane with scripted nodes and an observer of its own, PostgreSQL, a simulated Slack, and, once started, Slipway in this process. */
export interface BenchPlace {
  readonly control: ControlPlane
  readonly kube: Api
  readonly observer: Observer
  readonly surroundings: Surroundings
  /** Environment of a Slipway process that lives here, with the rights of deploy/slipway.yaml. */
  readonly environment: Readonly<Record<string, string>>
  readonly sql: postgres.Sql
  close(): Promise<void>
}

/** A channel for each of so many apps: Slack takes one post a second and channel. */
export const benchChannels: readonly { readonly id: string; readonly name: string }[] = Array.from({ length: 10 }, (_, index) => ({ id: `C0BENCH${String(index)}`, name: `bench-${String(index)}` }))

const slack = {
  limits: { posting: { perMinute: 6_000, burst: 100 }, methods: { 'chat.update': { perMinute: 6_000, burst: 100 } } },
  channels: [...Object.values(channels), ...benchChannels].map(({ id, name }) => ({ id, name, members: Object.values(people).map((person) => person.id), bot: true })),
}

const key = `bench:${Buffer.alloc(32, 9).toString('base64')}`

/** Opens the place; closing it closes what was opened, the last first. */
export const openPlace = async (): Promise<BenchPlace> => {
  const closing: (() => unknown)[] = []
  const close = async (): Promise<void> => {
    for (const each of closing.splice(0).reverse()) await each()
  }
  try {
    const control = await startControlPlane()
    closing.push(() => control.stop())
    const kube = connectApi(control.kubeconfig)
    closing.push(() => kube.close())
    await installRights(kube)
    const node = await startBeside('beside.ts', ['node', control.kubeconfig])
    closing.push(() => stopBeside(node))
    const watching = await startBeside('beside.ts', ['observer', control.kubeconfig])
    closing.push(() => stopBeside(watching))
    const server = await startPostgres()
    closing.push(() => server.stop())
    const surroundings = await startSurroundings(await control.serviceAccountKubeconfig('slipway', 'slipway'), { directory: null, slack, scenarios: corpusImages })
    closing.push(() => surroundings.close())
    const sql = postgres(server.url, { max: 2, onnotice: () => {} })
    closing.push(() => sql.end({ timeout: 2 }))
    return { control, kube, observer: observerOf(watching), surroundings, sql, close, environment: { ...surroundings.settings, DATABASE_URL: server.url, SECRET_KEY: key, PORT: '0' } }
  } catch (error) {
    await close()
    throw error
  }
}

/** Slipway in this process. */
export interface Engine { readonly slipway: Slipway; readonly operations: Operations }

export const startEngine = async (environment: Readonly<Record<string, string>>): Promise<Engine> => {
  const config = readConfig({ env: environment, readFile: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : null), hostname: 'bench' })
  // The observer tells the time by the wall clock. While that one is being set, a clock that nobody sets runs away from it by a millisecond a second.
  const slipway = await startSlipway(config, pino({ level: 'error' }, pino.destination(2)), { clock: () => new Date() })
  return { slipway, operations: createOperations(slipway.rack) }
}
