import type { OutboxRow, Place } from '../../rack/delivery-store.ts'
import { removeCopy } from './copies.ts'
import { giveUpRows } from './give-up.ts'
import { carries, keyIn, type MessageKey } from './keys.ts'
import { latestFor, mostLooks, noLooks, oldestFor } from './lost-answer.ts'
import type { Found } from './slack-calls.ts'
import { readTrouble, type Trouble } from './slack-error.ts'
import { hasButtons } from './last-word.ts'
import { buttonsAre, cardIs, cardShows, hold, looksAre, rowsAre, rowsDone, type DeliveryParts, type Talk } from './talk.ts'

/** Milliseconds looked back when it is not known when a card was tried. */
const unknownTime = 600_000

interface Ours { readonly ts: string; readonly key: MessageKey }

const oursAmong = (messages: readonly Found[], promotion: string, botId: string | undefined): readonly Ours[] =>
  messages.flatMap((message) => {
    const key = message.botId === botId ? keyIn(message.metadata, promotion) : undefined
    return key === undefined ? [] : [{ ts: message.ts, key }]
  }).sort((a, b) => Number(a.ts) - Number(b.ts))

/** When to look for a card tried at `at`: until now when that time is not known. */
const around = (at: Date | null, now: number): { oldest: string; latest?: string } =>
  (at === null ? { oldest: oldestFor(now - unknownTime) } : { oldest: oldestFor(at.getTime()), latest: latestFor(at.getTime()) })

/** True when this trouble means that history can not be read at all, now or later. `mayJoin`: being no member can still be cured. */
const neverReadable = (trouble: Trouble, mayJoin: boolean): boolean =>
  trouble.kind === 'refused' || trouble.kind === 'unpostable' || trouble.why === 'missing_scope' || trouble.why === 'channel_not_found' || (trouble.kind === 'absent' && !mayJoin)

/** A place, and from when until when it is looked at. */
interface Where extends Place { readonly oldest: string; readonly latest?: string }

/** Our messages there; null when Slack does not let us read the place. Other trouble is thrown. */
const look = async (parts: DeliveryParts, { conversation, memory }: Talk, where: Where): Promise<readonly Ours[] | null> => {
  const { promotion, channel } = conversation
  try {
    return oursAmong(await parts.calls.read(where), promotion, parts.botId())
  } catch (error) {
    const trouble = readTrouble(error)
    // Nobody answered in a thread that is not there.
    if (trouble?.kind === 'gone') return []
    // Only where the conversation is now do we become a member: it left the other place because that was of no use.
    if (trouble === undefined || !neverReadable(trouble, where.channel === channel && !memory.joined)) throw error
    parts.log.warn({ promotion, channel: where.channel, why: trouble.why }, 'this channel cannot be read back')
    return null
  }
}

/** Nothing is looked for any more. */
const settled = async (parts: DeliveryParts, talk: Talk): Promise<Talk> => {
  if (talk.conversation.looks.count === 0) return talk
  await hold(talk, parts.store.looked(talk.conversation, noLooks))
  return looksAre(talk, noLooks)
}

/** Keeps a look in vain; `enough` once that was the last one. */
const lookedInVain = async (parts: DeliveryParts, talk: Talk): Promise<{ readonly talk: Talk; readonly enough: boolean }> => {
  const count = talk.conversation.looks.count + 1
  if (count >= mostLooks) return { talk: await settled(parts, talk), enough: true }
  const looks = { count, at: new Date(parts.now()) }
  await hold(talk, parts.store.looked(talk.conversation, looks))
  return { talk: looksAre(talk, looks), enough: false }
}

/** The card is not there: it may be posted again. */
const cardUnsent = async (parts: DeliveryParts, talk: Talk): Promise<Talk> => {
  await hold(talk, parts.store.cardUnsent(talk.conversation))
  return cardIs(looksAre(talk, noLooks), { state: 'none' })
}

