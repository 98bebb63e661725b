import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { labelsOf } from '../../../sandbox/cluster/object.ts'
import { setAppParams } from '../../../src/rack/app-params.ts'
import { ClusterRefusal } from '../../../src/rack/cluster/cluster-error.ts'
import { removeLateWrites } from '../../../src/rack/rollout/late-writes.ts'
import { storedInventory } from '../../../src/rack/rollout/plan.ts'
import { shopManifest } from '../../support/world.ts'
import { openLateGate } from './late-gate.ts'
import { admin, cardOf, channelFor, channelsOf, quickApp, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startProcess, type SlipwayProcess } from './slipway-process.ts'
import { startStage, type Stage } from './stage.ts'

const app = 'late'
/** More than the requests that ask whether the connection lives; a Deployment is several times that. */
const aWrite = 600
/** `web` is what both have; its k8s Service is written right before the first Deployment, which is the one that only the new one has. */
const web = '  web:\n    build: .\n    command: bin/web\n    port: 5000\n'
const withExtra = `services:\n  extra:\n    build: .\n    command: bin/extra\n${web}`

/** A world in which a process fell asleep with the create of a Deployment on its way, another one went back, and the create arrived after that. */
interface Late {
  readonly stage: Stage
  readonly sleeper: SlipwayProcess
  /** Who took over, and still runs. */
  readonly owner: SlipwayProcess
  /** A good release without that Deployment, not promoted yet. */
  readonly next: string
  start(settings: Readonly<Record<string, string>>): Promise<SlipwayProcess>
  /** What the rest of the app is, and whether it was touched. */
  others(): string
  /** Uid of the Deployment that only the failed release had. */
  extra(): string | undefined
  close(): Promise<void>
}

const afterTheEnd = async (): Promise<Late> => {
  const stage = await startStage({ slack: { channels: channelsOf([app]) } })
  const { world } = stage
  const folder = mkdtempSync(join(tmpdir(), 'slipway-late-'))
  const gate = await openLateGate(Number(new URL(world.cluster.url).port))
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, readFileSync(world.environment['KUBECONFIG'] ?? '', 'utf8').replace(/server: .*/, `server: https://127.0.0.1:${gate.port}`))
  const extra = (): string | undefined => world.cluster.get('deployments.apps', `convox-${app}`, 'extra')?.metadata.uid
  const others = (): string => ['deployments.apps', 'services'].flatMap((resource) => world.cluster.list(resource, `convox-${app}`)).filter(({ metadata }) => metadata.name !== 'extra')
    .map(({ kind, metadata, spec }) => JSON.stringify([kind, metadata.name, metadata.uid, metadata['generation'], spec])).toSorted().join('\n')
  const running: SlipwayProcess[] = []
  const start = async (settings: Readonly<Record<string, string>>): Promise<SlipwayProcess> => {
    const process = await startProcess({ ...world.environment, ...settings }, null, inject('slipwayBundle'))
    running.push(process)
    return process
  }
  const close = async (): Promise<void> => {
    for (const process of running) await process.kill()
    await stage.close()
    await gate.close()
    rmSync(folder, { recursive: true })
  }
  try {
    await runningApp(world, { app, channel: channelFor(app).id, manifest: `services:\n${web}` })
    const release = await quickImport(world, app, 'crash', withExtra)
    const next = await quickImport(world, app, '1.4.1', `services:\n${web}`)
    await world.stop()
    const sleeper = await start({ KUBECONFIG: kubeconfig })
    const stop = world.cluster.observe(({ object }) => {
      if (object['kind'] === 'Service' && object.metadata.name === 'web' && labelsOf(object)['release'] === release) gate.hold()
    })
    await stage.ana.command(channelFor(app).id, `/convox releases promote ${release} -a ${app}`)
    await world.slack.until(() => (gate.waiting() > aWrite ? true : undefined), 30_000)
    sleeper.signal('SIGSTOP')
    stop()
    expect(extra()).toBeUndefined()
    const owner = await start({ INSTANCE_ID: 'other' })
    await world.slack.until(async () => ((await stage.rows(`select 1 from promotions where release_id = '${release}' and status = 'rolled_back'`)).length === 1 ? true : undefined), 60_000)
    await world.cluster.settled()
    expect(extra()).toBeUndefined()
    gate.release()
    await world.slack.until(() => extra(), 10_000)
    return { stage, sleeper, owner, start, extra, others, close, next }
  } catch (error) {
    await close()
    throw error
  }
}

