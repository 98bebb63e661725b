import type { Telling } from '../../rack/delivery-store.ts'
import { putOff } from './memory.ts'
import { rowsOf, type Step } from './plan.ts'
import { cardIs, cardShows, hold, rowsDone, tellingsAre, type DeliveryParts, type Talk } from './talk.ts'

/** Somebody has to hear these; kept before what they tell of is marked as given up. */
const toTell = async (parts: DeliveryParts, talk: Talk, more: readonly Telling[]): Promise<Talk> => {
  if (more.length === 0) return talk
  const tellings = [...talk.conversation.tellings, ...more]
  await hold(talk, parts.store.tell(talk.conversation, tellings))
  return tellingsAre(talk, tellings)
}

/** Lines are told of once in a conversation, and not where there is no thread to miss them in: of the card somebody hears anyway. */
const linesUntold = async (parts: DeliveryParts, { conversation }: Talk): Promise<boolean> =>
  conversation.card.state !== 'dead' && !conversation.tellings.some(({ what }) => what === 'unsaid_lines') && !(await parts.store.linesGivenUp(conversation))

/** Nowhere to say these any more; the rows keep why, and somebody is told what nobody reads there. */
export const giveUpRows = async (parts: DeliveryParts, talk: Talk, seqs: readonly number[], why: string): Promise<Talk> => {
  const { conversation } = talk
  const { promotion, channel } = conversation
  const facts = conversation.rows.flatMap(({ seq, fact }) => (seqs.includes(seq) ? [fact] : []))
  parts.log.error({ promotion, channel, rows: seqs.length }, `rows are given up: ${why}`)
  const lines = facts.some(({ kind }) => kind === 'line') && await linesUntold(parts, talk)
  const told = await toTell(parts, talk, [
    ...(lines ? [{ what: 'unsaid_lines', channel, why } as const] : []),
    ...facts.flatMap((fact) => (fact.kind === 'announcement' ? [{ what: 'unsaid_change', channel, why, announcement: fact.announcement } as const] : [])),
    ...(facts.some(({ kind }) => kind === 'notice') ? [{ what: 'unsaid_end', channel, why } as const] : []),
  ])
  await hold(told, parts.store.rowsDead(conversation, seqs, why))
  return rowsDone(told, seqs)
}

/** As if it were shown, else it would be tried for ever; the next change is a new chance. */
export const skipRedraw = async (parts: DeliveryParts, talk: Talk): Promise<Talk> => {
  const { conversation, view } = talk
  if (conversation.card.ts === null) return talk
  const shown = { ts: conversation.card.ts, rev: view.rev, status: conversation.card.status, hash: '' }
  await hold(talk, parts.store.cardSent(conversation, shown))
  return cardShows(talk, shown)
}

/** What a step was to say is not said, for good: it is kept with its reason, and somebody is told. */
export const giveUp = async (parts: DeliveryParts, talk: Talk, step: Step, why: string): Promise<Talk> => {
  const { conversation, memory } = talk
  const { channel } = conversation
  if (step.do === 'post_card') {
    const told = await toTell(parts, talk, [{ what: 'unsaid_card', channel, why }])
    await hold(told, parts.store.cardDead(conversation, why))
    return cardIs(told, { state: 'dead' })
  }
  if (step.do === 'redraw') return skipRedraw(parts, await toTell(parts, talk, [{ what: 'unsaid_card', channel, why }]))
  if (step.do === 'tell') {
    parts.log.error({ promotion: conversation.promotion, why }, 'nobody could be told of what was not said')
    const [, ...rest] = conversation.tellings
    await hold(talk, parts.store.tell(conversation, rest))
    return tellingsAre(talk, rest)
  }
  const seqs = rowsOf(step)
  if (seqs.length > 0) return giveUpRows(parts, talk, seqs, why)
  // Reading back is not possible there: what follows is decided as if nothing were known.
  putOff(memory, 'look', parts.timings, parts.now())
  return talk
}
