import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setAppParams } from '../../../src/rack/app-params.ts'
import { admin, cardOf, channelFor, channelsOf, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const apps = ['growing', 'moving', 'failing', 'lasting'] as const
const fixed = 'services:\n  web:\n    build: .\n    command: bin/web\n    port: 5000\n    scale: 2\n'
const ranged = 'services:\n  web:\n    build: .\n    command: bin/web\n    port: 5000\n    scale:\n      count: 2-6\n      targets:\n        cpu: 70\n'

describe('an autoscaler of a release', () => {
  let stage: Stage
  const here = (app: string): string => channelFor(app).id
  const replicas = (app: string): number => {
    const found = /"replicas":(\d+)/.exec(JSON.stringify(stage.world.cluster.get('deployments.apps', `convox-${app}`, 'web')?.['spec'] ?? {}))
    return Number(found?.[1])
  }
  const autoscalers = (app: string) => stage.world.cluster.list('horizontalpodautoscalers.autoscaling', `convox-${app}`).map(({ metadata }) => metadata.name)
  /** As the autoscaler's controller does it: by the scale subresource. */
  const scale = async (app: string, to: number): Promise<void> => {
    const live = stage.world.cluster.get('deployments.apps', `convox-${app}`, 'web')
    if (live === undefined) throw new Error('no Deployment')
    const changed: Parameters<typeof stage.world.cluster.put>[2] = JSON.parse(JSON.stringify(live).replace(/"replicas":\d+/, `"replicas":${to}`))
    stage.world.cluster.put('deployments.apps', `convox-${app}`, changed, { manager: 'kube-controller-manager' })
    await stage.world.cluster.settled()
  }
  const promote = async (app: string, tag: string, manifest: string, end: RegExp): Promise<string> => {
    const release = await quickImport(stage.world, app, tag, manifest)
    await quickPromote(stage.world, app)
    await cardOf(stage.world, here(app), new RegExp(`${end.source}.*${release}`), 60_000)
    return release
  }

  beforeAll(async () => {
    stage = await startStage({
      slack: { channels: channelsOf(apps) },
    })
  })
  afterAll(() => stage.close())

  it.concurrent('takes over the number of processes, keeps it through releases, and gives it back', async () => {
    await runningApp(stage.world, { app: 'growing', channel: here('growing'), manifest: fixed })
    await promote('growing', '1.4.1', ranged, /^Succeeded: /)
    expect([replicas('growing'), autoscalers('growing')]).toEqual([2, ['web']])
    await scale('growing', 4)
    await promote('growing', '1.4.2', ranged, /^Succeeded: /)
    expect(replicas('growing')).toBe(4)
    await promote('growing', '1.4.1', fixed, /^Succeeded: /)
    expect([replicas('growing'), autoscalers('growing')]).toEqual([2, []])
  }, 90_000)

  it.concurrent('moves the number in the middle of a promotion, and what it asks for is what is waited for', async () => {
    await runningApp(stage.world, { app: 'moving', channel: here('moving'), manifest: ranged, params: { stability: '4s' } })
    const release = await quickImport(stage.world, 'moving', '1.4.1', ranged)
    await quickPromote(stage.world, 'moving')
    await stage.world.slack.until(async () => ((await stage.newest('moving'))['step'] === 'stability' ? true : undefined), 20_000)
    await scale('moving', 6)
    await scale('moving', 3)
    const card = await cardOf(stage.world, here('moving'), new RegExp(`^Succeeded: ${release} `), 60_000)
    await stage.lastWord(card, /^```\nOK\n```/)
    expect(stage.statuses(card)).toEqual(['Running => Pending', 'Pending => Updating', 'Updating => Running'])
    expect(await stage.newest('moving')).toMatchObject({ status: 'succeeded', cause: null })
    expect([replicas('moving'), autoscalers('moving')]).toEqual([3, ['web']])
    expect(stage.world.cluster.get('deployments.apps', 'convox-moving', 'web')?.['status']).toMatchObject({ readyReplicas: 3, updatedReplicas: 3 })
  }, 90_000)

  it.concurrent('moves the number in a stability window that has lasted for longer than the deadline, which costs the release nothing', async () => {
    const deadline = 30
    await runningApp(stage.world, { app: 'lasting', channel: here('lasting'), manifest: ranged })
    await setAppParams(stage.world.slipway().rack, admin, { app: 'lasting', params: [['stability', '45s']] })
    const release = await quickImport(stage.world, 'lasting', '1.4.1', ranged)
    await quickPromote(stage.world, 'lasting', release, deadline)
    const since = await stage.world.slack.until(async () => /"stableSince":"([^"]+)"/.exec(JSON.stringify((await stage.newest('lasting'))['state']))?.[1], 40_000)
    const lasted = (): number => stage.world.slipway().rack.clock().getTime() - Date.parse(since)
    await stage.world.slack.until(() => (lasted() > (deadline + 1) * 1000 ? true : undefined), 60_000)
    await scale('lasting', 4)
    await cardOf(stage.world, here('lasting'), new RegExp(`^Succeeded: ${release} `), 60_000)
    expect(await stage.newest('lasting')).toMatchObject({ status: 'succeeded', cause: null })
    expect(replicas('lasting')).toBe(4)
  }, 150_000)

  it.concurrent('of a release that failed goes, with what it had set', async () => {
    await runningApp(stage.world, { app: 'failing', channel: here('failing'), manifest: fixed })
    await quickImport(stage.world, 'failing', 'notready', ranged.replace('port: 5000', 'port: 5000\n    health: /check'))
    await quickPromote(stage.world, 'failing')
    await stage.world.slack.until(() => (autoscalers('failing').length === 1 ? true : undefined), 20_000)
    await scale('failing', 5)
    await cardOf(stage.world, here('failing'), /^Rolled back: /, 60_000)
    expect([replicas('failing'), autoscalers('failing')]).toEqual([2, []])
  }, 90_000)
})
