import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectApi } from '../../sandbox/kubelet/api.ts'
import { startKubelet } from '../../sandbox/kubelet/start.ts'
import { everyStory } from '../stories/every-story.ts'
import { placeOf, storySpeed, type Place } from '../stories/place.ts'
import { installRights } from '../support/install-rights.ts'
import { installBeside } from '../support/world.ts'
import { canRunControlPlane } from './control-plane/available.ts'
import { startControlPlane, type ControlPlane } from './control-plane/start.ts'
import { tellRequestBudget } from './request-budget.ts'

/** test/stories/simulated.test.ts tells the same on the simulated cluster. */
describe.skipIf(!canRunControlPlane())('on a real control plane, with exactly the rights of deploy/slipway.yaml', () => {
  let control: ControlPlane
  let place: Place
  let stopKubelet: () => Promise<void>

  beforeAll(async () => {
    control = await startControlPlane(undefined, { audit: 'system:serviceaccount:slipway:slipway' })
    const admin = connectApi(control.kubeconfig)
    await installRights(admin)
    await admin.close()
    const kubelet = await startKubelet({ kubeconfig: control.kubeconfig, nodeName: 'instance-0a1b2c3d4e5f', speed: storySpeed })
    stopKubelet = () => kubelet.stop()
    place = placeOf(await installBeside(await control.serviceAccountKubeconfig('slipway', 'slipway')), control.kubeconfig)
  })
  afterAll(async () => {
    await place?.close()
    await stopKubelet?.()
    await control?.stop()
  })

  it.each(everyStory)('$title', { timeout: 180_000 }, async ({ tell, app }) => {
    await tell(place, app)
    expect(place.story.world.logged()).not.toContain('something unexpected')
  })

  it('asks for no more than the request budget has, by the audit log of the API server', { timeout: 180_000 }, () => tellRequestBudget(place, 'counted', control.audited))

  it('may see no Secret outside the namespaces it made', async () => {
    const restricted = connectApi(await control.serviceAccountKubeconfig('slipway', 'slipway'))
    await expect(restricted.get('/api/v1/secrets')).rejects.toMatchObject({ code: 403 })
    await expect(restricted.get('/api/v1/namespaces/kube-system/secrets')).rejects.toMatchObject({ code: 403 })
    await expect(restricted.get('/api/v1/namespaces/convox-crash/secrets/nope')).rejects.toMatchObject({ code: 404 })
    await restricted.close()
  })
})
