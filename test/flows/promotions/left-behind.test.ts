import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { labelsOf } from '../../../sandbox/cluster/object.ts'
import { setAppParams } from '../../../src/rack/app-params.ts'
import { approve } from '../../../src/rack/approve.ts'
import { createDriftReport } from '../../../src/rack/report-drift.ts'
import { shopManifest } from '../../support/world.ts'
import { admin, cardOf, channelFor, channelsOf, quickApp, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const apps = ['ordered', 'asleep', 'orphans', 'firstleft', 'shrunk', 'expanded', 'swept', 'annotated', 'unheard'] as const
const timer = (name: string): string => `timers:\n  ${name}:\n    schedule: "0 3 * * *"\n    command: bin/${name}\n    service: web\n`
const fixed = 'services:\n  web:\n    build: .\n    command: bin/web\n    port: 5000\n    scale: 2\n'
const ranged = 'services:\n  web:\n    build: .\n    command: bin/web\n    port: 5000\n    scale:\n      count: 2-6\n      targets:\n        cpu: 70\n'
const extra = `${fixed}  extra:\n    build: .\n    command: bin/worker\n    startupProbe: {tcpSocketPort: 7000, grace: 0, interval: 1}\n`

describe('what other promotions left behind', () => {
  let stage: Stage
  const here = (app: string): string => channelFor(app).id
  const names = (app: string, resource: string): string[] => stage.world.cluster.list(resource, `convox-${app}`).map(({ metadata }) => metadata.name).toSorted()
  const text = (app: string, resource: string, name: string): string => JSON.stringify(stage.world.cluster.get(resource, `convox-${app}`, name) ?? null)
  const put = async (app: string, resource: string, changed: string, manager = 'kubectl-edit'): Promise<void> => {
    const object: Parameters<typeof stage.world.cluster.put>[2] = JSON.parse(changed)
    stage.world.cluster.put(resource, `convox-${app}`, object, { manager })
    await stage.world.cluster.settled()
  }
  const step = (app: string, name: string) => stage.world.slack.until(async () => ((await stage.newest(app))['step'] === name ? true : undefined), 20_000)
  const replicas = (app: string): number => Number(/"replicas":(\d+)/.exec(JSON.stringify(stage.world.cluster.get('deployments.apps', `convox-${app}`, 'web')?.['spec'] ?? {}))?.[1])
  const params = (app: string, values: Readonly<Record<string, string>>) => setAppParams(stage.world.slipway().rack, admin, { app, params: Object.entries(values) })
  const promoted = async (app: string, tag: string, manifest: string | null, end: string): Promise<string> => {
    const release = await quickImport(stage.world, app, tag, manifest)
    await quickPromote(stage.world, app, release)
    await cardOf(stage.world, here(app), new RegExp(`^${end}: .*${release}|^${end}: `), 60_000)
    await stage.world.slack.until(async () => ((await stage.newest(app))['finished_at'] === null ? undefined : true), 60_000)
    return release
  }

  beforeAll(async () => {
    stage = await startStage({
      slack: { channels: channelsOf(apps) },
    })
  })
  afterAll(() => stage.close())

  it('a request that still waits does not make the one approved before it look like somebody else', async () => {
    await runningApp(stage.world, { app: 'ordered', channel: here('ordered') })
    await params('ordered', { approvals: '1' })
    const { rack } = stage.world.slipway()
    const report = createDriftReport(rack)
    const told = () => stage.rows(`select fact->>'service' as service from outbox join promotions on promotions.id = promotion_id where app = 'ordered' and outbox.kind = 'announcement' order by 1`)
    const first = await quickPromote(stage.world, 'ordered', await quickImport(stage.world, 'ordered', '1.4.1'))
    await quickPromote(stage.world, 'ordered', await quickImport(stage.world, 'ordered', '1.4.2'))
    await report()
    await approve(rack, { actor: { id: 'U0DEE', name: 'dee', role: 'approver' } }, { promotion: first, rev: null })
    await stage.world.slack.until(async () => ((await stage.rows(`select 1 from promotions where id = '${first}' and status = 'succeeded'`)).length === 1 ? true : undefined), 40_000)
    await report()
    expect(await told()).toEqual([])
    await put('ordered', 'deployments.apps', text('ordered', 'deployments.apps', 'web').replaceAll('bin/web', 'bin/other'))
    await report()
    expect(await told()).toEqual([{ service: 'web' }])
  }, 60_000)

  it('timers that stay suspended after somebody else changed what rolls out are named', async () => {
    await runningApp(stage.world, { app: 'asleep', channel: here('asleep'), manifest: `${fixed}${timer('clean')}`, params: { stability: '1s' } })
    await params('asleep', { stability: '60s' })
    await quickPromote(stage.world, 'asleep', await quickImport(stage.world, 'asleep', '1.4.1', `${fixed}${timer('sweep')}`))
    await step('asleep', 'stability')
    await put('asleep', 'deployments.apps', text('asleep', 'deployments.apps', 'web').replaceAll('bin/web', 'bin/other'))
    const card = await cardOf(stage.world, here('asleep'), /^Superseded: /)
    const shown = stage.shown(card)
    expect(shown).toContain('timer clean stays suspended')
    expect(shown).toContain('timer sweep stays suspended')
  }, 60_000)

  it('what a superseded release had added goes with the way back of the next one', async () => {
    await runningApp(stage.world, { app: 'orphans', channel: here('orphans'), manifest: fixed })
    await params('orphans', { stability: '60s' })
    await quickPromote(stage.world, 'orphans', await quickImport(stage.world, 'orphans', '1.4.1', `${extra}${timer('sweep')}`))
    await step('orphans', 'stability')
    await put('orphans', 'deployments.apps', text('orphans', 'deployments.apps', 'web').replaceAll('bin/web', 'bin/other'))
    await cardOf(stage.world, here('orphans'), /^Superseded: /)
    await params('orphans', { stability: '1s' })
    expect(names('orphans', 'deployments.apps')).toEqual(['extra', 'web'])
    const bad = await quickImport(stage.world, 'orphans', 'crash', `${extra.replaceAll('extra', 'other')}`)
    await quickPromote(stage.world, 'orphans', bad)
    await cardOf(stage.world, here('orphans'), /^Rolled back: /, 60_000)
    expect(names('orphans', 'deployments.apps')).toEqual(['web'])
    expect(names('orphans', 'cronjobs.batch')).toEqual([])
  }, 90_000)

  it('what a first release that failed left goes with the first one that is proven', async () => {
    await quickApp(stage.world, { app: 'firstleft', channel: here('firstleft') })
    await promoted('firstleft', 'crash', `${extra}${timer('sweep')}`, 'Failed')
    expect(names('firstleft', 'deployments.apps')).toEqual(['extra', 'web'])
    const good = await promoted('firstleft', '1.4.0', fixed, 'Succeeded')
    expect(names('firstleft', 'deployments.apps')).toEqual(['web'])
    expect(names('firstleft', 'cronjobs.batch')).toEqual([])
    expect(text('firstleft', 'deployments.apps', 'web')).toContain(good)
  }, 90_000)

  it('a way back to a release with an autoscaler never drops it to one process', async () => {
    await runningApp(stage.world, { app: 'shrunk', channel: here('shrunk'), manifest: ranged })
    await put('shrunk', 'deployments.apps', text('shrunk', 'deployments.apps', 'web').replace(/"replicas":\d+/, '"replicas":5'), 'kube-controller-manager')
    await promoted('shrunk', '1.4.1', ranged, 'Succeeded')
    expect(replicas('shrunk')).toBe(5)
    await promoted('shrunk', 'crash', fixed.replace('scale: 2', 'scale: 4'), 'Rolled back')
    expect([replicas('shrunk'), names('shrunk', 'horizontalpodautoscalers.autoscaling')]).toEqual([4, ['web']])
  }, 90_000)

  it('a volume that somebody made larger stays so, and no release asks for less', async () => {
    const withVolume = `${fixed}    volumes:\n      - /data\n`
    await runningApp(stage.world, { app: 'expanded', channel: here('expanded'), manifest: withVolume })
    const [claim = ''] = names('expanded', 'persistentvolumeclaims')
    await put('expanded', 'persistentvolumeclaims', text('expanded', 'persistentvolumeclaims', claim).replaceAll('"10Gi"', '"20Gi"'))
    await promoted('expanded', '1.4.1', withVolume, 'Succeeded')
    expect(text('expanded', 'persistentvolumeclaims', claim)).toContain('"storage":"20Gi"')
    await promoted('expanded', 'crash', withVolume, 'Rolled back')
    expect(text('expanded', 'persistentvolumeclaims', claim)).toContain('"storage":"20Gi"')
  }, 90_000)

  it('what a failed release command needed goes once a release is proven, and its Job does not run on', async () => {
    await runningApp(stage.world, { app: 'swept', channel: here('swept'), manifest: shopManifest })
    const bad = await promoted('swept', 'badimage', `${shopManifest}release:\n  service: web\n  command: bin/migrate\n`, 'Failed')
    expect(await stage.newest('swept')).toMatchObject({ status: 'failed', cause: { kind: 'image_not_found' } })
    expect(names('swept', 'jobs.batch')).toEqual([])
    expect(names('swept', 'secrets').filter((name) => name.includes(bad.toLowerCase()))).toHaveLength(1)
    await promoted('swept', '1.4.1', shopManifest, 'Succeeded')
    expect(names('swept', 'secrets').filter((name) => name.includes(bad.toLowerCase()))).toEqual([])
  }, 90_000)

  const byHand = '"annotations":{"edited":"by hand"}'
  const web = (app: string): string => text(app, 'deployments.apps', 'web')
  const annotate = (app: string): Promise<void> => put(app, 'deployments.apps', web(app).replace('"annotations":{', '"annotations":{"seen":"yes",'), 'kube-controller-manager')
  it.each([
    // As the Deployment's controller does once it has seen what was applied.
    ['annotated', 'while the controllers write as well', true, annotate],
    ['unheard', 'although the answer to that is lost', false, async () => stage.world.cluster.dropConnections()],
  ] as const)('%s: what somebody put into a template goes with the way back, %s', async (app, _how, applied, meanwhile) => {
    const back = await runningApp(stage.world, { app, channel: here(app), manifest: shopManifest })
    await put(app, 'deployments.apps', web(app).replace('"template":{"metadata":{', `"template":{"metadata":{${byHand},`))
    expect(web(app)).toContain(byHand)
    const seen = { failed: false, times: 0 }
    const over = stage.world.cluster.observe(({ object }) => {
      if (object.kind !== 'Deployment' || object.metadata.name !== 'web' || object.metadata.namespace !== `convox-${app}`) return
      if (labelsOf(object)['release'] !== back) seen.failed = true
      else if (seen.failed && seen.times === 0 && JSON.stringify(object).includes(byHand) === applied) {
        seen.times += 1
        queueMicrotask(() => void meanwhile(app))
      }
    })
    await quickPromote(stage.world, app, await quickImport(stage.world, app, 'crash'))
    await stage.world.slack.until(async () => ((await stage.newest(app))['finished_at'] === null ? undefined : true), 60_000)
    over()
    expect(await stage.newest(app)).toMatchObject({ status: 'rolled_back', rollback_cause: null })
    expect(seen.times).toBe(1)
    expect(web(app)).not.toContain('by hand')
    for (const service of ['web', 'worker']) expect(text(app, 'deployments.apps', service)).toContain(back)
  }, 90_000)
})
