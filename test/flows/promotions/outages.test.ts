import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openGate } from '../../../sandbox/cluster/gate.ts'
import { openMuteGate } from '../../support/mute-gate.ts'
import { openHolds } from './holds.ts'
import { cardOf, channelFor, channelsOf, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Seconds for which somebody is away. */
const away = 30

/** A door in our way to Postgres or the API server. `shut` begins the outage; where it says nothing more, the end of it is `open`. */
interface Door { readonly port: number; shut(): Promise<void>; open(): Promise<void>; close(): Promise<void> }

/** Connections are refused. */
const refusing = async (inner: number): Promise<Door> => {
  let gate = await openGate(0, inner)
  const { port } = gate
  return {
    port, shut: () => gate.close(), close: () => gate.close(),
    open: async () => {
      gate = await openGate(port, inner)
    },
  }
}
/** Nothing is closed, nothing comes; afterwards everything arrives. */
const frozen = async (inner: number): Promise<Door> => {
  const gate = await openGate(0, inner)
  return { port: gate.port, shut: async () => gate.pause(), open: async () => gate.resume(), close: () => gate.close() }
}
/** Nothing is closed and nothing ever comes again on what was open; new connections pass. */
const vanished = async (inner: number): Promise<Door> => {
  const gate = await openMuteGate(inner)
  return { port: gate.port, shut: async () => gate.mute(), open: async () => gate.forget(), close: () => gate.close() }
}

interface Outage { readonly what: string; readonly database?: typeof refusing; readonly cluster?: typeof refusing }

const outages: readonly Outage[] = [
  { what: 'Postgres refuses connections', database: refusing },
  { what: 'Postgres is frozen', database: frozen },
  { what: 'the machine of Postgres vanished', database: vanished },
  { what: 'the API server refuses connections', cluster: refusing },
  { what: 'the API server is frozen', cluster: frozen },
  { what: 'both refuse connections', database: refusing, cluster: refusing },
]

/** One that is proven meanwhile, one that comes back, and one whose deadline is over long before sight returns. */
const roles = [
  { app: 'window', tag: '1.4.1', end: 'Succeeded', deadline: null, params: { stability: '12s' } },
  { app: 'crash', tag: 'crash', end: 'Rolled back', deadline: null, params: { stability: '1s' } },
  { app: 'slow', tag: 'slow', end: 'Succeeded', deadline: 30, params: { stability: '1s' } },
] as const

const manifest = `services:
  web:
    build: .
    port: 5000
    health:
      path: /
      interval: 1
      grace: 1
`

/** Held where nothing of the step is written to the cluster yet, with a deadline that is over before sight returns. */
const held = [
  { app: 'apply', tag: '1.4.1', step: 'rolling_out apply', way: 'out', end: 'Succeeded' },
  { app: 'restore', tag: 'crash', step: 'rolling_back restore', way: 'back', end: 'Rolled back' },
] as const
const shortest = 30

const living = async ({ database, cluster }: Outage, work: (stage: Stage, doors: readonly Door[]) => Promise<void>): Promise<void> => {
  const stage = await startStage({ speed: 4, slack: { channels: channelsOf([...roles, ...held].map(({ app }) => app)) } })
  const doors: Door[] = []
  try {
    await stage.world.stop()
    const settings: Record<string, string> = {}
    const url = new URL(stage.world.databaseUrl)
    if (database !== undefined) {
      const door = await database(Number(url.port))
      doors.push(door)
      url.port = String(door.port)
      settings['DATABASE_URL'] = url.toString()
    }
    if (cluster !== undefined) {
      const direct = new URL(stage.world.cluster.url)
      const door = await cluster(Number(direct.port))
      doors.push(door)
      settings['KUBECONFIG'] = join(tmpdir(), `slipway-outage-${door.port}.yaml`)
      await writeFile(settings['KUBECONFIG'], stage.world.cluster.kubeconfig.replace(`:${direct.port}`, `:${door.port}`), { mode: 0o600 })
    }
    await stage.world.start(settings)
    await work(stage, doors)
  } finally {
    await stage.close()
    for (const door of doors) await door.close()
  }
}

describe.concurrent('promotions while somebody is away for half a minute', () => {
  it.each(outages)('end as if nothing had been: $what', (outage) => living(outage, async (stage, doors) => {
    const { world } = stage
    const releases = new Map<string, string>()
    await Promise.all(roles.map(async ({ app, tag, params }) => {
      await runningApp(world, { app, channel: channelFor(app).id, manifest, params })
      releases.set(app, await quickImport(world, app, tag))
    }))
    const stepOf = async (app: string): Promise<unknown> => (await stage.newest(app))['step']
    await quickPromote(world, 'window')
    await world.slack.until(async () => (await stepOf('window')) === 'stability', 20_000)
    for (const { app, deadline } of roles) if (app !== 'window') await quickPromote(world, app, null, deadline)
    for (const app of ['crash', 'slow']) await world.slack.until(async () => ['services', 'evidence', 'restore', 'services_back'].includes(String(await stepOf(app))), 20_000)

    for (const door of doors) await door.shut()
    await pause(away * 1_000)
    const then = await stage.rows('select app, status from promotions where finished_at is null order by app')
    for (const door of doors) await door.open()
    // Blind, nothing is judged; a database that comes back by another way is written to.
    if (outage.cluster !== undefined) expect(then).toEqual([{ app: 'crash', status: expect.stringMatching(/^rolling/) }, { app: 'slow', status: 'rolling_out' }, { app: 'window', status: 'rolling_out' }])

    for (const { app, end } of roles) {
      const card = await cardOf(world, channelFor(app).id, new RegExp(`^${end}: .*${releases.get(app)}`), 45_000)
      const back = end === 'Rolled back'
      await stage.lastWord(card, back ? /ERROR: rolled back to/ : /^```\nOK\n```/, 20_000)
      const lines = stage.thread(card).split('\n').filter((line) => /^\d{4}-/.test(line))
      expect(lines).toEqual([...new Set(lines)])
      expect(stage.statuses(card)).toEqual(['Running => Pending', 'Pending => Updating', ...(back ? ['Updating => Error', 'Error => Rollback', 'Rollback => Reverted'] : ['Updating => Running'])])
      expect(world.slack.thread(card).filter((message) => message.broadcast)).toHaveLength(back ? 1 : 0)
      expect(stage.buttons(card)).toEqual([])
      expect(world.slack.messages(channelFor(app).id).filter((message) => message.thread === undefined && message.text.includes(releases.get(app) ?? '-'))).toHaveLength(1)
    }
    expect(await stage.rows('select app from promotions where finished_at is null')).toEqual([])
  }), 150_000)
})

describe.concurrent('promotions that write while the API server is away for longer than their deadline', () => {
  it.each(outages.filter(({ cluster, database }) => cluster !== undefined && database === undefined))('go on where they stood: $what', (outage) => living(outage, async (stage, doors) => {
    const { world } = stage
    const holds = await openHolds(world.databaseUrl)
    try {
      await Promise.all(held.map(({ app }) => runningApp(world, { app, channel: channelFor(app).id, manifest, params: { stability: '1s' } })))
      const releases = new Map<string, string>()
      for (const { app, tag, step } of held) {
        releases.set(app, await quickImport(world, app, tag))
        await holds.hold('at', app, step)
      }
      for (const { app } of held) await quickPromote(world, app, null, shortest)
      for (const { app } of held) await world.slack.until(async () => ((await holds.isHeld(app)) ? true : undefined), 20_000)
      for (const door of doors) await door.shut()
      await holds.release()
      await pause((shortest + 8) * 1_000)
      expect(await stage.rows('select app, status, step from promotions where finished_at is null order by app')).toEqual(held.map(({ app, step }) => ({ app, status: step.split(' ')[0], step: step.split(' ')[1] })))
      for (const door of doors) await door.open()

      for (const { app, way, end } of held) {
        const card = await cardOf(world, channelFor(app).id, new RegExp(`^(Succeeded|Failed|Rolled back|Rollback FAILED): .*${releases.get(app)}`), 45_000)
        expect(card.text).toMatch(new RegExp(`^${end}: `))
        await stage.lastWord(card, end === 'Rolled back' ? /ERROR: rolled back to/ : /^```\nOK\n```/, 20_000)
        // All of it counts as blind for the deadline, also for whoever would take it up now.
        expect(Number((await stage.rows(`select state->'${way}'->>'blindMs' as blind from promotions where release_id = '${releases.get(app)}'`))[0]?.['blind'])).toBeGreaterThan((shortest - 5) * 1_000)
      }
    } finally {
      await holds.close()
    }
  }), 150_000)
})
