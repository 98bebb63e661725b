import type { Announcement } from '../../rack/announcement.ts'
import { announcement } from '../messages/announcement.ts'
import { firstLine, type SaidLine } from '../messages/thread.ts'
import { firstSeq } from './batch.ts'
import { metadataOf, rangesOf } from './keys.ts'
import { lastWord } from './last-word.ts'
import { postGently } from './post-gently.ts'
import { buttonsAre, hold, plainOf, rowsDone, type DeliveryParts, type Talk } from './talk.ts'
import { linesMessage, type Payload } from './words.ts'

const postRows = async (parts: DeliveryParts, talk: Talk, seqs: readonly number[], message: Payload & { readonly broadcast: boolean }): Promise<string> => {
  const { conversation, view } = talk
  await hold(talk, parts.store.rowsSending(conversation, seqs))
  const key = { kind: 'rows', ranges: rangesOf(seqs) } as const
  const { channel, promotion, card } = conversation
  const payload = { text: message.text, blocks: message.blocks }
  const post = { channel, threadTs: card.ts, broadcast: message.broadcast, payload, metadata: metadataOf(promotion, key, view.rev) }
  return postGently(parts, post, plainOf(payload, view), { promotion })
}

const rowsSent = async (parts: DeliveryParts, talk: Talk, seqs: readonly number[], message: Payload & { readonly broadcast: boolean }): Promise<Talk> => {
  const ts = await postRows(parts, talk, seqs, message)
  await hold(talk, parts.store.rowsSent(talk.conversation, seqs, ts))
  return rowsDone(talk, seqs)
}

/** One message of thread lines; the first one has the transcript's first line at its head. */
export const sendLines = (parts: DeliveryParts, talk: Talk, seqs: readonly number[], lines: readonly SaidLine[]): Promise<Talk> => {
  const head = seqs.includes(firstSeq) ? firstLine(talk.view) : null
  return rowsSent(parts, talk, seqs, { ...linesMessage(lines, talk.view, head), broadcast: false })
}

/** The last word of the thread: the notice, or the transcript's last line where there is none. */
export const sendNotice = async (parts: DeliveryParts, talk: Talk, seq: number): Promise<Talk> => {
  const message = lastWord(talk.view)
  const ts = await postRows(parts, talk, [seq], message)
  await hold(talk, parts.store.noticeSent(talk.conversation, seq, ts, message.buttons))
  return buttonsAre(rowsDone(talk, [seq]), message.buttons ? { ts, due: false } : null)
}

/** What happened outside any promotion: in the thread of the active release, and in the channel. */
export const sendAnnouncement = (parts: DeliveryParts, talk: Talk, seq: number, told: Announcement): Promise<Talk> =>
  rowsSent(parts, talk, [seq], { ...announcement(talk.view, told), broadcast: true })
