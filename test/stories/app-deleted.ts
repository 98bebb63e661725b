import { expect } from 'vitest'
import { ApiFailure } from '../../sandbox/kubelet/api.ts'
import { openTenant, webManifest } from './tenant.ts'
import type { Telling } from './telling.ts'

export const appDeleted: Telling = {
  title: 'an app is deleted with its namespace, and with nothing else',
  app: 'deleted',
  tell: async (place, app) => {
    const { kube, story } = place
    const tenant = await openTenant(place, app)
    const release = await tenant.import(`${story.world.shop}:1.4.0`, webManifest)
    await tenant.promote(release)
    await tenant.ended(release)
    await story.ask(story.bo, `/convox apps delete ${app} --confirm ${app}`, /[Dd]elet/)
    await tenant.until('the namespace is gone', async () => {
      try {
        await kube.get(`/api/v1/namespaces/${tenant.namespace}`)
        return false
      } catch (error) {
        if (error instanceof ApiFailure && error.code === 404) return true
        throw error
      }
    })
    expect(await kube.get('/api/v1/namespaces/default')).toMatchObject({ metadata: { name: 'default' } })
  },
}
