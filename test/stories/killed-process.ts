import { expect } from 'vitest'
import { startSlipwayProcess } from './slipway-process.ts'
import { openTenant, webManifest } from './tenant.ts'
import type { Telling } from './telling.ts'

export const killedProcess: Telling = {
  title: 'a process killed in the middle of a rollout leaves it to the next one: same card, same thread, one end',
  app: 'killed',
  tell: async (place, app) => {
    const { story } = place
    const { slack, shop, environment } = story.world
    const tenant = await openTenant(place, app)
    await story.world.stop()
    try {
      const before = await startSlipwayProcess(environment)
      const first = await tenant.import(`${shop}:1.4.0`, webManifest)
      await tenant.promote(first)
      await tenant.ended(first)

      const slow = await tenant.importAgain(`${shop}:slow`)
      await tenant.promote(slow)
      const moving = await tenant.card(slow, /^Rolling out: /)
      await slack.until(() => story.thread(moving).includes('Pending => Updating'))
      await before.kill()
      expect(slack.messages(story.channel).find(({ ts }) => ts === moving.ts)?.text).toMatch(/^Rolling out: /)

      const next = await startSlipwayProcess(environment)
      const card = await tenant.ended(slow)
      expect(card.ts).toBe(moving.ts)
      expect(card.text).toMatch(new RegExp(`^Succeeded: ${slow} is active`))
      const thread = story.thread(card)
      for (const arrow of ['Running => Pending', 'Pending => Updating', 'Updating => Running']) expect(thread.split(arrow), arrow).toHaveLength(2)
      expect(slack.messages(story.channel).filter((message) => message.thread === undefined && message.text.includes(slow))).toHaveLength(1)

      const bad = await tenant.importAgain(`${shop}:notready`)
      await tenant.promote(bad)
      const doomed = await tenant.card(bad, /^Rolling out: /)
      await slack.until(() => story.thread(doomed).includes('Pending => Updating'))
      await tenant.type('apps cancel', /./s)
      await tenant.card(bad, /^Rolling back: /)
      await next.kill()
      const last = await startSlipwayProcess(environment)
      expect((await tenant.ended(bad)).text).toMatch(new RegExp(`^Rolled back: ${app} runs ${slow} again`))
      expect(slack.thread(doomed).filter((message) => message.broadcast === true).length).toBeLessThanOrEqual(1)
      expect((await tenant.deployment('web')).spec.template.metadata.labels['release']).toBe(slow)
      expect(await last.stop()).toBe(0)
    } finally {
      await story.world.start()
    }
  },
}
