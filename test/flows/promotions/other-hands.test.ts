import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../sandbox/cluster/object.ts'
import type { Message } from '../../../sandbox/slack/records.ts'
import { setAppParams } from '../../../src/rack/app-params.ts'
import { shopManifest } from '../../support/world.ts'
import { admin, cardOf, channelFor, channelsOf, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const apps = ['held', 'resumed', 'halfway', 'removed', 'removedback', 'leaving', 'leavingback', 'drained', 'more', 'fewer', 'emptied', 'emptyback', 'parked'] as const
type App = (typeof apps)[number]

/** With a check of `web` that `notready` never passes. */
const checked = shopManifest.replace('port: 5000', 'port: 5000\n    health: {path: /check, interval: 1, grace: 0}')
/** `web` alone: nothing else of a release can fail. */
const lonely = checked.slice(0, checked.indexOf('  worker:'))
/** Seconds a promotion gets that is to run out of them: the least there is. */
const brief = 30

describe('hands of somebody else in the middle of a promotion', () => {
  let stage: Stage
  const here = (app: App): string => channelFor(app).id
  const space = (app: App): string => `convox-${app}`
  /** What runs before; the promotions after it have that stability window. */
  const running = async (app: App, stability?: string, manifest = checked): Promise<string> => {
    const release = await runningApp(stage.world, { app, channel: here(app), manifest })
    if (stability !== undefined) await setAppParams(stage.world.slipway().rack, admin, { app, params: [['stability', stability]] })
    return release
  }
  const until = <T>(found: () => T | undefined | Promise<T | undefined>, within = 30_000): Promise<T> => stage.world.slack.until(found, within)
  const step = (app: App, name: string) => until(async () => ((await stage.newest(app))['step'] === name ? true : undefined))

  const live = (app: App, service: string): KubeObject | undefined => stage.world.cluster.get('deployments.apps', space(app), service)
  const spec = (app: App, service: string): string => JSON.stringify(live(app, service)?.['spec'] ?? null)
  /** As kubectl does it: what is there, with that in its spec. */
  const change = async (app: App, more: Readonly<Record<string, string | number | boolean>>, manager: string): Promise<void> => {
    const there = live(app, 'web')
    if (there === undefined) throw new Error(`${app} has no web`)
    const changed: Parameters<typeof stage.world.cluster.put>[2] = JSON.parse(JSON.stringify({ ...there, spec: { ...JSON.parse(JSON.stringify(there['spec'])), ...more } }))
    stage.world.cluster.put('deployments.apps', space(app), changed, { manager })
    await stage.world.cluster.settled()
  }
  const hold = (app: App, paused: boolean): Promise<void> => change(app, { paused }, 'kubectl-rollout')
  /** Pods of `web` that are not being stopped, of that release. */
  const podsOf = (app: App, release: string): string[] =>
    stage.world.cluster.list('pods', space(app))
      .filter(({ metadata }) => metadata['deletionTimestamp'] === undefined && metadata.name.startsWith('web-') && JSON.stringify(metadata['labels']).includes(release))
      .map(({ metadata }) => metadata.name)
  const readyOf = (app: App): number => Number(/"readyReplicas":(\d+)/.exec(JSON.stringify(live(app, 'web')?.['status'] ?? {}))?.[1] ?? 0)
  const ended = async (app: App, like: RegExp, last: RegExp): Promise<Message> => {
    const card = await cardOf(stage.world, here(app), like, 60_000)
    await stage.lastWord(card, last)
    expect(stage.buttons(card)).toEqual([])
    return card
  }
  /** A promotion in its stability window. */
  const inTheWindow = async (app: App): Promise<string> => {
    const release = await quickImport(stage.world, app, '1.4.1')
    await quickPromote(stage.world, app)
    await step(app, 'stability')
    return release
  }
  /** A rollout that never gets ready and was paused when it had replaced one of two processes; then the way back, which the pause holds up as well. */
  const heldOnTheWayBack = async (app: App, back: string): Promise<string> => {
    const release = await quickImport(stage.world, app, 'notready')
    await quickPromote(stage.world, app, release, brief)
    await until(() => (podsOf(app, release).length > 0 && podsOf(app, back).length === 1 ? true : undefined))
    await hold(app, true)
    await step(app, 'services_back')
    return release
  }

  beforeAll(async () => {
    stage = await startStage({ slack: { channels: channelsOf(apps) } })
  })
  afterAll(() => stage.close())

  // These two wait for their deadlines, beside each other.
  it.concurrent('that paused a Deployment are waited for until the deadline, then it goes back and they are named; the pause stays theirs', async () => {
    const back = await running('held')
    await hold('held', true)
    const pods = podsOf('held', back)
    const release = await quickImport(stage.world, 'held', '1.4.1')
    await quickPromote(stage.world, 'held', release, brief)
    const moving = await cardOf(stage.world, here('held'), new RegExp(`^Rolling out: ${release}`))
    await until(() => (stage.shown(moving).includes('paused by kubectl-rollout') ? true : undefined))
    const card = await ended('held', /^Rolled back: /, new RegExp(`ERROR: rolled back to ${back}: web paused by kubectl-rollout`))
    expect(card.text).toBe(`Rolled back: held runs ${back} again; ${release} failed: web paused by kubectl-rollout.`)
    expect(stage.statuses(card)).toEqual(['Running => Pending', 'Pending => Updating', 'Updating => Deadline', 'Deadline => Rollback', 'Rollback => Reverted'])
    expect(await stage.newest('held')).toMatchObject({ status: 'rolled_back', cause: { kind: 'paused', rule: 'deadline', service: 'web', manager: 'kubectl-rollout', deadline: brief } })
    expect(live('held', 'web')?.['spec']).toMatchObject({ paused: true })
    expect(spec('held', 'web')).toContain(back)
    expect(spec('held', 'worker')).toContain(back)
    expect(podsOf('held', back)).toEqual(pods)
  }, 120_000)

  it.concurrent('that paused it halfway hold up the way back too, which then fails loudly and names them; what served still serves', async () => {
    const back = await running('halfway')
    const release = await heldOnTheWayBack('halfway', back)
    const card = await ended('halfway', /^Rollback FAILED: /, new RegExp(`ERROR: rollback to ${back} failed: web paused by kubectl-rollout`))
    expect(card.text).toBe(`Rollback FAILED: halfway is not back on ${back}: web paused by kubectl-rollout. A person has to act.`)
    expect(await stage.newest('halfway')).toMatchObject({ status: 'rollback_failed', rollback_cause: { kind: 'paused', manager: 'kubectl-rollout' } })
    expect(spec('halfway', 'web')).toContain(back)
    expect(podsOf('halfway', release)).not.toEqual([])
    expect(podsOf('halfway', back)).toHaveLength(1)
    expect(readyOf('halfway')).toBe(1)
    expect(await stage.ask(stage.ana, '/convox apps info halfway', /Status/)).toMatch(/Status +failed/)
  }, 120_000)

  /** A release that crashes, and of which somebody takes every process before it has run once. */
  const emptied = async (app: App): Promise<{ release: string; moving: Message }> => {
    await hold(app, true)
    const release = await quickImport(stage.world, app, 'crash')
    await quickPromote(stage.world, app, release, brief)
    await step(app, 'services')
    await change(app, { replicas: 0 }, 'kubectl')
    await hold(app, false)
    const moving = await cardOf(stage.world, here(app), new RegExp(`^Rolling out: ${release}`))
    await until(() => (stage.shown(moving).includes('web scaled to 0 by kubectl') ? true : undefined))
    return { release, moving }
  }
  const goodOf = async (app: App): Promise<unknown> => (await stage.rows(`select release_id from good_releases where app = '${app}'`))[0]?.['release_id']

  it.concurrent('that scaled a release to 0 before its verdict do not make it good: it goes back when the time is up, and they are named', async () => {
    const back = await running('emptied', undefined, lonely)
    const { release } = await emptied('emptied')
    await step('emptied', 'services_back')
    expect(await stage.newest('emptied')).toMatchObject({ status: 'rolling_back', cause: { kind: 'scaled_to_zero', rule: 'deadline', service: 'web', manager: 'kubectl', deadline: brief } })
    await change('emptied', { replicas: 1 }, 'kubectl')
    const card = await ended('emptied', /^Rolled back: /, new RegExp(`ERROR: rolled back to ${back}: web scaled to 0 by kubectl`))
    expect(card.text).toBe(`Rolled back: emptied runs ${back} again; ${release} failed: web scaled to 0 by kubectl.`)
    expect(stage.statuses(card)).toEqual(['Running => Pending', 'Pending => Updating', 'Updating => Deadline', 'Deadline => Rollback', 'Rollback => Reverted'])
    expect(podsOf('emptied', back)).toHaveLength(1)
    expect(await goodOf('emptied')).toBe(back)
  }, 120_000)

  it.concurrent('that leave it at 0 on the way back as well make that fail loudly: nothing of it runs', async () => {
    const back = await running('emptyback', undefined, lonely)
    const { release } = await emptied('emptyback')
    const card = await ended('emptyback', /^Rollback FAILED: /, new RegExp(`ERROR: rollback to ${back} failed: web scaled to 0 by kubectl`))
    expect(card.text).toBe(`Rollback FAILED: emptyback is not back on ${back}: web scaled to 0 by kubectl. A person has to act.`)
    expect(await stage.newest('emptyback')).toMatchObject({ status: 'rollback_failed', release_id: release, rollback_cause: { kind: 'scaled_to_zero', manager: 'kubectl' } })
    expect(live('emptyback', 'web')?.['spec']).toMatchObject({ replicas: 0 })
    expect(await goodOf('emptyback')).toBe(back)
  }, 150_000)

  it('that had a service at 0 before the promotion keep it there, and it holds nothing up', async () => {
    await running('parked')
    await change('parked', { replicas: 0 }, 'kubectl')
    const release = await quickImport(stage.world, 'parked', '1.4.1')
    await quickPromote(stage.world, 'parked')
    await ended('parked', new RegExp(`^Succeeded: ${release} `), /^```\nOK\n```/)
    expect(live('parked', 'web')?.['spec']).toMatchObject({ replicas: 0 })
    expect(spec('parked', 'web')).toContain(release)
  }, 120_000)

  it('that pause a Deployment and resume it in time cost the release nothing', async () => {
    await running('resumed')
    await hold('resumed', true)
    const release = await quickImport(stage.world, 'resumed', '1.4.1')
    await quickPromote(stage.world, 'resumed')
    const moving = await cardOf(stage.world, here('resumed'), new RegExp(`^Rolling out: ${release}`))
    await until(() => (stage.shown(moving).includes('paused by kubectl-rollout') ? true : undefined))
    expect(podsOf('resumed', release)).toEqual([])
    await hold('resumed', false)
    const card = await ended('resumed', new RegExp(`^Succeeded: ${release} `), /^```\nOK\n```/)
    expect(card.ts).toBe(moving.ts)
    expect(await stage.newest('resumed')).toMatchObject({ status: 'succeeded', cause: null })
    expect(podsOf('resumed', release)).toHaveLength(2)
  }, 120_000)

  it('that deleted a Deployment end it and nothing is rolled back; the next promotion makes it again', async () => {
    await running('removed', '60s')
    const release = await inTheWindow('removed')
    stage.world.cluster.remove('deployments.apps', space('removed'), 'web')
    const card = await ended('removed', /^Superseded: /, /ERROR: superseded by somebody else: web/)
    expect(card.text).toBe(`Superseded: ${release} on removed was stopped, somebody else deleted web. Nothing was rolled back.`)
    expect(await stage.newest('removed')).toMatchObject({ status: 'superseded', cause: { kind: 'deleted_by', rule: 'changed-by-somebody-else', service: 'web' } })
    expect(live('removed', 'web')).toBeUndefined()
    expect(spec('removed', 'worker')).toContain(release)
    await setAppParams(stage.world.slipway().rack, admin, { app: 'removed', params: [['stability', '1s']] })
    const next = await quickImport(stage.world, 'removed', '1.4.2')
    await quickPromote(stage.world, 'removed')
    await ended('removed', new RegExp(`^Succeeded: ${next} `), /^```\nOK\n```/)
    expect(podsOf('removed', next)).toHaveLength(2)
  }, 120_000)

  it('that deleted a Deployment on the way back make it a rollback that failed', async () => {
    const back = await running('removedback')
    const release = await heldOnTheWayBack('removedback', back)
    stage.world.cluster.remove('deployments.apps', space('removedback'), 'web')
    const card = await ended('removedback', /^Rollback FAILED: /, new RegExp(`ERROR: rollback to ${back} failed: web deleted by somebody else`))
    expect(card.text).toBe(`Rollback FAILED: removedback is not back on ${back}: web deleted by somebody else. A person has to act.`)
    expect(await stage.newest('removedback')).toMatchObject({ status: 'rollback_failed', release_id: release, rollback_cause: { kind: 'deleted_by', service: 'web' } })
    expect(live('removedback', 'web')).toBeUndefined()
    expect(spec('removedback', 'worker')).toContain(back)
  }, 120_000)

  it('that delete the namespace end it at once, and nothing is written into it any more', async () => {
    await running('leaving', '60s')
    const release = await inTheWindow('leaving')
    stage.world.cluster.remove('namespaces', '', space('leaving'))
    const card = await ended('leaving', /^Superseded: /, /ERROR: superseded/)
    expect(card.text).toBe(`Superseded: ${release} on leaving was stopped, the app's namespace is being deleted. Nothing was rolled back.`)
    expect(await stage.newest('leaving')).toMatchObject({ status: 'superseded', cause: { kind: 'namespace_deleted', rule: 'namespace-deleted' } })
    await until(() => (stage.world.cluster.get('namespaces', '', space('leaving')) === undefined ? true : undefined))
    expect(stage.world.cluster.list('deployments.apps', space('leaving'))).toEqual([])
  }, 120_000)

  it('that delete the namespace on the way back end that too, with its failure as the cause', async () => {
    const back = await running('leavingback')
    const release = await heldOnTheWayBack('leavingback', back)
    stage.world.cluster.remove('namespaces', '', space('leavingback'))
    const card = await ended('leavingback', /^Superseded: /, /ERROR: superseded/)
    expect(card.text).toBe(`Superseded: ${release} on leavingback was stopped, the app's namespace is being deleted. The rollback is not finished.`)
    expect(await stage.newest('leavingback')).toMatchObject({ status: 'superseded', cause: { service: 'web' }, rollback_cause: { kind: 'namespace_deleted' } })
  }, 120_000)

  it('that drain the node are excused: the processes come again elsewhere or later, and the release is proven', async () => {
    await running('drained', '4s')
    const release = await inTheWindow('drained')
    const gone = podsOf('drained', release)
    const [node] = stage.world.cluster.list('nodes')
    if (node === undefined) throw new Error('no node')
    const cordon = (unschedulable: boolean): void => {
      const now = stage.world.cluster.get('nodes', '', node.metadata.name) ?? node
      stage.world.cluster.put('nodes', '', { ...now, spec: { ...JSON.parse(JSON.stringify(now['spec'] ?? {})), unschedulable } })
    }
    cordon(true)
    for (const name of gone) stage.world.cluster.remove('pods', space('drained'), name)
    await until(() => (podsOf('drained', release).length === 2 && JSON.stringify(stage.world.cluster.list('pods', space('drained'))).includes('were unschedulable') ? true : undefined))
    expect(await stage.newest('drained')).toMatchObject({ status: 'rolling_out', step: 'stability', cause: null })
    cordon(false)
    await ended('drained', new RegExp(`^Succeeded: ${release} `), /^```\nOK\n```/)
    const now = podsOf('drained', release)
    expect(now).toHaveLength(2)
    expect(now.filter((name) => gone.includes(name))).toEqual([])
    expect(readyOf('drained')).toBe(2)
  }, 120_000)

  it.each([['more', 4], ['fewer', 1]] as const)('that scale it are followed: %s, and the number stays theirs', async (app, count) => {
    await running(app, '4s')
    const release = await inTheWindow(app)
    await change(app, { replicas: count }, 'kubectl')
    await ended(app, new RegExp(`^Succeeded: ${release} `), /^```\nOK\n```/)
    expect(live(app, 'web')?.['spec']).toMatchObject({ replicas: count })
    expect([podsOf(app, release).length, readyOf(app)]).toEqual([count, count])
    const broken = await quickImport(stage.world, app, 'crash')
    await quickPromote(stage.world, app)
    await ended(app, new RegExp(`^Rolled back: .*${broken}`), /ERROR: rolled back to/)
    expect(live(app, 'web')?.['spec']).toMatchObject({ replicas: count })
    expect(podsOf(app, release)).toHaveLength(count)
  }, 120_000)
})
