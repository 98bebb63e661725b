import type { Absence, Conversation, DeliveryStore, OutboxRow, Telling } from '../../../../src/rack/delivery-store.ts'
import { freshLane, pauseLane, takeFrom, type LaneState } from '../../../../src/rack/lane.ts'
import type { PromotionView } from '../../../../src/rack/promotion-view.ts'

type State = OutboxRow['state'] | 'sending' | 'sent' | 'dead'
interface Row { readonly seq: number; readonly fact: OutboxRow['fact']; state: State; ts: string | null; why: string | null; notBefore: number; createdAt: Date; tried: OutboxRow['tried'] }
interface Record {
  view: PromotionView
  channel: string
  card: { ts: string | null; rev: number; status: Conversation['card']['status']; hash: string | null; state: Conversation['card']['state']; at: Date | null }
  leftTs: string | null
  looks: Conversation['looks']
  rows: Row[]
  epoch: number
  owner: string | null
  until: number
  wakeAt: number
  sleeper: string | null
  /** It changed while it was leased. */
  news: boolean
  tellings: readonly Telling[]
  buttonsUntil: number | null
}

/** The tables of one database, which several senders may use: each opens its own store by name. */
export interface Outbox {
  store(owner: string): DeliveryStore
  begin(view: PromotionView, channel: string, facts?: readonly OutboxRow['fact'][]): void
  /** A fact of the rack: the promotion changes and rows are added, in one go. */
  change(promotion: string, view: Partial<PromotionView>, facts?: readonly OutboxRow['fact'][]): void
  record(promotion: string): Record
  /** The app's channel as it is set; null: none. */
  setChannel(channel: string | null): void
  /** The last message of its thread loses its buttons. */
  retireButtons(promotion: string): void
  setAbsence(absence: Absence | null): void
  lane(name: string): LaneState
  /** True when nothing is left to say, and nobody holds anything. */
  quiet(): boolean
  /** True when nothing is left to say. */
  said(): boolean
}

const noLooks = { count: 0, at: null } as const

