import type { PromotionView } from '../../rack/promotion-view.ts'
import { mayPass, readTrouble } from './slack-error.ts'
import { plainOf, type DeliveryParts } from './talk.ts'

/** A second card of one promotion: nobody redraws it, so nobody may go by it. */
interface Copy { readonly view: PromotionView; readonly channel: string; readonly ts: string }

const text = 'This is a copy: the card of this promotion is the message before it.'

/** The word of a definite no, or for how many seconds Slack wants to hear no such call. */
interface Refusal { readonly why: string; readonly seconds: number }

/** Does `call`; null when it is done or there is nothing to do it to. Throws what may pass otherwise. */
const refusalOf = async (call: () => Promise<void>): Promise<Refusal | null> => {
  try {
    await call()
    return null
  } catch (error) {
    const trouble = readTrouble(error)
    if (trouble?.kind === 'limited') return trouble
    if (trouble === undefined || mayPass(trouble)) throw error
    return trouble.kind === 'gone' ? null : { why: trouble.why, seconds: 0 }
  }
}

/**
 * Takes a copy of a card away; where it may not be deleted, it loses its buttons and says what it is. Returns after how many seconds to try again: 0 when
 * nothing is left to do. Throws what may pass otherwise.
 */
export const removeCopy = async ({ calls, pace, log }: DeliveryParts, { view, channel, ts }: Copy): Promise<number> => {
  const undeleted = await refusalOf(() => calls.remove(channel, ts))
  if (undeleted === null || undeleted.seconds > 0) return undeleted?.seconds ?? 0
  const unchanged = await refusalOf(() => calls.update({ channel, ts, payload: plainOf({ text }, view), metadata: null }))
  if (unchanged !== null && unchanged.seconds > 0) {
    await pace.pause({ kind: 'update' }, unchanged.seconds * 1000)
    return unchanged.seconds
  }
  log.warn({ promotion: view.id, channel, ts, why: undeleted.why, unchanged: unchanged?.why ?? null }, 'a copy of the card could not be deleted')
  return 0
}
