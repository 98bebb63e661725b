import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Message } from '../../../sandbox/slack/records.ts'
import { openHolds, type HoldKind, type Holds } from './holds.ts'
import { channelFor, quickApp, quickImport, runningApp } from './quick-app.ts'
import { startProcess, type SlipwayProcess } from './slipway-process.ts'
import { startStage, type Stage } from './stage.ts'

/** Where a promotion stands when its process dies, and what comes of it. */
interface Death {
  readonly app: string
  readonly step: string
  readonly tag: string
  readonly end: 'succeeded' | 'rolled_back' | 'failed'
  /** Cancelled as soon as its services are watched. */
  readonly cancelled?: true
  readonly first?: true
  /** Its releases have a release command. */
  readonly command?: true
}

const deaths: readonly Death[] = [
  { app: 'queued', step: 'queued', tag: '1.4.1', end: 'succeeded' },
  { app: 'dry-run', step: 'rolling_out dry_run', tag: '1.4.1', end: 'succeeded' },
  { app: 'command', step: 'rolling_out release_job', tag: '1.4.1', end: 'succeeded', command: true },
  { app: 'apply', step: 'rolling_out apply', tag: '1.4.1', end: 'succeeded' },
  { app: 'services', step: 'rolling_out services', tag: '1.4.1', end: 'succeeded' },
  { app: 'stability', step: 'rolling_out stability', tag: '1.4.1', end: 'succeeded' },
  { app: 'prune', step: 'rolling_out prune', tag: '1.4.1', end: 'succeeded' },
  { app: 'turn', step: 'rolling_back evidence', tag: 'crash', end: 'rolled_back' },
  { app: 'restore', step: 'rolling_back restore', tag: 'crash', end: 'rolled_back' },
  { app: 'services-back', step: 'rolling_back services_back', tag: 'crash', end: 'rolled_back' },
  { app: 'first-verdict', step: 'rolling_out evidence', tag: 'crash', end: 'failed', first: true },
  { app: 'scale-down', step: 'rolling_out scale_down', tag: 'crash', end: 'failed', first: true },
  { app: 'cancel', step: 'rolling_back evidence', tag: 'notready', end: 'rolled_back', cancelled: true },
  { app: 'cancel-back', step: 'rolling_back services_back', tag: 'notready', end: 'rolled_back', cancelled: true },
]
const those = (...apps: readonly string[]): readonly Death[] => apps.flatMap((app) => deaths.filter((death) => death.app === app))
/** The steps that do something, two at a time: each holds a connection of the process for its commit and one for its lease. */
const early = [those('queued', 'apply'), those('command', 'turn'), those('prune'), those('restore', 'scale-down')].map((dying, index) => ({ part: index + 1, dying }))

/** What died with its process, and who is there when it does. */
interface Fall {
  /** The release that each app promotes. */
  readonly promoted: ReadonlyMap<string, string>
  /** Of each app's promotion as the dead process had it; 0 for one that it never had. */
  readonly epochs: ReadonlyMap<string, number>
  /** `performance.now()` of the kill. */
  readonly at: number
}

/** What ran before has a service that the new one lacks, and the other way round: there is something to prune, and something to take away. */
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

const releaseCommand = 'release:\n  service: web\n  command: bin/migrate\n'

