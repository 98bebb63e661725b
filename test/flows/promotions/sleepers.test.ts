import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { openHolds } from './holds.ts'
import { channelFor, channelsOf, quickImport, runningApp } from './quick-app.ts'
import { startProcess, type SlipwayProcess } from './slipway-process.ts'
import { startStage, type Stage } from './stage.ts'

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const hour = 3_600_000

const shopOf = (other: string): string => `services:
  web:
    build: .
    port: 5000
    health:
      path: /
      interval: 1
  ${other}:
    build: .
    command: bin/${other}
    startupProbe: {tcpSocketPort: 7000, grace: 0, interval: 1, failureThreshold: 60}
`

const stageFor = (apps: readonly string[], speed: number): Promise<Stage> => {
  return startStage({ speed, slack: { channels: channelsOf(apps) } })
}

const endOf = (stage: Stage, release: string, within: number) =>
  stage.world.slack.until(async () => (await stage.rows(`select * from promotions where release_id = '${release}' and finished_at is not null`))[0], within)

const saidOnce = async (stage: Stage, app: string, release: string, back: boolean): Promise<void> => {
  const [row] = await stage.rows(`select id from promotions where release_id = '${release}'`)
  const cards = stage.world.slack.messages(channelFor(app).id).filter((message) => message.thread === undefined && message.blocks?.[0]?.block_id?.startsWith(String(row?.['id'])))
  expect(cards).toHaveLength(1)
  for (const card of cards) {
    await stage.lastWord(card, back ? /ERROR: rolled back to/ : /^```\nOK\n```/, 20_000)
    const lines = stage.thread(card).split('\n').filter((line) => /^\d{4}-/.test(line))
    expect(lines).toEqual([...new Set(lines)])
    expect(stage.statuses(card)).toEqual(['Running => Pending', 'Pending => Updating', ...(back ? ['Updating => Error', 'Error => Rollback', 'Rollback => Reverted'] : ['Updating => Running'])])
    expect(stage.world.slack.thread(card).filter((message) => message.broadcast)).toHaveLength(back ? 1 : 0)
  }
}

describe.concurrent('a process whose time is not that of the others', () => {
  it('changes nothing when it wakes after its lease went, wherever it fell asleep', async () => {
    const sleeps = [
      { app: 'apply', step: 'rolling_out apply', tag: '1.4.1', end: 'succeeded' },
      { app: 'restore', step: 'rolling_back restore', tag: 'crash', end: 'rolled_back' },
    ] as const
    const stage = await stageFor(sleeps.map(({ app }) => app), 20)
    const { world } = stage
    const releases = new Map<string, string>()
    await Promise.all(sleeps.map(async ({ app, tag }) => {
      await runningApp(world, { app, channel: channelFor(app).id, manifest: shopOf('old') })
      releases.set(app, await quickImport(world, app, tag, shopOf('new')))
    }))
    await world.stop()
    const holds = await openHolds(world.databaseUrl)
    const sleeper = await startProcess(world.environment, null, inject('slipwayBundle'))
    let other: SlipwayProcess | null = null
    try {
      for (const { app, step } of sleeps) await holds.hold('at', app, step)
      for (const { app } of sleeps) await stage.ana.command(channelFor(app).id, `/convox releases promote ${releases.get(app)} -a ${app}`)
      await world.slack.until(async () => (await Promise.all(sleeps.map(({ app }) => holds.isHeld(app)))).every(Boolean), 40_000)
      sleeper.signal('SIGSTOP')
      await holds.release()
      other = await startProcess({ ...world.environment, INSTANCE_ID: 'other' }, null, inject('slipwayBundle'))
      await Promise.all(sleeps.map(({ app }) => endOf(stage, releases.get(app) ?? '', 40_000)))
      await world.cluster.settled()
      const shown = () => sleeps.flatMap(({ app }) => ['deployments.apps', 'services', 'secrets'].flatMap((resource) => world.cluster.list(resource, `convox-${app}`)))
        .map(({ kind, metadata, spec }) => JSON.stringify([kind, metadata.namespace, metadata.name, metadata.uid, metadata['generation'], spec])).sort()
      const before = shown()
      const rows = await stage.rows('select id, status, step, epoch, rev, finished_at from promotions order by id')
      sleeper.signal('SIGCONT')
      await pause(6_000)
      expect(shown()).toEqual(before)
      expect(await stage.rows('select id, status, step, epoch, rev, finished_at from promotions order by id')).toEqual(rows)
      for (const { app, end } of sleeps) {
        expect(await endOf(stage, releases.get(app) ?? '', 1_000)).toMatchObject({ status: end })
        await saidOnce(stage, app, releases.get(app) ?? '', end === 'rolled_back')
      }
      expect(sleeper.logged()).toContain('a rollout went to another owner')
    } finally {
      await sleeper.kill()
      await other?.kill()
      await holds.close()
      await stage.close()
    }
  }, 120_000)

  it('judges by the time that goes on when its wall clock is set an hour ahead, and an hour back', async () => {
    const stage = await stageFor(['slow', 'crash'], 4)
    const { world } = stage
    const folder = await mkdtemp(join(tmpdir(), 'slipway-clock-'))
    const file = join(folder, 'jump')
    const releases = new Map<string, string>()
    await Promise.all(['slow', 'crash'].map(async (app) => {
      await runningApp(world, { app, channel: channelFor(app).id, manifest: shopOf('old'), params: { stability: '6s' } })
      releases.set(app, await quickImport(world, app, app))
    }))
    await world.stop()
    await writeFile(file, '0')
    const child = await startProcess({ ...world.environment, CLOCK_JUMP: file }, './test/flows/promotions/jumping-clock.ts')
    const set = async (jump: number): Promise<void> => {
      await writeFile(file, String(jump))
      child.signal('SIGUSR2')
    }
    const promoted = (app: string) => stage.ana.command(channelFor(app).id, `/convox releases promote ${releases.get(app)} -a ${app}`)
    const at = (app: string, step: string) => world.slack.until(async () => (await stage.newest(app))['step'] === step, 30_000)
    try {
      await promoted('slow')
      await at('slow', 'services')
      await set(hour)
      await at('slow', 'stability')
      await set(-hour)
      await promoted('crash')
      await at('crash', 'services')
      await set(hour)
      expect(await endOf(stage, releases.get('crash') ?? '', 40_000)).toMatchObject({ status: 'rolled_back', cause: { kind: 'crashed_at_start' }, epoch: 1 })
      expect(await endOf(stage, releases.get('slow') ?? '', 40_000)).toMatchObject({ status: 'succeeded', epoch: 1 })
      await saidOnce(stage, 'slow', releases.get('slow') ?? '', false)
      await saidOnce(stage, 'crash', releases.get('crash') ?? '', true)
      const [off] = await stage.rows('select max(abs(extract(epoch from finished_at - now())))::float8 as most from promotions')
      expect(Number(off?.['most'])).toBeLessThan(hour / 1_000 / 2)
    } finally {
      await child.kill()
      await stage.close()
      await rm(folder, { recursive: true })
    }
  }, 120_000)
})
