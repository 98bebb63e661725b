import { expect } from 'vitest'
import { openTenant, shopManifest } from './tenant.ts'
import type { Telling } from './telling.ts'

export const twoServices: Telling = {
  title: 'two services go out together, and both go back when one of them cannot pull its image',
  app: 'two',
  tell: async (place, app) => {
    const { shop } = place.story.world
    const tenant = await openTenant(place, app)
    const good = await tenant.import(`web=${shop}:1.4.0 worker=${shop}:1.4.1`, shopManifest)
    await tenant.promote(good)
    expect((await tenant.ended(good)).text).toMatch(/^Succeeded: /)
    expect((await tenant.deployment('worker')).spec.template.spec.containers[0]?.image).toContain(':1.4.1@')
    const half = await tenant.importAgain(`web=${shop}:1.5.0 worker=${shop}:badimage`)
    await tenant.promote(half)
    expect((await tenant.ended(half)).text).toMatch(new RegExp(`^Rolled back: ${app} runs ${good} again; ${half} failed: worker`))
    for (const { spec, status } of await tenant.deployments()) {
      expect(spec.template.metadata.labels['release']).toBe(good)
      expect(status.readyReplicas).toBe(spec.replicas)
    }
  },
}
