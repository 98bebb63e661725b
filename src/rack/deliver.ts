import {
  changeConversation, changeRows, claimConversations, findConversation, openRows, releaseConversation, renewConversation, type ConversationRecord, type RowChange,
} from '../db/conversations.ts'
import { findPromotion } from '../db/promotions.ts'
import type { Announcement } from './announcement.ts'
import type { Rack } from './context.ts'
import type { Conversation, DeliveryStore, OutboxRow } from './delivery-store.ts'
import { fromJson } from './json.ts'
import { isFinal } from './promotion.ts'
import { promotionView, type ViewRack } from './promotions.ts'
import type { ThreadLine } from './thread-line.ts'

type DeliveryRack = ViewRack & Pick<Rack, 'instance' | 'clock' | 'wakeDelivery'>

/** Design 4: senders hold leases as rollouts do. */
const leaseSeconds = 10

const factOf = (row: Awaited<ReturnType<typeof openRows>>[number]): OutboxRow['fact'] => {
  const line = row.kind === 'line' ? fromJson<ThreadLine>(row.fact) : null
  const announcement = row.kind === 'announcement' ? fromJson<Announcement>(row.fact) : null
  if (line !== null) return { kind: 'line', line }
  return announcement === null ? { kind: 'notice' } : { kind: 'announcement', announcement }
}

const rowOf = (row: Awaited<ReturnType<typeof openRows>>[number]): OutboxRow => {
  return {
    seq: row.seq, attempts: row.attempts, createdAt: row.createdAt, state: row.state === 'pending' ? 'pending' : 'unknown',
    fact: factOf(row),
  }
}

const conversationOf = async (rack: DeliveryRack, record: ConversationRecord): Promise<Conversation> => {
  const promotion = await findPromotion(rack.db, record.promotionId)
  if (promotion === undefined) throw new Error(`no promotion ${record.promotionId}`)
  const rows = await openRows(rack.db, record.promotionId)
  const now = rack.clock()
  // Order is kept: a row that has to wait holds back the rows behind it.
  const waiting = rows.findIndex((row) => row.notBefore !== null && row.notBefore > now)
  return {
    promotion: record.promotionId, epoch: record.epoch, channel: record.channel, rev: promotion.rev, final: isFinal(promotion.status),
    card: { ts: record.cardTs, rev: record.cardRev, hash: record.cardHash, state: record.cardState, at: record.cardAt },
    rows: (waiting < 0 ? rows : rows.slice(0, waiting)).map(rowOf),
  }
}

/** What the bot's sender needs of the database that these racks share: one sender speaks for all of them. */
export const createDeliveryStore = (rack: DeliveryRack, ...others: readonly DeliveryRack[]): DeliveryStore => {
  const racks = [rack, ...others]
  const held = new Set<string>()
  const change = (conversation: Conversation, set: Parameters<typeof changeConversation>[3]) => changeConversation(rack.db, conversation.promotion, conversation.epoch, set)
  const rows = (conversation: Conversation, seqs: readonly number[], set: RowChange) => changeRows(rack.db, conversation.promotion, conversation.epoch, seqs, set)
  return {
    claim: async (limit) => {
      const claimed: Conversation[] = []
      for (const record of await claimConversations(rack.db, { racks: racks.map(({ name }) => name), owner: rack.instance, held: [...held], seconds: leaseSeconds, limit })) {
        claimed.push(await conversationOf(rack, record))
      }
      // All or none: what is held but was not handed out would never be given back, and nobody here would speak for it again.
      for (const { promotion } of claimed) held.add(promotion)
      return claimed
    },
    renew: (conversation) => renewConversation(rack.db, conversation.promotion, conversation.epoch, leaseSeconds),
    release: async (conversation) => {
      held.delete(conversation.promotion)
      await releaseConversation(rack.db, conversation.promotion, conversation.epoch)
    },
    view: async (id) => {
      const promotion = await findPromotion(rack.db, id)
      if (promotion === undefined) throw new Error(`no promotion ${id}`)
      return promotionView(racks.find(({ name }) => name === promotion.rack) ?? rack, promotion)
    },
    cardOf: async (id) => {
      const record = await findConversation(rack.db, id)
      return record === undefined || record.cardTs === null ? null : { channel: record.channel, ts: record.cardTs }
    },
    cardSending: (conversation) => change(conversation, { cardState: 'sending', cardAt: rack.clock() }),
    cardSent: (conversation, { ts, rev, hash }) => change(conversation, { cardState: 'sent', cardTs: ts, cardRev: rev, cardHash: hash }),
    cardUnknown: (conversation) => change(conversation, { cardState: 'unknown' }),
    cardLost: (conversation) => change(conversation, { cardState: 'none', cardTs: null, cardHash: null, cardRev: 0, continues: true }),
    cardDead: (conversation, why) => change(conversation, { cardState: 'dead', why }),
    rowsSending: (conversation, seqs) => rows(conversation, seqs, { state: 'sending', attempt: true }),
    rowsSent: (conversation, seqs, ts) => rows(conversation, seqs, { state: 'sent', ts }),
    rowsUnknown: (conversation, seqs) => rows(conversation, seqs, { state: 'unknown' }),
    rowsDead: (conversation, seqs, why) => rows(conversation, seqs, { state: 'dead', why }),
    rowsLater: (conversation, seqs, seconds) => rows(conversation, seqs, { state: 'pending', laterBy: seconds }),
    reroute: (conversation, channel) => change(conversation, { channel, cardState: 'none', cardTs: null, cardHash: null, cardRev: 0, continues: conversation.card.ts !== null }),
    onWork: (callback) => rack.wakeDelivery.on(callback),
  }
}
