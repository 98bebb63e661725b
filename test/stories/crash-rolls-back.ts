import { expect } from 'vitest'
import { openTenant, webManifest } from './tenant.ts'
import type { Telling } from './telling.ts'

export const crashRollsBack: Telling = {
  title: 'a release that crashes goes back by itself and says why, once',
  app: 'crash',
  tell: async (place, app) => {
    const { story } = place
    const { slack, shop } = story.world
    const tenant = await openTenant(place, app)
    const good = await tenant.import(`${shop}:1.4.0`, webManifest)
    await tenant.promote(good)
    await tenant.ended(good)
    const bad = await tenant.importAgain(`${shop}:crash`)
    await tenant.promote(bad)
    const card = await tenant.ended(bad)
    expect(card.text).toBe(`Rolled back: ${app} runs ${good} again; ${bad} failed: web crashed at start (exit 1).`)
    const notices = slack.thread(card).filter((message) => message.broadcast === true)
    expect(notices).toHaveLength(1)
    expect(slack.thread(card).at(-1)?.ts).toBe(notices[0]?.ts)
    expect(JSON.stringify(notices[0]?.blocks)).toContain(`ERROR: rolled back to ${good}: web crashed at start (exit 1)`)
    // The last lines of the container that ended, read from the node through the API server.
    expect(JSON.stringify(notices[0]?.blocks)).toContain('DATABASE_URL is not set')
    const web = await tenant.deployment('web')
    expect(web.spec.template.metadata.labels['release']).toBe(good)
    expect(web.status).toMatchObject({ readyReplicas: 2, replicas: 2 })
    expect(await tenant.type('releases --text', /ID {2}/)).toMatch(new RegExp(`${good}  active(?:.|\\n)*$`))
  },
}
