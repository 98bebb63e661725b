import type { PromotionView } from '../../rack/promotion-view.ts'
import { notice } from '../messages/notice.ts'
import { redacted } from '../messages/undelivered.ts'
import { buttonsAre, hold, type DeliveryParts, type Talk } from './talk.ts'
import { lastMessage, type Payload } from './words.ts'

/** The last message of a thread as Slack takes it; `buttons`: it has some, which have to go one day. */
export const lastWord = (view: PromotionView): Payload & { readonly broadcast: boolean; readonly buttons: boolean } => {
  const message = notice(view) ?? { ...lastMessage(view), broadcast: false }
  return { text: message.text, blocks: message.blocks, broadcast: message.broadcast, buttons: message.blocks.some(({ type }) => type === 'actions') }
}

/** Whether the last word of this promotion has buttons. */
export const hasButtons = ({ view }: Pick<Talk, 'view'>): boolean => lastWord(view).buttons

/** Blocks of a last word whose buttons are of no use any more. */
export const withoutButtons = (blocks: Payload['blocks']): Payload['blocks'] => blocks.filter(({ type }) => type !== 'actions')

/** Keeps that there are no buttons to take away any more. */
export const buttonsAreGone = async (parts: DeliveryParts, talk: Talk): Promise<Talk> => {
  await hold(talk, parts.store.buttonsGone(talk.conversation))
  return buttonsAre(talk, null)
}

/** Draws the last word again without its buttons: they were used, the app's next promotion began, or a day has passed (reference/cards.md 2.5). */
export const takeButtons = async (parts: DeliveryParts, talk: Talk): Promise<Talk> => {
  const { conversation, view } = talk
  const { buttons, channel } = conversation
  if (buttons === null) return talk
  const { text, blocks } = lastWord(view)
  const payload = await parts.isShared(channel) ? redacted() : { text, blocks: withoutButtons(blocks) }
  await parts.calls.update({ channel, ts: buttons.ts, payload, metadata: null })
  return buttonsAreGone(parts, talk)
}
