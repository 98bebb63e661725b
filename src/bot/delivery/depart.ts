import { context } from '../blocks.ts'
import { mrkdwn } from '../messages/phrase.ts'
import { promotionCard } from '../messages/promotion-card.ts'
import { goesOnText, redacted } from '../messages/undelivered.ts'
import { metadataOf } from './keys.ts'
import { lastWord, withoutButtons } from './last-word.ts'
import type { Left, Memory } from './memory.ts'
import { updateGently } from './post-gently.ts'
import type { Failure } from './remedies.ts'
import { sharedWord } from './slack-error.ts'
import { buttonsAre, cardIs, hold, plainOf, tellingsAre, type DeliveryParts, type Talk } from './talk.ts'

/** Words after which our own messages there cannot be changed either: their buttons stay until a person opens the place to us again. */
const sealed = ['is_archived', 'channel_not_found']

/**
 * What stays behind and can still be changed when a conversation goes on elsewhere; `to` null: on a new card in the same channel, where the last word is
 * still in reach. A channel that takes no posts may take changes of our own messages (reference/slack.md 4.5).
 */
export const leftBehind = ({ conversation }: Talk, { doing, trouble }: Failure, to: string | null): readonly Left[] => {
  const { card, buttons } = conversation
  // A change is what was refused, or there is nothing (any more) to change. Where others read along it is us who refuse, and what stands there is taken back.
  if (trouble.why !== sharedWord && (doing === 'redraw' || doing === 'buttons' || trouble.kind === 'gone' || sealed.includes(trouble.why))) return []
  return [
    ...(card.ts === null ? [] : [{ what: 'card', ts: card.ts } as const]),
    ...(to === null || buttons === null ? [] : [{ what: 'last_word', ts: buttons.ts } as const]),
  ]
}

const without = (leaving: NonNullable<Memory['leaving']>, left: Left): Memory['leaving'] => ({ ...leaving, messages: leaving.messages.filter((one) => one !== left) })

/** Whatever became of it, a message that stays behind is tried once. */
export const leftAsItIs = (talk: Talk, left: Left): Talk => {
  const { memory } = talk
  if (memory.leaving !== null) memory.leaving = without(memory.leaving, left)
  return talk
}

/**
 * Draws what stays behind without buttons, and says where it goes on; where others read along, without anything. A card left so is not adopted as the
 * promotion's card any more.
 */
export const leave = async (parts: DeliveryParts, talk: Talk, left: Left): Promise<Talk> => {
  const { conversation: { channel, promotion }, view, memory } = talk
  if (memory.leaving === null) return talk
  const { to, why } = memory.leaving
  const metadata = left.what === 'card' ? metadataOf(promotion, { kind: 'left' }, view.rev) : null
  if (why === sharedWord) {
    await parts.calls.update({ channel, ts: left.ts, payload: redacted(), metadata })
    return leftAsItIs(talk, left)
  }
  const { text, blocks } = left.what === 'card' ? promotionCard(view, { goesOn: to }) : lastWord(view)
  const goesOn = goesOnText(view, to)
  const payload = { text, blocks: left.what === 'card' ? blocks : [...withoutButtons(blocks), context(goesOn)] }
  await updateGently(parts, { channel, ts: left.ts, payload, metadata }, plainOf({ text: `${text}\n${mrkdwn(goesOn)}` }, view), { promotion })
  return leftAsItIs(talk, left)
}

const noCard = { ts: null, rev: 0, status: null, hash: null, state: 'none', at: null } as const

/** The conversation goes on where it was decided: in another channel, of which somebody is told, or on a new card. */
export const depart = async (parts: DeliveryParts, talk: Talk): Promise<Talk> => {
  const { conversation, memory } = talk
  const { channel, promotion } = conversation
  if (memory.leaving === null) return talk
  const { to, why, messages } = memory.leaving
  if (messages.length > 0) parts.log.warn({ promotion, channel, left: messages }, 'there was no time to take the buttons of what stays behind')
  const tellings = to === null ? conversation.tellings : [...conversation.tellings, { what: 'moved' as const, channel, why, to }]
  await hold(talk, to === null ? parts.store.cardLost(conversation) : parts.store.reroute(conversation, to, tellings))
  memory.leaving = null
  // It says now that it continues an earlier one.
  const next = { ...cardIs(talk, noCard), view: await parts.store.view(promotion) }
  if (to === null) return next
  memory.joined = false
  const moved = buttonsAre(tellingsAre(next, tellings), null)
  return { ...moved, conversation: { ...moved.conversation, channel: to } }
}