/** These rows are not there: they may be said again. */
const rowsUnsent = async (parts: DeliveryParts, talk: Talk, rows: readonly OutboxRow[]): Promise<Talk> => {
  const seqs = rows.map(({ seq }) => seq)
  await hold(talk, parts.store.rowsLater(talk.conversation, seqs, 0))
  return rowsAre(talk, seqs, { state: 'pending' })
}

/** The card that stands there among these, and copies of it; what was left behind is neither. */
const cardsAmong = (found: readonly Ours[], leftTs: string | null): readonly Ours[] =>
  found.filter(({ key, ts }) => key.kind === 'card' && (leftTs === null || Number(ts) > Number(leftTs)))

/** Finds out whether a card whose answer was lost is there, and adopts it. Of two, the older one stays. */
export const settleCard = async (parts: DeliveryParts, talk: Talk): Promise<Talk> => {
  const { conversation } = talk
  if (conversation.card.state === 'sending') await hold(talk, parts.store.cardUnknown(conversation))
  const { channel } = conversation
  const found = await look(parts, talk, { channel, threadTs: null, ...around(conversation.card.at, parts.now()) })
  const [card, ...copies] = cardsAmong(found ?? [], conversation.leftTs)
  if (card === undefined) {
    // A card is worth a possible second one; nobody can act without it.
    if (found === null) return cardUnsent(parts, talk)
    const after = await lookedInVain(parts, cardIs(talk, { state: 'unknown' }))
    return after.enough ? cardUnsent(parts, after.talk) : after.talk
  }
  // Its content is not known for sure: an empty hash makes the next redraw show the truth.
  const shown = { ts: card.ts, rev: 0, status: null, hash: '' }
  // First the copies: once the card is settled nobody looks for them again.
  for (const copy of copies) {
    const seconds = await removeCopy(parts, { view: talk.view, channel, ts: copy.ts })
    if (seconds === 0) continue
    // What Slack limits is not the looking: nobody else's look waits.
    talk.memory.retries.look.notBefore = parts.now() + seconds * 1000
    return talk
  }
  await hold(talk, parts.store.cardSent(conversation, shown))
  return cardShows(looksAre(talk, noLooks), shown)
}

/** Finds out which of these rows, tried in one place and without an answer, stand there: in the thread of the card, or of one that was left since. */
export const settleRows = async (parts: DeliveryParts, talk: Talk, rows: readonly OutboxRow[]): Promise<Talk> => {
  const { conversation } = talk
  const oldest = oldestFor(Math.min(...rows.map((row) => row.createdAt.getTime())))
  const place = rows[0]?.tried ?? { channel: conversation.channel, threadTs: conversation.card.ts }
  const found = await look(parts, talk, { ...place, oldest })
  let next = talk
  const missing: OutboxRow[] = []
  for (const row of rows) {
    const message = (found ?? []).find((one) => carries(one.key, row.seq))
    if (message === undefined) {
      missing.push(row)
      continue
    }
    next = rowsDone(next, [row.seq])
    if (row.fact.kind !== 'notice') {
      await hold(talk, parts.store.rowsSent(conversation, [row.seq], message.ts))
      continue
    }
    // In a channel that was left the buttons are out of reach.
    const buttons = place.channel === conversation.channel && hasButtons(talk)
    await hold(talk, parts.store.noticeSent(conversation, row.seq, message.ts, buttons))
    if (buttons) next = buttonsAre(next, { ts: message.ts, due: false })
  }
  if (missing.length === 0) return settled(parts, next)
  if (found !== null) {
    const after = await lookedInVain(parts, next)
    return after.enough ? rowsUnsent(parts, after.talk, missing) : after.talk
  }
  // Unreadable: the last word rather twice than never, a log line rather never than twice (reference/slack.md 6.3).
  const lines = missing.filter(({ fact }) => fact.kind === 'line').map(({ seq }) => seq)
  const others = missing.filter(({ fact }) => fact.kind !== 'line')
  const after = others.length === 0 ? next : await rowsUnsent(parts, next, others)
  return lines.length === 0 ? after : giveUpRows(parts, after, lines, 'an answer was lost and the channel cannot be read back')
}
