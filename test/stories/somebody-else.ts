import { expect } from 'vitest'
import { openTenant, webManifest } from './tenant.ts'
import type { Telling } from './telling.ts'

export const somebodyElse: Telling = {
  title: 'a change by somebody else stops the rollout and is left as they made it',
  app: 'edited',
  tell: async (place, app) => {
    const { kube, story } = place
    const { slack, shop } = story.world
    const tenant = await openTenant(place, app)
    const good = await tenant.import(`${shop}:1.4.0`, webManifest)
    await tenant.promote(good)
    await tenant.ended(good)
    const stuck = await tenant.importAgain(`${shop}:notready`)
    await tenant.promote(stuck)
    const moving = await tenant.card(stuck, /^Rolling out: /)
    await slack.until(() => story.thread(moving).includes('Pending => Updating'))
    const path = `/apis/apps/v1/namespaces/${tenant.namespace}/deployments/web?fieldManager=kubectl-edit`
    await kube.patch(path, { spec: { template: { metadata: { annotations: { edited: 'by hand' } } } } })
    const card = await tenant.ended(stuck)
    expect(card.text).toBe(`Superseded: ${stuck} on ${app} was stopped, kubectl-edit changed web. Nothing was rolled back.`)
    const web = await tenant.deployment('web')
    expect(web.spec.template.metadata).toMatchObject({ annotations: { edited: 'by hand' } })
    expect(await tenant.type('releases --text', /ID {2}/)).toContain(`${good}  active`)

    const next = await tenant.importAgain(`${shop}:1.4.1`)
    await tenant.promote(next)
    expect((await tenant.ended(next)).text).toMatch(/^Succeeded: /)
    expect((await tenant.deployment('web')).status.readyReplicas).toBe(2)
  },
}
