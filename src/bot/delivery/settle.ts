import type { OutboxRow } from '../../rack/delivery-store.ts'
import { removeCopy } from './copies.ts'
import { giveUpRows } from './give-up.ts'
import { carries, keyIn, type MessageKey } from './keys.ts'
import { latestFor, mostLooks, oldestFor } from './lost-answer.ts'
import type { Found } from './slack-calls.ts'
import { readTrouble, type Trouble } from './slack-error.ts'
import { hasButtons } from './last-word.ts'
import { buttonsAre, cardIs, cardShows, hold, rowsDone, type DeliveryParts, type Talk } from './talk.ts'

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

/** True when this trouble means that history can not be read at all, now or later. */
const neverReadable = (trouble: Trouble, joined: boolean): boolean =>
  trouble.kind === 'refused' || trouble.kind === 'unpostable' || trouble.why === 'missing_scope' || trouble.why === 'channel_not_found' || (trouble.kind === 'absent' && joined)

/** Our messages there; null when Slack does not let us read the place. Other trouble is thrown. */
const look = async (parts: DeliveryParts, talk: Talk, where: { threadTs: string | null; oldest: string; latest?: string }): Promise<readonly Ours[] | null> => {
  const { channel, promotion } = talk.conversation
  try {
    return oursAmong(await parts.calls.read({ channel, ...where }), promotion, parts.botId())
  } catch (error) {
    const trouble = readTrouble(error)
    if (trouble === undefined || !neverReadable(trouble, talk.memory.joined)) throw error
    parts.log.warn({ promotion, channel, why: trouble.why }, 'this channel cannot be read back')
    return null
  }
}

/** Counts a look in vain; true once that was enough. */
const looked = (parts: DeliveryParts, talk: Talk): boolean => {
  talk.memory.looks += 1
  talk.memory.lookedAt = parts.now()
  if (talk.memory.looks < mostLooks) return false
  talk.memory.looks = 0
  return true
}

/** Finds out whether a card whose answer was lost is there, and adopts it. Of two, the older one stays. */
export const settleCard = async (parts: DeliveryParts, talk: Talk): Promise<Talk> => {
  const { conversation, memory } = talk
  if (conversation.card.state === 'sending') await hold(talk, parts.store.cardUnknown(conversation))
  const found = await look(parts, talk, { threadTs: null, ...around(conversation.card.at, parts.now()) })
  const [card, ...copies] = (found ?? []).filter((message) => message.key.kind === 'card')
  if (card === undefined) {
    // A card is worth a possible second one; nobody can act without it.
    if (found === null || looked(parts, talk)) memory.resendCard = true
    return cardIs(talk, { state: 'unknown' })
  }
  // Its content is not known for sure: an empty hash makes the next redraw show the truth.
  const shown = { ts: card.ts, rev: 0, hash: '' }
  // First the copies: once the card is settled nobody looks for them again.
  for (const copy of copies) await removeCopy(parts, { view: talk.view, channel: conversation.channel, ts: copy.ts })
  await hold(talk, parts.store.cardSent(conversation, shown))
  memory.looks = 0
  return cardShows(talk, shown)
}

/** Finds out which rows whose answer was lost stand in the thread. */
export const settleRows = async (parts: DeliveryParts, talk: Talk, rows: readonly OutboxRow[]): Promise<Talk> => {
  const { conversation, memory } = talk
  const oldest = oldestFor(Math.min(...rows.map((row) => row.createdAt.getTime())))
  const found = await look(parts, talk, { threadTs: conversation.card.ts, oldest })
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
    const buttons = hasButtons(talk)
    await hold(talk, parts.store.noticeSent(conversation, row.seq, message.ts, buttons))
    if (buttons) next = buttonsAre(next, { ts: message.ts, due: false })
  }
  if (missing.length === 0) {
    memory.looks = 0
    return next
  }
  if (found !== null) {
    if (looked(parts, talk)) for (const row of missing) memory.resendRows.add(row.seq)
    return next
  }
  // Unreadable: the last word rather twice than never, a log line rather never than twice (reference/slack.md 6.3).
  const lines = missing.filter((row) => row.fact.kind === 'line').map((row) => row.seq)
  for (const row of missing) if (row.fact.kind !== 'line') memory.resendRows.add(row.seq)
  return lines.length === 0 ? next : giveUpRows(parts, next, lines, 'an answer was lost and the channel cannot be read back')
}