const inLate = async (story: (late: Late) => Promise<void>): Promise<void> => {
  const late = await afterTheEnd()
  try {
    const before = late.others()
    await story(late)
    expect(late.others()).toBe(before)
  } finally {
    await late.close()
  }
}
const isGone = (late: Late): Promise<true> => late.stage.world.slack.until(() => (late.extra() === undefined ? true : undefined), 100_000)

describe.concurrent('a create of a former owner that arrives after the rollback was over', () => {
  it('is undone by the one that sent it, when it wakes', () => inLate(async (late) => {
    await late.owner.kill()
    late.sleeper.signal('SIGCONT')
    await isGone(late)
    expect(late.sleeper.logged()).toContain('a write that came after its owner had lost the rollout is undone')
  }), 150_000)

  it('is undone by the one that took over, when its sender has died', () => inLate(async (late) => {
    await late.sleeper.kill()
    await isGone(late)
    expect(late.owner.logged()).toContain('a write that came after its owner had lost the rollout is undone')
  }), 150_000)

  it('goes with the next release that is proven, when both have died', async () => {
    const late = await afterTheEnd()
    try {
      await late.sleeper.kill()
      await late.owner.kill()
      await late.start({})
      await late.stage.ana.command(channelFor(app).id, `/convox releases promote ${late.next} -a ${app}`)
      await cardOf(late.stage.world, channelFor(app).id, new RegExp(`^Succeeded: ${late.next} `))
      expect(late.extra()).toBeUndefined()
    } finally {
      await late.close()
    }
  }, 150_000)
})

