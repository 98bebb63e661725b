import type { Announcement } from '../../rack/announcement.ts'
import type { PromotionView } from '../../rack/promotion-view.ts'
import { section, withIds, type Message } from '../blocks.ts'
import { commandFor } from './printed-command.ts'
import { appCode, appOf } from './promotion-facts.ts'
import { code, say, secs } from './phrase.ts'
import { cleanText, cut, inert } from './plain-text.ts'

const managerOf = (manager: string | undefined): string => cut(cleanText(manager ?? 'somebody'), 60)

/** What the channel hears of a change outside any promotion (cards.md 4, "Also"). */
export const announcement = (view: PromotionView, told: Announcement): Message => {
  const service = cut(cleanText(told.service), 63)
  const back = commandFor(view, `releases promote ${view.release.id}`)
  return {
    text: inert(`Changed: ${managerOf(told.manager)} ${told.what} ${service} of ${appOf(view)}. Nothing was done about it.`),
    blocks: withIds(view.id, view.rev, [
      ['announcement', section(say`🔀 *Changed: ${code(managerOf(told.manager))} ${told.what} ${code(service)} of ${appCode(view)} at ${secs(told.at)}.* It no longer runs what ${code(view.release.id)} says, and nothing was done about it.\n*What to do* Find out who it is; ${back} takes it back.`)],
    ]),
  }
}
