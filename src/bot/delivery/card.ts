import { isMoving } from '../../rack/promotion.ts'
import { promotionCard } from '../messages/promotion-card.ts'
import { metadataOf } from './keys.ts'
import { hashOf } from './look.ts'
import { postGently, updateGently } from './post-gently.ts'
import { cardIs, cardShows, hold, plainOf, type DeliveryParts, type Talk } from './talk.ts'

/** Whole tens of seconds that the next redraw of a moving card may be late by; undefined while that is not worth a word. */
const behindSeconds = (parts: DeliveryParts, talk: Talk): number | undefined => {
  if (!isMoving(talk.view.status)) return undefined
  const backlog = parts.pace.backlog({ kind: 'update' }, `${talk.conversation.promotion} update`)
  return backlog > parts.timings.tellBehind ? Math.ceil(backlog / 10_000) * 10 : undefined
}

/** True when the card as it would be drawn now is the one that is shown. */
export const looksSame = ({ conversation, view }: Pick<Talk, 'conversation' | 'view'>): boolean => hashOf(promotionCard(view), view) === conversation.card.hash

/** Posts the card: intent first, so that a crash in between is looked for and not posted twice. */
export const postCard = async (parts: DeliveryParts, talk: Talk): Promise<Talk> => {
  const { conversation, view, memory } = talk
  await hold(talk, parts.store.cardSending(conversation))
  const payload = promotionCard(view)
  const { channel, promotion } = conversation
  const post = { channel, threadTs: null, broadcast: false, payload, metadata: metadataOf(promotion, { kind: 'card' }, view.rev) }
  const ts = await postGently(parts, post, plainOf(payload, view), { promotion })
  const shown = { ts, rev: view.rev, status: view.status, hash: hashOf(payload, view) }
  await hold(talk, parts.store.cardSent(conversation, shown))
  memory.redrawnAt = parts.now()
  return cardShows(talk, shown)
}

/** Shows the newest facts on the card. */
export const redrawCard = async (parts: DeliveryParts, talk: Talk): Promise<Talk> => {
  const { conversation, view, memory } = talk
  const { channel, promotion, card: { ts } } = conversation
  if (ts === null) return cardIs(talk, { state: 'none' })
  const payload = promotionCard(view, { behindSeconds: behindSeconds(parts, talk) })
  await updateGently(parts, { channel, ts, payload, metadata: metadataOf(promotion, { kind: 'card' }, view.rev) }, plainOf(payload, view), { promotion })
  memory.redrawnAt = parts.now()
  return noteRev(parts, talk)
}

/** Keeps that the card shows the newest facts. */
export const noteRev = async (parts: DeliveryParts, talk: Talk): Promise<Talk> => {
  const { conversation, view } = talk
  const { ts } = conversation.card
  if (ts === null) return cardIs(talk, { state: 'none' })
  const shown = { ts, rev: view.rev, status: view.status, hash: hashOf(promotionCard(view), view) }
  await hold(talk, parts.store.cardSent(conversation, shown))
  return cardShows(talk, shown)
}