describe('a process that dies in the middle of promotions', () => {
  let stage: Stage
  let holds: Holds
  let child: SlipwayProcess
  const active = new Map<string, string>()
  const coming = new Map<string, string[]>()

  beforeAll(async () => {
    const members = ['U0ANA', 'U0BO']
    const releases = { id: 'C0RELEASES', name: 'releases', members: [...members, 'U0CY'], bot: true }
    stage = await startStage({ slack: { channels: [releases, ...deaths.map(({ app }) => ({ ...channelFor(app), members, bot: true }))] } })
    const { world } = stage
    await Promise.all(deaths.map(async ({ app, tag, first, command }) => {
      const channel = channelFor(app).id
      if (first === true) await quickApp(world, { app, channel })
      else active.set(app, await runningApp(world, { app, channel, manifest: shopOf('old'), params: { stability: '1s' } }))
      const imports = []
      for (const other of ['one', 'two', 'three', 'four']) imports.push(await quickImport(world, app, tag, command === true ? `${shopOf(other)}${releaseCommand}` : shopOf(other)))
      coming.set(app, imports)
    }))
    await world.stop()
    holds = await openHolds(world.databaseUrl)
    child = await startProcess(world.environment, null, inject('slipwayBundle'))
  }, 120_000)
  afterAll(async () => {
    await child.kill()
    await holds.close()
    await stage.close()
  })

  const rowOf = async (release: string) => (await stage.rows(`select * from promotions where release_id = '${release}'`))[0] ?? {}

  /**
   * Promotes all of these, waits until each stands at its step, and kills the process. `heir`: the instance id of another replica, which is ready by then and
   * takes its place; without one the leases are made to live on, so that only who has the dead one's name may go on.
   */
  const die = async (kind: HoldKind, dying: readonly Death[], heir: string | null = null): Promise<Fall> => {
    const promoted = new Map(dying.map(({ app }) => [app, coming.get(app)?.shift() ?? '']))
    for (const { app, step } of dying) await holds.hold(kind, app, step)
    await Promise.all(dying.map(async ({ app, cancelled }) => {
      const release = promoted.get(app) ?? ''
      await stage.ana.command(channelFor(app).id, `/convox releases promote ${release} -a ${app}`)
      if (cancelled !== true) return
      await stage.world.slack.until(async () => (await rowOf(release))['step'] === 'services', 20_000)
      await stage.ana.command(channelFor(app).id, `/convox apps cancel ${app}`)
    }))
    await stage.world.slack.until(async () => (await Promise.all(dying.map(({ app }) => holds.isHeld(app)))).every(Boolean), 40_000)
    const next = heir === null ? null : await startProcess({ ...stage.world.environment, INSTANCE_ID: heir }, null, inject('slipwayBundle'))
    const epochs = new Map<string, number>()
    for (const { app } of dying) epochs.set(app, Number((await rowOf(promoted.get(app) ?? ''))['epoch'] ?? 0))
    // What is being written is not there before the process is dead, and with another replica it moves on at once: that it stood there, the hold says.
    const standsAt = async ({ app, step }: Death): Promise<void> => {
      const row = await rowOf(promoted.get(app) ?? '')
      expect(`${String(row['status'])} ${String(row['step'] ?? '')}`.trim()).toBe(step)
    }
    if (kind === 'after') await Promise.all(dying.map(standsAt))
    await child.kill()
    const at = performance.now()
    await holds.release()
    if (next === null) {
      await Promise.all(dying.map(standsAt))
      await stage.rows(`update promotions set lease_until = now() + interval '1 minute' where lease_owner is not null and finished_at is null`)
    } else child = next
    return { promoted, epochs, at }
  }

  /** Everything that died has another owner than the dead process `within` ms of `since`. */
  const isTakenUp = async ({ promoted, epochs }: Fall, since: number, within: number): Promise<void> => {
    const left = async (): Promise<readonly string[]> => {
      const rows = await Promise.all([...promoted].map(async ([app, release]) => ({ app, row: await rowOf(release) })))
      return rows.filter(({ app, row }) => Number(row['epoch'] ?? 0) <= (epochs.get(app) ?? 0)).map(({ app }) => app)
    }
    await expect.poll(left, { timeout: Math.max(1, since + within - performance.now()), interval: 50 }).toEqual([])
  }

  const cardOf = async (death: Death, release: string): Promise<Message> => {
    const { id } = await rowOf(release)
    const cards = stage.world.slack.messages(channelFor(death.app).id).filter((message) => message.thread === undefined && message.blocks?.[0]?.block_id?.startsWith(String(id)))
    expect(cards).toHaveLength(1)
    const [card] = cards
    if (card === undefined) throw new Error(`no card of ${release}`)
    return card
  }

  /** One outcome, one last word, one card, every line once, and on the cluster exactly what should run. */
  const endsOnce = async (death: Death, release: string): Promise<void> => {
    const { world } = stage
    const { app } = death
    const before = active.get(app)
    const row = await world.slack.until(async () => (await stage.rows(`select * from promotions where release_id = '${release}' and finished_at is not null`))[0], 40_000)
    expect({ app, status: row['status'], cause: row['cause'] }).toMatchObject({ status: death.end })
    if (death.end === 'succeeded') active.set(app, release)
    const back = active.get(app)
    expect(await stage.rows(`select id from promotions where release_id = '${release}'`)).toHaveLength(1)
    const ends = await stage.rows(`select action from audit where promotion_id = '${String(row['id'])}' and action in ('promotion.succeed', 'promotion.fail', 'promotion.rolled_back', 'promotion.rollback_failed', 'promotion.supersede')`)
    expect(ends).toEqual([{ action: { succeeded: 'promotion.succeed', rolled_back: 'promotion.rolled_back', failed: 'promotion.fail' }[death.end] }])

    const word = { succeeded: /^```\nOK\n```/, rolled_back: death.cancelled === true ? /ERROR: cancelled by/ : /ERROR: rolled back to/, failed: /ERROR: first release failed/ }[death.end]
    const card = await world.slack.until(async () => cardOf(death, release))
    await stage.lastWord(card, word, 20_000)
    const lines = stage.thread(card).split('\n').filter((line) => /^\d{4}-/.test(line))
    expect(lines).toEqual([...new Set(lines)])
    const start = before === undefined ? 'None' : 'Running'
    const verdict = death.cancelled === true ? 'Cancelled' : 'Error'
    expect(stage.statuses(card)).toEqual({
      succeeded: [`${start} => Pending`, 'Pending => Updating', 'Updating => Running'],
      rolled_back: [`${start} => Pending`, 'Pending => Updating', `Updating => ${verdict}`, `${verdict} => Rollback`, 'Rollback => Reverted'],
      failed: ['None => Pending', 'Pending => Updating', 'Updating => Error', 'Error => Failure'],
    }[death.end])
    // Whatever died: the command ran in one process.
    if (death.command === true) expect(new Set(stage.lines(card).flatMap((line) => /^release\/(\S+)/.exec(line)?.[1] ?? [])).size).toBe(1)
    const messages = world.slack.thread(card)
    expect(messages.filter((message) => word.test(message.text) || word.test(JSON.stringify(message.blocks ?? [])))).toHaveLength(1)
    expect(messages.filter((message) => message.broadcast)).toHaveLength(death.end === 'succeeded' || death.cancelled === true ? 0 : 1)
    // A good end is drawn in its turn: what failed goes first, and Slack takes so many redraws a minute.
    await world.slack.until(() => (stage.buttons(card).length === 0 ? true : undefined), 30_000)

    const deployments = world.cluster.list('deployments.apps', `convox-${app}`)
    if (death.end === 'failed') {
      for (const deployment of deployments) expect(deployment['spec']).toMatchObject({ replicas: 0 })
    } else {
      for (const deployment of deployments) expect(JSON.stringify(deployment['spec'])).toContain(back)
      const services = await stage.rows(`select objects from inventories join good_releases on good_releases.promotion_id = inventories.promotion_id where app = '${app}'`)
      const inventory: unknown = services[0]?.['objects']
      const wanted = Array.isArray(inventory) ? inventory.filter((object) => object.kind === 'Deployment').map((object) => object.metadata.name) : []
      expect(deployments.map((deployment) => deployment.metadata.name).sort()).toEqual(wanted.sort())
    }
  }

  describe('when what the step does is done, and the next step is not written', () => {
    let fall: Fall
    let ready: number
    beforeAll(async () => {
      fall = await die('after', deaths)
      child = await startProcess(stage.world.environment, null, inject('slipwayBundle'))
      ready = performance.now()
    }, 90_000)

    it('is taken up within 2 s once the process is there again', () => isTakenUp(fall, ready, 2_000))
    it.each(deaths)('ends once: $app, $step', (death) => endsOnce(death, fall.promoted.get(death.app) ?? ''), 60_000)
  })

  describe.each(early)('when the step is written, and nothing of it is done ($part)', ({ dying }) => {
    let fall: Fall
    let ready: number
    beforeAll(async () => {
      fall = await die('at', dying)
      child = await startProcess(stage.world.environment, null, inject('slipwayBundle'))
      ready = performance.now()
    }, 90_000)

    it('is taken up within 2 s once the process is there again', () => isTakenUp(fall, ready, 2_000))
    it.each(dying)('ends once: $app, $step', (death) => endsOnce(death, fall.promoted.get(death.app) ?? ''), 60_000)
  })

  // Each heir dies in its turn.
  describe('while another replica runs', () => {
    describe('when what the step does is done, and the next step is not written', () => {
      let fall: Fall
      beforeAll(async () => {
        fall = await die('after', deaths, 'heir-0')
      }, 90_000)

      it('is taken over within 15 s of the death', () => isTakenUp(fall, fall.at, 15_000), 20_000)
      it.each(deaths)('ends once: $app, $step', (death) => endsOnce(death, fall.promoted.get(death.app) ?? ''), 60_000)
    })

    describe.each(early)('when the step is written, and nothing of it is done ($part)', ({ part, dying }) => {
      let fall: Fall
      beforeAll(async () => {
        fall = await die('at', dying, `heir-${part}`)
      }, 90_000)

      it('is taken over within 15 s of the death', () => isTakenUp(fall, fall.at, 15_000), 20_000)
      it.each(dying)('ends once: $app, $step', (death) => endsOnce(death, fall.promoted.get(death.app) ?? ''), 60_000)
    })
  })
})
