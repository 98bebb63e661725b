import type { Conversation, DeliveryStore, OutboxRow } from '../../../../src/rack/delivery-store.ts'
import type { PromotionView } from '../../../../src/rack/promotion-view.ts'

type State = OutboxRow['state'] | 'sending' | 'sent' | 'dead'
interface Row { readonly seq: number; readonly fact: OutboxRow['fact']; state: State; ts: string | null; why: string | null; notBefore: number; createdAt: Date }
interface Record {
  view: PromotionView
  channel: string
  card: { ts: string | null; rev: number; hash: string | null; state: Conversation['card']['state']; at: Date | null }
  rows: Row[]
  epoch: number
  owner: string | null
  until: number
}

/** The tables of one database, which several senders may use: each opens its own store by name. */
export interface Outbox {
  store(owner: string): DeliveryStore
  begin(view: PromotionView, channel: string, facts?: readonly OutboxRow['fact'][]): void
  /** A fact of the rack: the promotion changes and rows are added, in one go. */
  change(promotion: string, view: Partial<PromotionView>, facts?: readonly OutboxRow['fact'][]): void
  record(promotion: string): Record
  /** True when nothing is left to say. */
  quiet(): boolean
}

/** The outbox without a database, as strict as the real one about leases: a write without the newest epoch is refused. */
export const createOutbox = (): Outbox => {
  const records = new Map<string, Record>()
  const listeners = new Set<() => void>()
  const wake = (): void => listeners.forEach((listener) => listener())
  const record = (promotion: string): Record => {
    const found = records.get(promotion)
    if (found === undefined) throw new Error(`no ${promotion}`)
    return found
  }
  const isOpen = (row: Row): boolean => row.state !== 'sent' && row.state !== 'dead'
  const dirty = (one: Record): boolean => one.rows.some(isOpen) || (one.card.state !== 'dead' && (one.view.rev !== one.card.rev || one.card.ts === null))
  const add = (one: Record, facts: readonly OutboxRow['fact'][]): void => {
    for (const fact of facts) one.rows.push({ seq: one.rows.length + 1, fact, state: 'pending', ts: null, why: null, notBefore: 0, createdAt: new Date() })
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
      claim: (limit) => {
        const now = Date.now()
        const free = [...records.values()].filter((one) => dirty(one) && !held.has(one.view.id) && (one.owner === null || one.owner === owner || one.until < now)).slice(0, limit)
        return Promise.resolve(free.map((one) => {
          one.epoch += 1
          one.owner = owner
          one.until = now + 10_000
          held.add(one.view.id)
          const open = one.rows.filter(isOpen)
          const waiting = open.findIndex((row) => row.notBefore > now)
          return {
            promotion: one.view.id, epoch: one.epoch, channel: one.channel, card: { ...one.card }, rev: one.view.rev, final: one.view.finishedAt !== null,
            rows: (waiting === -1 ? open : open.slice(0, waiting)).map(({ seq, fact, state, createdAt }) => ({ seq, fact, state: state === 'pending' ? 'pending' : 'unknown', attempts: 0, createdAt })),
          }
        }))
      },
      renew: (conversation) => write(conversation, (one) => void (one.until = Date.now() + 10_000)),
      release: (conversation) => {
        held.delete(conversation.promotion)
        return write(conversation, (one) => void (one.owner = null)).then(() => undefined)
      },
      view: (promotion) => Promise.resolve(record(promotion).view),
      cardOf: (promotion) => {
        const { channel, card } = record(promotion)
        return Promise.resolve(card.ts === null ? null : { channel, ts: card.ts })
      },
      cardSending: (conversation) => write(conversation, (one) => void (one.card = { ...one.card, state: 'sending', at: new Date() })),
      cardSent: (conversation, shown) => write(conversation, (one) => void (one.card = { ...one.card, ...shown, state: 'sent' })),
      cardUnknown: (conversation) => write(conversation, (one) => void (one.card.state = 'unknown')),
      cardLost: (conversation) => write(conversation, (one) => {
        one.card = { ts: null, rev: 0, hash: null, state: 'none', at: null }
        one.view = { ...one.view, continuesEarlier: true }
      }),
      cardDead: (conversation) => write(conversation, (one) => void (one.card.state = 'dead')),
      rowsSending: (conversation, seqs) => rows(conversation, seqs, (row) => void (row.state = 'sending')),
      rowsSent: (conversation, seqs, ts) => rows(conversation, seqs, (row) => Object.assign(row, { state: 'sent', ts })),
      rowsUnknown: (conversation, seqs) => rows(conversation, seqs, (row) => void (row.state = 'unknown')),
      rowsDead: (conversation, seqs, why) => rows(conversation, seqs, (row) => Object.assign(row, { state: 'dead', why })),
      rowsLater: (conversation, seqs, seconds) => rows(conversation, seqs, (row) => Object.assign(row, { state: 'pending', notBefore: Date.now() + seconds * 1000 })),
      reroute: (conversation, channel) => write(conversation, (one) => {
        one.channel = channel
        one.card = { ts: null, rev: 0, hash: null, state: 'none', at: null }
      }),
      onWork: (callback) => {
        listeners.add(callback)
        return () => listeners.delete(callback)
      },
    }
  }

  return {
    store, record,
    begin: (view, channel, facts = []) => {
      const one: Record = { view, channel, card: { ts: null, rev: 0, hash: null, state: 'none', at: null }, rows: [], epoch: 0, owner: null, until: 0 }
      add(one, facts)
      records.set(view.id, one)
      wake()
    },
    change: (promotion, view, facts = []) => {
      const one = record(promotion)
      one.view = { ...one.view, rev: one.view.rev + 1, ...view }
      add(one, facts)
      wake()
    },
    quiet: () => [...records.values()].every((one) => !dirty(one) && one.owner === null),
  }
}
