import type { Telling } from '../../rack/delivery-store.ts'
import type { PromotionView } from '../../rack/promotion-view.ts'
import { commandFor } from './printed-command.ts'
import { appCode } from './promotion-facts.ts'
import { channel, code, person, say, type Phrase } from './phrase.ts'
import { textOf } from './promotion-title.ts'
import { cleanText, cut } from './plain-text.ts'
import { movedText } from './usage.ts'

const readOnly = ['restricted_action', 'restricted_action_read_only_channel', 'posting_to_channel_denied', 'posting_to_general_channel_denied']

/** Slack's word for why a channel takes nothing, in ours; null where we are only not a member (reference/cards.md 7, rows 36 and 37). */
export const whyUnpostable = (why: string): string | null => {
  if (why === 'not_in_channel' || why === 'channel_not_found') return null
  if (why === 'is_archived') return 'archived'
  if (readOnly.includes(why)) return 'read-only'
  if (why === 'restricted_action_non_threadable_channel') return 'no threads there'
  return why === 'restricted_action_thread_only_channel' ? 'threads only' : cut(cleanText(why), 60)
}

const isDirect = (id: string): boolean => id.startsWith('D')

const moved = (view: PromotionView, telling: Telling): Phrase => {
  const why = whyUnpostable(telling.why)
  const set = say`Another channel for ${appCode(view)}: ${commandFor(view, 'apps params set channel=#x')}`
  if (telling.to === undefined || isDirect(telling.to)) return say`${movedText(telling.channel, why)} ${set}`
  return why === null
    ? say`I'm not in ${channel(telling.channel)}. Notices of ${appCode(view)} go to ${channel(telling.to)}.`
    : say`I can't post in ${channel(telling.channel)} (${why}). Notices of ${appCode(view)} go to ${channel(telling.to)}.`
}

/** Said where a conversation was, of where it is now; null: on a newer card in the same channel. */
export const goesOnText = (view: PromotionView, to: string | null): Phrase => {
  if (to === null) return say`Goes on in a newer message`
  return isDirect(to) ? say`Goes on in a direct message to ${person(view.requester)}` : say`Goes on in ${channel(to)}`
}

const whats = { unsaid_card: 'the card', unsaid_end: 'the last word' } as const

/** Told to the person who asked, else to an admin: what could not be said where, why, how things stand, and what to do. */
export const tellingText = (view: PromotionView, telling: Telling): Phrase => {
  if (telling.what === 'moved') return moved(view, telling)
  const place = isDirect(telling.channel) ? say`a direct message` : channel(telling.channel)
  return say`Slack did not take ${whats[telling.what]} of ${code(view.release.id)} for ${appCode(view)} in ${place} (${cut(cleanText(telling.why), 60)}). ${cleanText(textOf(view))} See ${commandFor(view, `promotions info ${view.id}`)}`
}
