import { expect } from 'vitest'
import { openTenant, shopManifest, webManifest } from './tenant.ts'
import type { Telling } from './telling.ts'

export const serviceRemoved: Telling = {
  title: 'a service that the new release lacks is removed once the release is proven',
  app: 'prune',
  tell: async (place, app) => {
    const { shop } = place.story.world
    const tenant = await openTenant(place, app)
    const both = await tenant.import(`${shop}:1.4.0`, shopManifest)
    await tenant.promote(both)
    await tenant.ended(both)
    expect((await tenant.deployments()).map(({ metadata }) => metadata.name).toSorted()).toEqual(['web', 'worker'])
    const one = await tenant.import(`${shop}:1.4.1`, webManifest)
    await tenant.promote(one)
    expect((await tenant.ended(one)).text).toMatch(/^Succeeded: /)
    await tenant.until('the worker is gone', async () => (await tenant.deployments()).length === 1)
    // Its process stops in its own time.
    await tenant.until('no process of the worker is left', async () => !(await tenant.type('ps', /SERVICE/)).includes('worker'))
    expect(await tenant.type('ps', /SERVICE/)).toContain('web')
  },
}
