import { expect } from 'vitest'
import { openTenant, webManifest } from './tenant.ts'
import type { Telling } from './telling.ts'

export const firstFails: Telling = {
  title: 'a first release that crashes is scaled to 0 and kept to look at; the next one runs',
  app: 'first',
  tell: async (place, app) => {
    const { shop } = place.story.world
    const tenant = await openTenant(place, app)
    const bad = await tenant.import(`${shop}:crash`, webManifest)
    await tenant.promote(bad)
    expect((await tenant.ended(bad)).text).toBe(`Failed: first release ${bad} of ${app}: web crashed at start (exit 1). Nothing is running.`)
    expect((await tenant.deployment('web')).spec.replicas).toBe(0)
    await tenant.until('no process is left', async () => ((await tenant.deployment('web')).status.replicas ?? 0) === 0)
    const good = await tenant.importAgain(`${shop}:1.4.0`)
    await tenant.promote(good)
    expect((await tenant.ended(good)).text).toMatch(/^Succeeded: /)
    expect((await tenant.deployment('web')).status.readyReplicas).toBe(2)
  },
}
