import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Message } from '../../../sandbox/slack/records.ts'
import { cardOf, channelFor, channelsOf, quickApp, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

/** One release that goes wrong in its own way, and what everybody is told. */
interface Failure {
  readonly tag: string
  readonly manifest?: string
  readonly deadline?: number
  /** After the service's name: the same on card, thread, notice and in the table. */
  readonly short: string
  readonly why: RegExp
  readonly hint: string
  /** Said of the process. */
  readonly reason?: RegExp
  /** A line of its log, or why there is none. */
  readonly log: string
  readonly app?: string
}

const health = (service: string): string => `services:
  web:
    build: .
    port: 5000
    scale:
      count: 2
      memory: 64
      limit:
        memory: 64
${service}`
const plain = health('')
const never = 'No log: the container never started.'

const failures: readonly Failure[] = [
  { tag: 'crash', short: 'crashed at start (exit 1)', why: /^web exits right after it starts: exit 1, [12] restarts?, on [12] of 2 new processes\./, hint: 'Read the last lines below', reason: /CrashLoopBackOff|Error/, log: 'Error: DATABASE_URL is not set' },
  { tag: 'initfails', short: 'crashed at start (exit 1)', why: /^web exits right after it starts: exit 1, /, hint: 'Read the last lines below', log: 'Error: DATABASE_URL is not set' },
  { tag: 'oom', short: 'out of memory', why: /^web was killed at its memory limit of 64 MiB(, twice)?\./, hint: 'Raise scale.limit.memory', log: 'shop: heap at 61 MiB' },
  { tag: 'badimage', short: 'image not found', why: /^The registry has no image registry\/shop:badimage@sha256:[0-9a-f]{12} for web\./, hint: 'Push it again or import another', reason: /ErrImagePull|ImagePullBackOff/, log: never },
  { tag: 'denied', short: 'image pull refused', why: /^The registry refuses the image of web: .*authorization failed/, hint: 'Check the cluster\'s pull secret', log: never },
  { tag: 'badcommand', short: 'container cannot start', why: /^The container of web cannot start: .*exec: "shop-server": executable file not found in \$PATH/, hint: 'Check command in convox.yml', log: 'No log: ' },
  { tag: 'missingsecret', short: 'secret "payments-api-key" not found', why: /^web needs secret "payments-api-key", which its namespace lacks\./, hint: 'Create it there', reason: /CreateContainerConfigError/, log: never },
  { tag: 'missingvolume', short: 'configmap "shop-settings" not found', why: /^web needs configmap "shop-settings", which its namespace lacks\./, hint: 'Create it there', log: never },
  { tag: 'notready', short: 'never became ready', manifest: health('    health:\n      path: /ready\n      interval: 2\n'), why: /^web runs but is never ready: .*503.* at \/ready\./, hint: 'Check health: and what it depends on', log: 'waiting for the search index' },
  { tag: 'liveness', short: 'restarted by its liveness check', manifest: health('    liveness:\n      path: /live\n'), why: /^web fails its liveness check: .*500/, hint: 'Check liveness:', log: 'shop: ' },
  { tag: 'flap', manifest: health('    health:\n      path: /\n      interval: 1\n'), short: 'exits once ready (exit 3)', why: /^web became ready, then exited: exit 3/, hint: 'Its start is fine', log: 'shop: starting' },
  { tag: 'notready', app: 'app-deadline', deadline: 30, short: 'timed out after 30 s', manifest: health('    health:\n      interval: 60\n      grace: 30\n'), why: /^web timed out after 30 s: 0 of 2 ready, no single error explains it\./, hint: 'if it is only slow, promote with --deadline', log: 'waiting for the search index' },
]
const appOf = (failure: Failure): string => failure.app ?? `app-${failure.tag}`
const firstOf = 'app-first'
const good = 'app-once'
const bothOf = 'app-both'
/** Of two services neither is ready before the deadline, at which both are late. */
const slowly = '    health:\n      interval: 60\n      grace: 30\n'
const both = `${health(slowly)}  worker:\n    build: .\n    port: 5001\n${slowly}`

describe('a release that does not work', () => {
  let stage: Stage
  const before = new Map<string, string>()
  const failed = new Map<string, string>()

  /** All at once: one that fails never holds up another. */
  beforeAll(async () => {
    const apps = [...failures.map(appOf), firstOf, good, bothOf]
    stage = await startStage({ slack: { channels: channelsOf(apps) } })
    const { world } = stage
    await Promise.all(failures.map(async (failure) => {
      const app = appOf(failure)
      const channel = channelFor(app).id
      before.set(app, await runningApp(world, { app, channel, manifest: failure.manifest ?? plain, params: { stability: failure.tag === 'flap' || failure.tag === 'liveness' ? '30s' : '1s' } }))
      failed.set(app, await quickImport(world, app, failure.tag))
      await quickPromote(world, app, null, failure.deadline ?? null)
    }))
  }, 120_000)
  afterAll(() => stage.close())

  it.each(failures)('goes back by itself and tells why: $short ($tag)', async (failure) => {
    const { world } = stage
    const app = appOf(failure)
    const [release, back] = [failed.get(app) ?? '', before.get(app) ?? '']
    const card: Message = await cardOf(world, channelFor(app).id, new RegExp(`^Rolled back: .*${release}`), 60_000)
    expect(card.text).toBe(`Rolled back: ${app} runs ${back} again; ${release} failed: web ${failure.short}.`)
    const notice = await stage.lastWord(card, /ERROR: rolled back to/)
    const told = stage.shown(notice).split('\n')
    expect(notice.broadcast).toBe(true)
    expect(told[0]).toBe(`↩️ Rolled back: ${app} runs ${back} again. For @ana (asked).`)
    expect(told[1]).toMatch(/^Why /)
    expect(told[1]?.slice(4)).toMatch(failure.why)
    expect(told[1]).toMatch(/Process (web-[0-9a-f]+-[a-z0-9]{5})/)
    if (failure.reason !== undefined) expect(told[1]).toMatch(failure.reason)
    expect(told.find((line) => line.startsWith('Running now '))).toMatch(new RegExp(`^Running now ${back}: web 2 of 2 ready, verified `))
    expect(told.find((line) => line.startsWith('What to do '))).toContain(failure.hint)
    expect(told.join('\n')).toContain(failure.log)
    expect(told).toContain(`ERROR: rolled back to ${back}: web ${failure.short}`)
    expect(stage.buttons(notice)).toEqual(['Request again'])
    expect(world.slack.notified().filter((one) => one.ts === notice.ts && one.why === 'mention').map((one) => one.user)).toEqual(['U0ANA'])

    // The card says the same, without log and buttons; the thread has the arrows in order and each line once.
    expect(stage.buttons(card)).toEqual([])
    expect(stage.shown(card)).toContain(`↩️ Rolled back: ${app} to ${back}`)
    expect(stage.shown(card)).not.toContain('shop: starting')
    const verdict = failure.deadline === undefined ? 'Error' : 'Deadline'
    expect(stage.statuses(card)).toEqual(['Running => Pending', 'Pending => Updating', `Updating => ${verdict}`, `${verdict} => Rollback`, 'Rollback => Reverted'])
    const lines = stage.lines(card)
    expect(lines.filter((line) => line.startsWith(`system/convox/promotion web ${failure.short}, process web-`))).toHaveLength(1)
    expect(world.slack.thread(card).filter((message) => message.broadcast)).toHaveLength(1)
    expect(world.slack.messages(channelFor(app).id).filter((message) => message.thread === undefined)).toHaveLength(2)

    // The cluster runs what ran before, whole, and nothing of the failed release.
    await world.slack.until(() => world.cluster.list('pods', `convox-${app}`).every((pod) => JSON.stringify(pod.metadata['labels']).includes(back) || pod.metadata['deletionTimestamp'] !== undefined))
    const deployment = world.cluster.get('deployments.apps', `convox-${app}`, 'web')
    expect(JSON.stringify(deployment?.['spec'])).toContain(back)
    expect(deployment?.['spec']).toMatchObject({ replicas: 2 })
    const row = await stage.newest(app)
    expect(row).toMatchObject({ status: 'rolled_back', release_id: release, from_release_id: back, target_release_id: back, lease_owner: null })
    expect(await stage.rows(`select release_id from good_releases where app = '${app}'`)).toEqual([{ release_id: back }])
  }, 90_000)

  it('names every service that failed, the deciding one first', async () => {
    const channel = channelFor(bothOf).id
    const back = await runningApp(stage.world, { app: bothOf, channel, manifest: both })
    await quickImport(stage.world, bothOf, 'notready')
    await quickPromote(stage.world, bothOf, null, 30)
    const card = await cardOf(stage.world, channel, new RegExp(`^Rolled back: ${bothOf} runs ${back} again`), 60_000)
    expect(card.text).toMatch(/ failed: web timed out after 30 s\.$/)
    const notice = stage.shown(await stage.lastWord(card, /ERROR: rolled back to .*: web timed out after 30 s/))
    expect(notice).toMatch(/\nWhy web timed out after 30 s: 0 of 2 ready, .*\nworker timed out after 30 s: 0 of 1 ready, /)
    expect(stage.shown(card)).toMatch(/worker timed out after 30 s: 0 of 1 ready, /)
    const row = await stage.newest(bothOf)
    expect(row).toMatchObject({ status: 'rolled_back', cause: { rule: 'deadline', service: 'web' }, other_causes: [{ rule: 'deadline', service: 'worker' }] })
  }, 120_000)

  it('is no failure when a container crashes once and then runs', async () => {
    const channel = channelFor(good).id
    await runningApp(stage.world, { app: good, channel, manifest: plain })
    const release = await quickImport(stage.world, good, 'once')
    await quickPromote(stage.world, good)
    const card = await cardOf(stage.world, channel, new RegExp(`^Succeeded: ${release} `))
    await stage.lastWord(card, /^```\nOK\n```/)
    expect(stage.world.slack.thread(card).filter((message) => message.broadcast)).toEqual([])
  })

  it('is scaled to 0 and kept when it is the first one, and the app is failed', async () => {
    const channel = channelFor(firstOf).id
    await quickApp(stage.world, { app: firstOf, channel })
    const release = await quickImport(stage.world, firstOf, 'crash', plain)
    await quickPromote(stage.world, firstOf)
    const card = await cardOf(stage.world, channel, /^Failed: /)
    expect(card.text).toBe(`Failed: first release ${release} of ${firstOf}: web crashed at start (exit 1). Nothing is running.`)
    const notice = await stage.lastWord(card, /ERROR: first release failed: web crashed at start \(exit 1\); scaled to 0/)
    expect(notice.broadcast).toBe(true)
    expect(stage.shown(notice)).toContain('Running now nothing; web is scaled to 0 and kept for inspection')
    expect(stage.shown(notice)).toContain('Error: DATABASE_URL is not set')
    expect(stage.statuses(card)).toEqual(['None => Pending', 'Pending => Updating', 'Updating => Error', 'Error => Failure'])
    expect(stage.world.cluster.get('deployments.apps', `convox-${firstOf}`, 'web')?.['spec']).toMatchObject({ replicas: 0 })
    expect(await stage.newest(firstOf)).toMatchObject({ status: 'failed', target_release_id: null })
    expect(await stage.ask(stage.ana, `/convox apps info ${firstOf}`, /Status/)).toMatch(/Status +failed/)
  })
})
