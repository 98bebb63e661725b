import { expect } from 'vitest'
import { openTenant, webManifest } from './tenant.ts'
import type { Telling } from './telling.ts'

export const goodPromote: Telling = {
  title: 'a good release is promoted, and the next one replaces it process by process',
  app: 'good',
  tell: async (place, app) => {
    const { story } = place
    const tenant = await openTenant(place, app)
    const first = await tenant.import(`${story.world.shop}:1.4.0`, webManifest)
    await tenant.promote(first)
    expect((await tenant.ended(first)).text).toMatch(new RegExp(`^Succeeded: ${first} is active on ${app}`))
    const next = await tenant.importAgain(`${story.world.shop}:1.4.1`)
    await tenant.promote(next)
    const card = await tenant.ended(next)
    expect(card.text).toMatch(new RegExp(`^Succeeded: ${next} is active on ${app}`))
    const statuses = [...story.thread(card).matchAll(/Status: (\w+ => \w+)/g)].map(([, each]) => each)
    // seeds/convox-v3-release.txt
    expect(statuses).toEqual(['Running => Pending', 'Pending => Updating', 'Updating => Running'])
    const web = await tenant.deployment('web')
    expect(web.status.readyReplicas).toBe(2)
    expect(web.spec.template.metadata.labels['release']).toBe(next)
    expect(web.spec.template.spec.containers[0]?.image).toMatch(/\/shop:1\.4\.1@sha256:[0-9a-f]{64}$/)
    expect(await tenant.type('releases --text', /ID {2}/)).toContain(`${next}  active`)
    expect(await tenant.type('ps', /SERVICE/)).toMatch(new RegExp(`web +running +${next}`))
  },
}
