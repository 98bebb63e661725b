import {
  changeConversation, changeRows, claimConversations, findConversation, hasDeadLines, noticeTs, openRows, releaseConversation, renewConversation, type ClaimedConversation, type OpenRow, type RowChange, type Seen,
} from '../db/conversations.ts'
import { changeLane, markPresence } from '../db/lanes.ts'
import { findPromotion } from '../db/promotions.ts'
import type { Json } from '../db/schema.ts'
import type { Announcement } from './announcement.ts'
import { appParams } from './apps.ts'
import type { Rack } from './context.ts'
import type { Conversation, DeliveryStore, OutboxRow, Telling } from './delivery-store.ts'
import { fromJson, toJson } from './json.ts'
import { freshLane, pauseLane, takeFrom, type LaneState } from './lane.ts'
import { isFinal } from './promotion.ts'
import { promotionView, type ViewRack } from './promotions.ts'
import type { ThreadLine } from './thread-line.ts'

type DeliveryRack = ViewRack & Pick<Rack, 'instance' | 'clock' | 'wakeDelivery'>

/** Design 4: senders hold leases as rollouts do. */
const leaseSeconds = 10
/** Buttons of a last message live so long (reference/cards.md 2.5). */
const buttonHours = 24
/** Nobody in touch with Slack for so long is an absence that the threads mention. */
const absenceSeconds = 60

/** What is kept of a lane, by whichever version of ours. */
const laneOf = (state: Json): LaneState => ({ ...freshLane, ...fromJson<Partial<LaneState>>(state) })

const factOf = (row: OpenRow): OutboxRow['fact'] => {
  const line = row.kind === 'line' ? fromJson<ThreadLine>(row.fact) : null
  const announcement = row.kind === 'announcement' ? fromJson<Announcement>(row.fact) : null
  if (line !== null) return { kind: 'line', line }
  return announcement === null ? { kind: 'notice' } : { kind: 'announcement', announcement }
}

const rowOf = (row: OpenRow): OutboxRow => {
  return {
    seq: row.seq, attempts: row.attempts, createdAt: row.createdAt, state: row.state === 'pending' ? 'pending' : 'unknown',
    tried: row.triedChannel === null ? null : { channel: row.triedChannel, threadTs: row.triedThread }, fact: factOf(row),
  }
}

const conversationOf = async (rack: DeliveryRack, record: ClaimedConversation): Promise<{ conversation: Conversation; seen: Seen }> => {
  const promotion = await findPromotion(rack.db, record.promotionId)
  if (promotion === undefined) throw new Error(`no promotion ${record.promotionId}`)
  const rows = await openRows(rack.db, record.promotionId)
  const now = rack.clock()
  // Order is kept: a row that has to wait holds back the rows behind it.
  const waiting = rows.findIndex(({ wait }) => wait > 0)
  const first = rows[waiting]
  const last = record.buttonsUntil === null ? undefined : await noticeTs(rack.db, record.promotionId)
  // Without the message there is nothing to take them from.
  if (record.buttonsDue && last === undefined) await changeConversation(rack.db, record.promotionId, record.epoch, { buttonsUntil: null })
  return {
    seen: { rev: promotion.rev, facts: promotion.facts },
    conversation: {
      promotion: record.promotionId, epoch: record.epoch, channel: record.channel, rev: promotion.rev, final: isFinal(promotion.status),
      card: { ts: record.cardTs, rev: record.cardRev, status: record.cardStatus, hash: record.cardHash, state: record.cardState, at: record.cardAt },
      leftTs: record.leftTs, looks: { count: record.looks, at: record.lookedAt },
      rows: (waiting < 0 ? rows : rows.slice(0, waiting)).map(rowOf), rowsAt: first === undefined ? null : new Date(now.getTime() + first.wait),
      buttons: last === undefined ? null : { ts: last, due: record.buttonsDue },
      tellings: fromJson<Telling[]>(record.telling) ?? [],
    },
  }
}

