import { expect } from 'vitest'
import { openTenant, webManifest } from './tenant.ts'
import type { Telling } from './telling.ts'

export const rollbackCommand: Telling = {
  title: 'releases rollback copies an older release forward and runs its image and env again',
  app: 'rollback',
  tell: async (place, app) => {
    const { shop } = place.story.world
    const tenant = await openTenant(place, app)
    const old = await tenant.import(`${shop}:1.4.0`, webManifest)
    await tenant.promote(old)
    await tenant.ended(old)
    await tenant.type('env set GREETING=changed', /Release: +R/)
    const next = await tenant.importAgain(`${shop}:1.5.0`)
    await tenant.promote(next)
    await tenant.ended(next)
    expect((await tenant.env('web'))['GREETING']).toBe('changed')

    const answer = await tenant.type(`releases rollback ${old}`, /Rolling back to/)
    const copy = answer.match(/\bR[A-Z]{10}\b/g)?.find((id) => id !== old)
    if (copy === undefined) throw new Error(`no new release in ${answer}`)
    expect((await tenant.ended(copy)).text).toMatch(new RegExp(`^Succeeded: ${copy} is active on ${app}`))
    expect((await tenant.deployment('web')).spec.template.spec.containers[0]?.image).toContain(':1.4.0@')
    expect((await tenant.env('web'))['GREETING']).toBe('hello')
    expect(await tenant.type('releases --text', /ID {2}/)).toContain(`rollback to ${old}`)
  },
}
