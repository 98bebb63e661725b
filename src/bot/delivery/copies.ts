import type { PromotionView } from '../../rack/promotion-view.ts'
import { mayPass, readTrouble } from './slack-error.ts'
import { plainOf, type DeliveryParts } from './talk.ts'

/** A second card of one promotion: nobody redraws it, so nobody may go by it. */
interface Copy { readonly view: PromotionView; readonly channel: string; readonly ts: string }

const text = 'This is a copy: the card of this promotion is the message before it.'

/** Does `call`; the word of a definite no, null when it is done or there is nothing to do it to. Throws what may pass. */
const refusalOf = async (call: () => Promise<void>): Promise<string | null> => {
  try {
    await call()
    return null
  } catch (error) {
    const trouble = readTrouble(error)
    if (trouble === undefined || mayPass(trouble)) throw error
    return trouble.kind === 'gone' ? null : trouble.why
  }
}

/** Takes a copy of a card away; where it may not be deleted, it loses its buttons and says what it is. Throws what may pass. */
export const removeCopy = async ({ calls, log }: DeliveryParts, { view, channel, ts }: Copy): Promise<void> => {
  const undeleted = await refusalOf(() => calls.remove(channel, ts))
  if (undeleted === null) return
  const unchanged = await refusalOf(() => calls.update({ channel, ts, payload: plainOf({ text }, view), metadata: null }))
  log.warn({ promotion: view.id, channel, ts, why: undeleted, unchanged }, 'a copy of the card could not be deleted')
}
