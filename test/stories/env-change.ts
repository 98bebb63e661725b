import { expect } from 'vitest'
import { openTenant, webManifest } from './tenant.ts'
import type { Telling } from './telling.ts'

export const envChange: Telling = {
  title: 'an env change reaches the processes through a Secret of its own, and the old one stays for the way back',
  app: 'env',
  tell: async (place, app) => {
    const { kube, story } = place
    const tenant = await openTenant(place, app)
    const first = await tenant.import(`${story.world.shop}:1.4.0`, webManifest)
    await tenant.promote(first)
    await tenant.ended(first)
    const answer = await tenant.type('env set TOKEN="with spaces & quotes" GREETING=bye --promote', /Release: +R/)
    const second = /Release: +(R[A-Z]{10})/.exec(answer)?.[1] ?? ''
    await tenant.ended(second)
    expect(await tenant.env('web')).toMatchObject({ TOKEN: 'with spaces & quotes', GREETING: 'bye' })
    expect(JSON.stringify(await tenant.deployment('web'))).not.toContain('with spaces')
    const secret = (release: string) => kube.get(`/api/v1/namespaces/${tenant.namespace}/secrets/env-${release.toLowerCase()}-web`)
    await secret(first)
    expect(await secret(second)).toMatchObject({ immutable: true })
    const without = /Release: +(R[A-Z]{10})/.exec(await tenant.type('env unset TOKEN --promote', /Release: +R/))?.[1] ?? ''
    await tenant.ended(without)
    expect(Object.keys(await tenant.env('web'))).not.toContain('TOKEN')
  },
}
