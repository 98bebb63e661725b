import { isDirect } from '../direct-channel.ts'
import type { AppAnnouncement } from '../../rack/app-announcement.ts'
import type { Telling } from '../../rack/delivery-store.ts'
import type { PromotionView } from '../../rack/promotion-view.ts'
import { context, section, type Message } from '../blocks.ts'
import { announcement } from './announcement.ts'
import { appAnnouncement, type About } from './app-announcement.ts'
import { commandFor } from './printed-command.ts'
import { appCode, appOf } from './promotion-facts.ts'
import { channel, code, person, say, type Names, type Phrase } from './phrase.ts'
import { textOf } from './promotion-title.ts'
import { cleanText, cut } from './plain-text.ts'
import { movedText } from './usage.ts'

const readOnly = ['restricted_action', 'restricted_action_read_only_channel', 'posting_to_channel_denied', 'posting_to_general_channel_denied']

/** Slack's word for why a channel takes nothing, in ours; null where we are only not a member (reference/cards.md 7, rows 36 and 37). */
export const whyUnpostable = (why: string): string | null => {
  if (why === 'not_in_channel' || why === 'channel_not_found') return null
  if (why === 'is_archived') return 'archived'
  if (why === 'is_ext_shared') return 'shared with another company'
  if (readOnly.includes(why)) return 'read-only'
  if (why === 'restricted_action_non_threadable_channel') return 'no threads there'
  return why === 'restricted_action_thread_only_channel' ? 'threads only' : cut(cleanText(why), 60)
}

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

/** Why a place took nothing, for brackets. */
const reasonOf = (why: string): string => whyUnpostable(why) ?? "I'm not in it"

const whats = { unsaid_card: 'the card', unsaid_end: 'the last word' } as const

/** Told to the person who asked, else to an admin: what could not be said where, why, how things stand, and what to do. */
export const tellingText = (view: PromotionView, telling: Telling): Phrase => {
  if (telling.what === 'moved') return moved(view, telling)
  const place = isDirect(telling.channel) ? say`a direct message` : channel(telling.channel)
  const why = reasonOf(telling.why)
  if (telling.what === 'unsaid_change') {
    const change = telling.announcement === undefined ? 'Something changed there.' : cleanText(announcement(view, telling.announcement).text)
    return say`Slack did not take a word on ${appCode(view)} in ${place} (${why}), so you hear it. ${change} Find out who it is; ${commandFor(view, `releases promote ${view.release.id}`)} takes it back.`
  }
  const stands = say`${cleanText(textOf(view))} See ${commandFor(view, `promotions info ${view.id}`)}`
  if (telling.what === 'unsaid_lines') return say`Lines may be missing in the thread of ${code(view.release.id)} for ${appCode(view)} in ${place} (${why}). ${stands}`
  return say`Slack did not take ${whats[telling.what]} of ${code(view.release.id)} for ${appCode(view)} in ${place} (${why}). ${stands}`
}

/** An announcement for somebody whose channel did not take it: where it was not said and why, what happened, and what to do. */
export const unannounced = (told: AppAnnouncement, about: About, where: { readonly channel: string; readonly why: string }, known: Names = {}): Message => {
  const why = whyUnpostable(where.why)
  const set = commandFor(about, 'apps params set channel=#x')
  const lead = why === null
    ? say`I'm not in ${channel(where.channel)}, so this was not said there. Type ${code('/invite @convox')} there.`
    : say`I can't post in ${channel(where.channel)} (${why}), so this was not said there. Another channel: ${set}`
  const { text, blocks } = appAnnouncement(told, about, known)
  return { text: `${text} Not said in the channel of ${appOf(about)}.`, blocks: [...blocks, context(lead)] }
}

/** What is left to read of a message of ours where people of another company read along now (reference/slack.md 7, cards.md 7 row 9). */
export const redacted = (): Message => {
  const text = 'This channel is shared with another company, so nothing runs or shows here.'
  return { text, blocks: [section(say`${text}`)] }
}