describe('what a former owner made after the rollback was over', () => {
  let stage: Stage
  /** Again when an object changed in between, as whoever looks after it does. */
  const undone = async (promotion: string): Promise<boolean> => {
    for (;;) {
      try {
        return await removeLateWrites(stage.world.slipway().rack, promotion)
      } catch (error) {
        if (!(error instanceof ClusterRefusal) || error.status !== 409) throw error
      }
    }
  }
  const deployment = (name: string) => stage.world.cluster.get('deployments.apps', `convox-${app}`, name)

  beforeAll(async () => {
    stage = await startStage({
      slack: { channels: channelsOf([app, 'firstlate', 'command', 'ended']) },
    })
  })
  afterAll(() => stage.close())

  it('is removed, and nothing else is', async () => {
    await runningApp(stage.world, { app, channel: channelFor(app).id })
    await quickImport(stage.world, app, 'crash', `${shopManifest}  extra:\n    build: .\n    command: bin/extra\n`)
    const promotion = await quickPromote(stage.world, app)
    const made = await stage.world.slack.until(() => deployment('extra'), 20_000)
    const { rack } = stage.world.slipway()
    expect(await removeLateWrites(rack, promotion)).toBe(false)
    await cardOf(stage.world, channelFor(app).id, /^Rolled back: /)
    expect(deployment('extra')).toBeUndefined()

    const { uid: _uid, resourceVersion: _version, ...metadata } = made.metadata
    const again = { ...made, metadata, status: undefined }
    stage.world.cluster.put('deployments.apps', `convox-${app}`, again, { manager: 'slipway' })
    const mine = { ...again, metadata: { ...metadata, name: 'somebodys', labels: { app: 'other' } } }
    stage.world.cluster.put('deployments.apps', `convox-${app}`, mine)
    const web = deployment('web')?.metadata.uid
    expect(await removeLateWrites(rack, promotion)).toBe(true)
    await stage.world.cluster.settled()
    expect([deployment('extra'), deployment('web')?.metadata.uid, deployment('somebodys')?.metadata.name]).toEqual([undefined, web, 'somebodys'])
  }, 60_000)

  it('of a first release that failed is stopped again, unless a person started it or it was promoted again', async () => {
    const here = channelFor('firstlate').id
    const { rack } = stage.world.slipway()
    const replicas = () => ['web', 'worker'].map((name) => JSON.stringify(stage.world.cluster.get('deployments.apps', 'convox-firstlate', name)?.['spec'] ?? null).match(/"replicas":(\d+)/)?.[1])
    await quickApp(stage.world, { app: 'firstlate', channel: here, params: { stability: '60s' } })
    const release = await quickImport(stage.world, 'firstlate', '1.4.0', shopManifest)
    const promotion = await quickPromote(stage.world, 'firstlate', release)
    await stage.world.slack.until(async () => ((await stage.newest('firstlate'))['step'] === 'stability' ? true : undefined), 40_000)
    await stage.ana.command(here, '/convox apps cancel firstlate')
    await cardOf(stage.world, here, /^Failed: /)
    expect(replicas()).toEqual(['0', '0'])

    for (const object of await storedInventory(rack, promotion)) if (object.kind === 'Deployment') await rack.objects.apply(object, { force: true })
    expect(replicas()).toEqual(['2', '1'])
    expect(await undone(promotion)).toBe(true)
    expect(replicas()).toEqual(['0', '0'])

    const web = stage.world.cluster.get('deployments.apps', 'convox-firstlate', 'web')
    const scaled: Parameters<typeof stage.world.cluster.put>[2] = JSON.parse(JSON.stringify(web).replace('"replicas":0', '"replicas":1'))
    stage.world.cluster.put('deployments.apps', 'convox-firstlate', scaled, { manager: 'kubectl' })
    expect(await undone(promotion)).toBe(true)
    expect(replicas()).toEqual(['1', '0'])

    await setAppParams(rack, admin, { app: 'firstlate', params: [['stability', '1s']] })
    await quickPromote(stage.world, 'firstlate', release)
    await cardOf(stage.world, here, /^Succeeded: /)
    const running = replicas()
    expect(await undone(promotion)).toBe(true)
    expect(replicas()).toEqual(running)
    expect(running[1]).toBe('1')
  }, 120_000)

  it('to run a release command that was cancelled is removed; one that has ended by itself is kept', async () => {
    const withCommand = `${shopManifest}release:\n  service: web\n  command: bin/migrate\n  deadline: 120\n`
    const jobs = (name: string) => stage.world.cluster.list('jobs.batch', `convox-${name}`)
    await runningApp(stage.world, { app: 'command', channel: channelFor('command').id })
    await quickImport(stage.world, 'command', 'notready', withCommand)
    const promotion = await quickPromote(stage.world, 'command')
    const made = await stage.world.slack.until(() => jobs('command')[0], 20_000)
    await stage.ana.command(channelFor('command').id, '/convox apps cancel command')
    await cardOf(stage.world, channelFor('command').id, /^Rolled back: /)
    expect(jobs('command')).toEqual([])
    const { uid: _uid, resourceVersion: _version, ...metadata } = made.metadata
    stage.world.cluster.put('jobs.batch', 'convox-command', { ...made, metadata, status: undefined }, { manager: 'slipway' })
    expect(jobs('command')).toHaveLength(1)
    expect(await undone(promotion)).toBe(true)
    await stage.world.cluster.settled()
    expect(jobs('command')).toEqual([])

    await quickApp(stage.world, { app: 'ended', channel: channelFor('ended').id })
    await quickImport(stage.world, 'ended', 'crash', withCommand)
    const failed = await quickPromote(stage.world, 'ended')
    await cardOf(stage.world, channelFor('ended').id, /^Failed: /)
    expect(await undone(failed)).toBe(true)
    expect(jobs('ended')).toHaveLength(1)
  }, 120_000)
})