/** The outbox without a database, as strict as the real one about leases: a write without the newest epoch is refused. */
export const createOutbox = (): Outbox => {
  const records = new Map<string, Record>()
  const lanes = new Map<string, LaneState>()
  const laneOf = (name: string): LaneState => lanes.get(name) ?? freshLane
  let appChannel: string | null = null
  let absence: Absence | null = null
  const listeners = new Set<() => void>()
  const wake = (): void => listeners.forEach((listener) => listener())
  const record = (promotion: string): Record => {
    const found = records.get(promotion)
    if (found === undefined) throw new Error(`no ${promotion}`)
    return found
  }
  const isOpen = (row: Row): boolean => row.state !== 'sent' && row.state !== 'dead'
  const buttonsDue = (one: Record): boolean => one.buttonsUntil !== null && one.buttonsUntil <= Date.now()
  const isUrgent = (one: Record): boolean => one.view.finishedAt !== null || one.view.status === 'rolling_back'
  const buttonsOf = (one: Record): Conversation['buttons'] => {
    const ts = one.buttonsUntil === null ? null : one.rows.find((row) => row.fact.kind === 'notice')?.ts ?? null
    return ts === null ? null : { ts, due: buttonsDue(one) }
  }
  const dirty = (one: Record): boolean => one.rows.some(isOpen) || (one.card.state !== 'dead' && (one.view.rev !== one.card.rev || one.card.ts === null)) || one.tellings.length > 0 || buttonsDue(one)
  const add = (one: Record, facts: readonly OutboxRow['fact'][]): void => {
    for (const fact of facts) one.rows.push({ seq: one.rows.length + 1, fact, state: 'pending', ts: null, why: null, notBefore: 0, createdAt: new Date(), tried: null })
  }

  const store = (owner: string): DeliveryStore => {
    const held = new Set<string>()
    const write = (conversation: Conversation, change: (one: Record) => void): Promise<boolean> => {
      const one = record(conversation.promotion)
      if (one.epoch !== conversation.epoch) return Promise.resolve(false)
      change(one)
      return Promise.resolve(true)
    }
    const rows = (conversation: Conversation, seqs: readonly number[], change: (row: Row) => void): Promise<boolean> =>
      write(conversation, (one) => one.rows.filter((row) => seqs.includes(row.seq)).forEach(change))
    return {
      claim: (limit, which) => {
        const now = Date.now()
        const free = [...records.values()].filter((one) => dirty(one) && one.wakeAt <= now + 50 && (one.sleeper === null || one.sleeper === owner || one.wakeAt <= now - 1_500) && (which === 'all' || isUrgent(one)) && !held.has(one.view.id) && (one.owner === null || one.owner === owner || one.until < now)).slice(0, limit)
        return Promise.resolve(free.map((one) => {
          one.epoch += 1
          one.news = false
          one.owner = owner
          one.until = now + 10_000
          held.add(one.view.id)
          const open = one.rows.filter(isOpen)
          const waiting = open.findIndex((row) => row.notBefore > now)
          return {
            promotion: one.view.id, epoch: one.epoch, channel: one.channel, card: { ...one.card }, rev: one.view.rev, final: one.view.finishedAt !== null,
            rowsAt: waiting === -1 ? null : new Date(open[waiting]?.notBefore ?? 0), tellings: one.tellings,
            buttons: buttonsOf(one), leftTs: one.leftTs, looks: one.looks,
            rows: (waiting === -1 ? open : open.slice(0, waiting)).map(({ seq, fact, state, createdAt, tried }) => ({ seq, fact, state: state === 'pending' ? 'pending' : 'unknown', attempts: 0, createdAt, tried })),
          }
        }))
      },
      renew: (conversation) => write(conversation, (one) => void (one.until = Date.now() + 10_000)),
      release: (conversation, wait) => {
        held.delete(conversation.promotion)
        return write(conversation, (one) => {
          one.sleeper = one.owner
          one.owner = null
          one.wakeAt = wait === null || one.news ? 0 : Date.now() + wait
        }).then(() => undefined)
      },
      view: (promotion) => Promise.resolve(record(promotion).view),
      cardOf: (promotion) => {
        const { channel, card } = record(promotion)
        return Promise.resolve(card.ts === null ? null : { channel, ts: card.ts })
      },
      cardSending: (conversation) => write(conversation, (one) => Object.assign(one, { card: { ...one.card, state: 'sending', at: new Date() }, looks: noLooks })),
      cardSent: (conversation, shown) => write(conversation, (one) => Object.assign(one, { card: { ...one.card, ...shown, state: 'sent', at: new Date() }, looks: noLooks })),
      cardUnknown: (conversation) => write(conversation, (one) => void (one.card.state = 'unknown')),
      cardUnsent: (conversation) => write(conversation, (one) => Object.assign(one, { card: { ...one.card, state: 'none' }, looks: noLooks })),
      looked: (conversation, looks) => write(conversation, (one) => void (one.looks = looks)),
      cardLost: (conversation) => write(conversation, (one) => {
        one.leftTs = one.card.ts ?? one.leftTs
        one.looks = noLooks
        one.card = { ts: null, rev: 0, status: null, hash: null, state: 'none', at: null }
        one.view = { ...one.view, continuesEarlier: true }
      }),
      noticeSent: (conversation, seq, ts, buttons) => write(conversation, (one) => {
        for (const row of one.rows) if (row.seq === seq) Object.assign(row, { state: 'sent', ts })
        if (buttons) one.buttonsUntil = Date.now() + 86_400_000
      }),
      buttonsGone: (conversation) => write(conversation, (one) => void (one.buttonsUntil = null)),
      otherChannel: (conversation) => Promise.resolve(appChannel === conversation.channel ? null : appChannel),
      tell: (conversation, tellings) => write(conversation, (one) => void (one.tellings = tellings)),
      takeLane: (name, rule, urgency, waited) => {
        const { wait, lane } = takeFrom(laneOf(name), rule, urgency, Date.now(), { owner, waited })
        lanes.set(name, lane)
        return Promise.resolve(wait)
      },
      pauseLane: (name, ms) => {
        lanes.set(name, pauseLane(laneOf(name), ms, Date.now()))
        return Promise.resolve()
      },
      present: () => Promise.resolve(absence),
      cardDead: (conversation) => write(conversation, (one) => void (one.card.state = 'dead')),
      rowsSending: (conversation, seqs) => write(conversation, (one) => {
        one.looks = noLooks
        for (const row of one.rows) if (seqs.includes(row.seq)) Object.assign(row, { state: 'sending', tried: { channel: conversation.channel, threadTs: conversation.card.ts } })
      }),
      rowsSent: (conversation, seqs, ts) => rows(conversation, seqs, (row) => Object.assign(row, { state: 'sent', ts })),
      rowsUnknown: (conversation, seqs) => rows(conversation, seqs, (row) => void (row.state = 'unknown')),
      rowsDead: (conversation, seqs, why) => rows(conversation, seqs, (row) => Object.assign(row, { state: 'dead', why })),
      linesGivenUp: ({ promotion }) => Promise.resolve(record(promotion).rows.some(({ fact, state }) => fact.kind === 'line' && state === 'dead')),
      rowsLater: (conversation, seqs, seconds) => rows(conversation, seqs, (row) => Object.assign(row, { state: 'pending', notBefore: Date.now() + seconds * 1000 })),
      reroute: (conversation, channel, tellings) => write(conversation, (one) => {
        one.channel = channel
        one.leftTs = null
        one.looks = noLooks
        one.tellings = tellings
        one.buttonsUntil = null
        if (one.card.ts !== null) one.view = { ...one.view, continuesEarlier: true }
        one.card = { ts: null, rev: 0, status: null, hash: null, state: 'none', at: null }
      }),
      onWork: (callback) => {
        listeners.add(callback)
        return () => listeners.delete(callback)
      },
    }
  }

  return {
    store, record,
    lane: laneOf,
    setChannel: (channel) => void (appChannel = channel),
    setAbsence: (value) => void (absence = value),
    retireButtons: (promotion) => {
      record(promotion).buttonsUntil = Date.now()
      wake()
    },
    begin: (view, channel, facts = []) => {
      const one: Record = { view, channel, card: { ts: null, rev: 0, status: null, hash: null, state: 'none', at: null }, rows: [], epoch: 0, owner: null, until: 0, wakeAt: 0, sleeper: null, news: false, tellings: [], buttonsUntil: null, leftTs: null, looks: noLooks }
      add(one, facts)
      records.set(view.id, one)
      wake()
    },
    change: (promotion, view, facts = []) => {
      const one = record(promotion)
      one.view = { ...one.view, rev: one.view.rev + 1, ...view }
      one.news = true
      one.wakeAt = 0
      add(one, facts)
      wake()
    },
    said: () => ![...records.values()].some(dirty),
    quiet: () => [...records.values()].every((one) => !dirty(one) && one.owner === null),
  }
}
