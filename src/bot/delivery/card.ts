import { promotionCard } from '../messages/promotion-card.ts'
import { metadataOf } from './keys.ts'
import { postGently } from './post-gently.ts'
import { cardIs, cardShows, hashOf, hold, plainOf, type DeliveryParts, type Talk } from './talk.ts'
import { readTrouble } from './slack-error.ts'

/** Posts the card: intent first, so that a crash in between is looked for and not posted twice. */
export const postCard = async (parts: DeliveryParts, talk: Talk): Promise<Talk> => {
  const { conversation, view, memory } = talk
  await hold(talk, parts.store.cardSending(conversation))
  memory.resendCard = false
  const payload = promotionCard(view)
  const ts = await postGently(parts, conversation.promotion, {
    channel: conversation.channel, threadTs: null, broadcast: false, payload, metadata: metadataOf(conversation.promotion, { kind: 'card' }, view.rev),
  })
  const shown = { ts, rev: view.rev, hash: hashOf(payload) }
  await hold(talk, parts.store.cardSent(conversation, shown))
  memory.shown = view.status
  memory.redrawnAt = parts.now()
  return cardShows(talk, shown)
}

/** Shows the newest facts on the card; nothing is sent when they look the same. */
export const redrawCard = async (parts: DeliveryParts, talk: Talk): Promise<Talk> => {
  const { conversation, view, memory } = talk
  const { ts, hash } = conversation.card
  if (ts === null) return cardIs(talk, { state: 'none' })
  const payload = promotionCard(view)
  const shown = { ts, rev: view.rev, hash: hashOf(payload) }
  if (shown.hash !== hash) {
    const message = { channel: conversation.channel, ts, metadata: metadataOf(conversation.promotion, { kind: 'card' }, view.rev) }
    try {
      await parts.calls.update({ ...message, payload })
    } catch (error) {
      const trouble = readTrouble(error)
      if (trouble?.kind !== 'malformed') throw error
      parts.log.error({ promotion: conversation.promotion, why: trouble.why, pointers: trouble.pointers }, 'Slack does not take this card; it is shown as text')
      await parts.calls.update({ ...message, payload: plainOf(payload, conversation.promotion) })
    }
    memory.redrawnAt = parts.now()
  }
  memory.redrawFailures = 0
  memory.shown = view.status
  await hold(talk, parts.store.cardSent(conversation, shown))
  return cardShows(talk, shown)
}
