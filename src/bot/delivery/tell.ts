import type { Telling } from '../../rack/delivery-store.ts'
import { mrkdwn } from '../messages/phrase.ts'
import { tellingText } from '../messages/undelivered.ts'
import { keyIn, metadataOf } from './keys.ts'
import { mostLooks, oldestFor } from './lost-answer.ts'
import { mayPass, readTrouble, type Trouble } from './slack-error.ts'
import { hold, tellingsAre, type DeliveryParts, type Talk } from './talk.ts'

/** A definite no of this person's direct messages: somebody else is told. */
const isNo = (trouble: Trouble | undefined): boolean => trouble !== undefined && !mayPass(trouble)

const set = async (parts: DeliveryParts, talk: Talk, tellings: readonly Telling[]): Promise<Talk> => {
  await hold(talk, parts.store.tell(talk.conversation, tellings))
  return tellingsAre(talk, tellings)
}

/** Whether what was under way has arrived; null when that cannot be read. */
const arrived = async (parts: DeliveryParts, talk: Talk, sending: NonNullable<Telling['sending']>): Promise<boolean | null> => {
  try {
    const found = await parts.calls.read({ channel: sending.direct, threadTs: null, oldest: oldestFor(Date.parse(sending.at)) })
    return found.some((message) => message.botId === parts.botId() && keyIn(message.metadata, talk.conversation.promotion)?.kind === 'told')
  } catch (error) {
    if (!isNo(readTrouble(error))) throw error
    return null
  }
}

const directOf = async (parts: DeliveryParts, person: string): Promise<string | null> => {
  try {
    return await parts.calls.openDirect(person)
  } catch (error) {
    if (!isNo(readTrouble(error))) throw error
    return null
  }
}

/** Posts it to the first person who can be written to. Throws what may pass. */
const post = async (parts: DeliveryParts, talk: Talk, telling: Telling, rest: readonly Telling[]): Promise<Talk> => {
  const { conversation, view } = talk
  const people = [view.requester, ...(await parts.admins()).filter((id) => id !== view.requester)]
  for (const person of people) {
    const direct = await directOf(parts, person)
    if (direct === null) continue
    const held = await set(parts, talk, [{ ...telling, sending: { direct, at: new Date(parts.now()).toISOString() } }, ...rest])
    try {
      const payload = { text: mrkdwn(tellingText(view, telling)), blocks: [] }
      await parts.calls.post({ channel: direct, threadTs: null, broadcast: false, payload, metadata: metadataOf(conversation.promotion, { kind: 'told' }, view.rev) })
      return await set(parts, held, rest)
    } catch (error) {
      const trouble = readTrouble(error)
      if (trouble === undefined) throw error
      // It is written down as under way: the next look finds out.
      if (trouble.kind === 'ambiguous') return held
      await set(parts, held, [telling, ...rest])
      if (!isNo(trouble)) throw error
    }
  }
  parts.log.error({ promotion: conversation.promotion, what: telling.what, why: telling.why }, 'nobody could be told of what was not said')
  return set(parts, talk, rest)
}

/** Tells somebody, once, of the first thing that could not be said. A post whose answer was lost is looked for; where that is not possible it counts as made. */
export const tellPerson = async (parts: DeliveryParts, talk: Talk): Promise<Talk> => {
  const [telling, ...rest] = talk.conversation.tellings
  if (telling === undefined) return talk
  const { sending } = telling
  if (sending === undefined) return post(parts, talk, telling, rest)
  const found = await arrived(parts, talk, sending)
  if (found !== false) return set(parts, talk, rest)
  const looks = (sending.looks ?? 0) + 1
  if (looks >= mostLooks) return post(parts, talk, telling, rest)
  return set(parts, talk, [{ ...telling, sending: { ...sending, looks, lookedAt: new Date(parts.now()).toISOString() } }, ...rest])
}
