import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Failure } from '../../../sandbox/cluster/failure.ts'
import { labelsOf, type KubeObject } from '../../../sandbox/cluster/object.ts'
import { shopManifest } from '../../support/world.ts'
import { cardOf, channelFor, channelsOf, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const apps = ['during', 'between', 'grown', 'byhand', 'held'] as const
type App = (typeof apps)[number]
const withCommand = `${shopManifest}release:\n  service: web\n  command: bin/migrate\n`
const webOf = (scale: string, release = ''): string => `services:\n  web:\n    build: .\n    command: bin/web\n    port: 5000\n    scale:${scale}\n${release}`
const ranged = '\n      count: 2-8\n      targets:\n        cpu: 70'
const command = 'release:\n  service: web\n  command: bin/migrate\n'
const named = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }) })

describe('somebody who changes a service between the rehearsal and the end of the apply', () => {
  let stage: Stage
  let busy = false
  /** Deployments of this namespace wait for a webhook, and how often one was refused. */
  const held = { namespace: '', refused: 0 }
  const live = (app: App, service: string): KubeObject => {
    const there = stage.world.cluster.get('deployments.apps', `convox-${app}`, service)
    if (there === undefined) throw new Error(`${app} has no ${service}`)
    return there
  }
  const spec = (app: App, service: string): string => JSON.stringify(live(app, service)['spec'])
  /** As `kubectl edit` does it: another command in the template. */
  const edit = (app: App, service: string, from: string): void => {
    const changed: Parameters<typeof stage.world.cluster.put>[2] = JSON.parse(JSON.stringify(live(app, service)).replaceAll(from, 'bin/theirs'))
    stage.world.cluster.put('deployments.apps', `convox-${app}`, changed)
  }

  /** As the scale subresource does it. */
  const scale = (app: App, to: number, manager: string): void => {
    const changed: Parameters<typeof stage.world.cluster.put>[2] = JSON.parse(JSON.stringify(live(app, 'web')).replace(/"replicas":\d+/, `"replicas":${String(to)}`))
    stage.world.cluster.put('deployments.apps', `convox-${app}`, changed, { manager })
  }

  beforeAll(async () => {
    stage = await startStage({
      slack: { channels: channelsOf(apps) },
      cluster: {
        // A webhook of somebody else's that does not answer, for this one Deployment.
        refuse: (object) => {
          const { kind, metadata: { name, namespace } } = named.parse(object)
          const waits = kind === 'Deployment' && namespace === held.namespace
          if (waits) held.refused += 1
          if (!waits && (!busy || kind !== 'Deployment' || name !== 'worker' || namespace !== 'convox-between')) return undefined
          throw new Failure(500, 'InternalError', 'Internal error occurred: failed calling webhook "images.example.com": context deadline exceeded')
        },
      },
    })
  })
  afterAll(() => stage.close())

  it('is named, and what they wrote while the release command ran stays; nothing else was written', async () => {
    const back = await runningApp(stage.world, { app: 'during', channel: channelFor('during').id })
    const release = await quickImport(stage.world, 'during', '1.4.1', withCommand)
    let edited = false
    const over = stage.world.cluster.observe(({ object }) => {
      if (edited || object.kind !== 'Job' || object.metadata.namespace !== 'convox-during') return
      edited = true
      queueMicrotask(() => edit('during', 'web', 'bin/web'))
    })
    const worker = spec('during', 'worker')
    await quickPromote(stage.world, 'during', release)
    const card = await cardOf(stage.world, channelFor('during').id, /^Superseded: /)
    over()
    expect(card.text).toBe(`Superseded: ${release} on during was stopped, kubectl-edit changed web. Nothing was rolled back.`)
    const last = await stage.lastWord(card, /ERROR: superseded by kubectl-edit: web/)
    expect(stage.shown(last)).toContain(`Running now worker on ${back}, web as kubectl-edit left it`)
    expect(await stage.newest('during')).toMatchObject({ status: 'superseded', cause: { kind: 'changed_by', rule: 'changed-by-somebody-else', service: 'web', manager: 'kubectl-edit' } })
    expect(spec('during', 'web')).toContain('bin/theirs')
    expect(spec('during', 'worker')).toBe(worker)
  }, 60_000)

  it('stops those that are not written yet, when theirs was written already', async () => {
    const back = await runningApp(stage.world, { app: 'between', channel: channelFor('between').id })
    const release = await quickImport(stage.world, 'between', '1.4.1')
    const worker = spec('between', 'worker')
    const over = stage.world.cluster.observe(({ object }) => {
      if (object.kind === 'Deployment' && object.metadata.name === 'web' && labelsOf(object)['release'] === release) busy = true
    })
    await quickPromote(stage.world, 'between', release)
    await stage.world.slack.until(() => (busy ? true : undefined), 20_000)
    over()
    edit('between', 'web', 'bin/web')
    const card = await cardOf(stage.world, channelFor('between').id, /^Superseded: /)
    busy = false
    const last = await stage.lastWord(card, /ERROR: superseded by kubectl-edit: web/)
    expect(stage.shown(last)).toContain(`Running now worker on ${back}, web as kubectl-edit left it`)
    await stage.world.cluster.settled()
    expect(spec('between', 'web')).toContain('bin/theirs')
    expect(spec('between', 'worker')).toBe(worker)
  }, 60_000)

  it.each([['grown', 'kube-controller-manager', ranged], ['byhand', 'kubectl', ' 2']] as const)('keeps the number of processes that was set while the release command ran: %s, by %s', async (app, manager, count) => {
    await runningApp(stage.world, { app, channel: channelFor(app).id, manifest: webOf(count) })
    const release = await quickImport(stage.world, app, '1.4.1', webOf(count, command))
    let scaled = false
    const over = stage.world.cluster.observe(({ object }) => {
      if (scaled || object.kind !== 'Job' || object.metadata.namespace !== `convox-${app}`) return
      scaled = true
      queueMicrotask(() => scale(app, 5, manager))
    })
    await quickPromote(stage.world, app, release)
    await cardOf(stage.world, channelFor(app).id, new RegExp(`^Succeeded: ${release} `))
    over()
    expect(scaled).toBe(true)
    expect(live(app, 'web')).toMatchObject({ spec: { replicas: 5 }, status: { updatedReplicas: 5 } })
  }, 60_000)

  it('keeps the number that was set while a webhook held up the rehearsal', async () => {
    await runningApp(stage.world, { app: 'held', channel: channelFor('held').id, manifest: webOf(ranged) })
    const release = await quickImport(stage.world, 'held', '1.4.1', webOf(ranged))
    held.namespace = 'convox-held'
    await quickPromote(stage.world, 'held', release)
    await stage.world.slack.until(() => (held.refused > 0 ? true : undefined), 20_000)
    held.namespace = ''
    scale('held', 5, 'kube-controller-manager')
    await cardOf(stage.world, channelFor('held').id, new RegExp(`^Succeeded: ${release} `))
    expect(live('held', 'web')).toMatchObject({ spec: { replicas: 5 }, status: { updatedReplicas: 5 } })
  }, 60_000)
})