/** What the bot's sender needs of the database that these racks share: one sender speaks for all of them. */
export const createDeliveryStore = (rack: DeliveryRack, ...others: readonly DeliveryRack[]): DeliveryStore => {
  const racks = [rack, ...others]
  /** What is leased here, and what was known of it then. */
  const held = new Map<string, Seen>()
  const change = (conversation: Conversation, set: Parameters<typeof changeConversation>[3]) => changeConversation(rack.db, conversation.promotion, conversation.epoch, set)
  const rows = (conversation: Conversation, seqs: readonly number[], set: RowChange) => changeRows(rack.db, conversation.promotion, conversation.epoch, seqs, set)
  return {
    claim: async (limit, which) => {
      const records = await claimConversations(rack.db, { racks: racks.map(({ name }) => name), owner: rack.instance, held: [...held.keys()], seconds: leaseSeconds, limit, which })
      const claimed = await Promise.all(records.map((record) => conversationOf(rack, record)))
      // All or none: what is held but was not handed out would never be given back, and nobody here would speak for it again.
      for (const { conversation, seen } of claimed) held.set(conversation.promotion, seen)
      return claimed.map(({ conversation }) => conversation)
    },
    renew: (conversation) => renewConversation(rack.db, conversation.promotion, conversation.epoch, leaseSeconds),
    release: async (conversation, wait) => {
      const seen = held.get(conversation.promotion) ?? { rev: conversation.rev, facts: 0 }
      held.delete(conversation.promotion)
      await releaseConversation(rack.db, conversation.promotion, conversation.epoch, seen, wait)
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
    cardSending: (conversation) => change(conversation, { cardState: 'sending', cardAt: rack.clock(), looks: 0 }),
    cardSent: (conversation, { ts, rev, status, hash }) => change(conversation, { cardState: 'sent', cardAt: rack.clock(), cardTs: ts, cardRev: rev, cardStatus: status, cardHash: hash, looks: 0 }),
    cardUnknown: (conversation) => change(conversation, { cardState: 'unknown' }),
    cardUnsent: (conversation) => change(conversation, { cardState: 'none', looks: 0 }),
    cardLost: (conversation) => change(conversation, {
      cardState: 'none', cardTs: null, cardHash: null, cardStatus: null, cardRev: 0, continues: true, leftTs: conversation.card.ts ?? conversation.leftTs, looks: 0,
    }),
    cardDead: (conversation, why) => change(conversation, { cardState: 'dead', why }),
    rowsSending: (conversation, seqs) => rows(conversation, seqs, { state: 'sending', attempt: { channel: conversation.channel, threadTs: conversation.card.ts } }),
    rowsSent: (conversation, seqs, ts) => rows(conversation, seqs, { state: 'sent', ts }),
    noticeSent: (conversation, seq, ts, buttons) => rows(conversation, [seq], { state: 'sent', ts, ...(buttons ? { buttonHours } : {}) }),
    buttonsGone: (conversation) => change(conversation, { buttonsUntil: null }),
    rowsUnknown: (conversation, seqs) => rows(conversation, seqs, { state: 'unknown' }),
    rowsDead: (conversation, seqs, why) => rows(conversation, seqs, { state: 'dead', why }),
    linesGivenUp: (conversation) => hasDeadLines(rack.db, conversation.promotion),
    rowsLater: (conversation, seqs, seconds) => rows(conversation, seqs, { state: 'pending', laterBy: seconds }),
    looked: (conversation, { count, at }) => change(conversation, { looks: count, lookedAt: at }),
    reroute: (conversation, channel, tellings) => change(conversation, {
      channel, telling: toJson(tellings), cardState: 'none', cardTs: null, cardHash: null, cardStatus: null, cardRev: 0, buttonsUntil: null, leftTs: null, looks: 0, ...(conversation.card.ts === null ? {} : { continues: true }),
    }),
    otherChannel: async (conversation) => {
      const promotion = await findPromotion(rack.db, conversation.promotion)
      const channel = promotion === undefined ? null : (await appParams(rack.db, promotion.rack, promotion.app)).channel
      return channel === conversation.channel ? null : channel
    },
    tell: (conversation, tellings) => change(conversation, { telling: tellings.length === 0 ? null : toJson(tellings) }),
    takeLane: (name, rule, urgency, waited) => changeLane(rack.db, name, (state, now) => {
      const { wait, lane } = takeFrom(laneOf(state), rule, urgency, now, { owner: rack.instance, waited })
      return { state: toJson(lane), result: wait }
    }),
    pauseLane: (name, ms) => changeLane(rack.db, name, (state, now) => ({ state: toJson(pauseLane(laneOf(state), ms, now)), result: undefined })),
    present: async () => {
      const { awayFrom, awayUntil } = await markPresence(rack.db, absenceSeconds)
      return awayFrom === null || awayUntil === null ? null : { from: awayFrom, until: awayUntil }
    },
    onWork: (callback) => rack.wakeDelivery.on(callback),
  }
}
