import type { Announcement } from '../../rack/announcement.ts'
import type { ThreadLine } from '../../rack/thread-line.ts'
import { announcement } from '../messages/announcement.ts'
import { notice } from '../messages/notice.ts'
import { firstLine } from '../messages/thread.ts'
import { firstSeq } from './batch.ts'
import { metadataOf } from './keys.ts'
import { postGently } from './post-gently.ts'
import { hold, rowsDone, type DeliveryParts, type Talk } from './talk.ts'
import { lastMessage, linesMessage, type Payload } from './words.ts'

const sendRows = async (parts: DeliveryParts, talk: Talk, seqs: readonly number[], message: Payload & { readonly broadcast: boolean }): Promise<Talk> => {
  const { conversation, view, memory } = talk
  await hold(talk, parts.store.rowsSending(conversation, seqs))
  for (const seq of seqs) memory.resendRows.delete(seq)
  const key = { kind: 'rows', from: Math.min(...seqs), to: Math.max(...seqs) } as const
  const ts = await postGently(parts, conversation.promotion, {
    channel: conversation.channel, threadTs: conversation.card.ts, broadcast: message.broadcast,
    payload: { text: message.text, blocks: message.blocks }, metadata: metadataOf(conversation.promotion, key, view.rev),
  })
  await hold(talk, parts.store.rowsSent(conversation, seqs, ts))
  return rowsDone(talk, seqs)
}

/** One message of thread lines; the first one has the transcript's first line at its head. */
export const sendLines = (parts: DeliveryParts, talk: Talk, seqs: readonly number[], lines: readonly ThreadLine[]): Promise<Talk> => {
  const head = seqs.includes(firstSeq) ? firstLine(talk.view) : null
  return sendRows(parts, talk, seqs, { ...linesMessage(lines, talk.view, head), broadcast: false })
}

/** The last word of the thread: the notice, or the transcript's last line where there is none. */
export const sendNotice = (parts: DeliveryParts, talk: Talk, seq: number): Promise<Talk> =>
  sendRows(parts, talk, [seq], notice(talk.view) ?? { ...lastMessage(talk.view), broadcast: false })

/** What happened outside any promotion: in the thread of the active release, and in the channel. */
export const sendAnnouncement = (parts: DeliveryParts, talk: Talk, seq: number, told: Announcement): Promise<Talk> =>
  sendRows(parts, talk, [seq], { ...announcement(talk.view, told), broadcast: true })

/** Nowhere to say these any more; the log has why. */
export const giveUpRows = async (parts: DeliveryParts, talk: Talk, seqs: readonly number[]): Promise<Talk> => {
  parts.log.error({ promotion: talk.conversation.promotion, rows: seqs.length }, 'rows are given up: their card could not be posted')
  await hold(talk, parts.store.rowsDead(talk.conversation, seqs, 'the card could not be posted'))
  return rowsDone(talk, seqs)
}
