import type { Delivery, Inbox } from '../../../src/rack/operations.ts'

/** Deliveries without a database, by its own rules (src/db/deliveries.ts). `away` lets every call fail. */
export interface MemoryInbox extends Inbox {
  away: boolean
  readonly kept: Map<string, { readonly payload: string; readonly receivedAt: Date; takenAt?: Date; handled: boolean }>
}

export const createInbox = (left: readonly Delivery[] = []): MemoryInbox => {
  const kept: MemoryInbox['kept'] = new Map(left.map(({ id, payload, receivedAt }) => [id, { payload, receivedAt, handled: false }]))
  const clicks = new Map<string, number>()
  const questions = new Map<string, string>()
  const inbox: MemoryInbox = {
    away: false, kept,
    accept: ({ id, payload, click }) => {
      if (inbox.away) return Promise.reject(new Error('connection refused'))
      const last = click === undefined ? undefined : clicks.get(click)
      if (last !== undefined && Date.now() - last < 1_000) return Promise.resolve(false)
      if (click !== undefined) clicks.set(click, Date.now())
      if (kept.has(id)) return Promise.resolve(false)
      kept.set(id, { payload, receivedAt: new Date(), handled: false })
      return Promise.resolve(true)
    },
    handled: (id) => {
      if (inbox.away) return Promise.reject(new Error('connection refused'))
      const one = kept.get(id)
      if (one !== undefined) one.handled = true
      return Promise.resolve()
    },
    refused: (id) => {
      if (inbox.away) return Promise.reject(new Error('connection refused'))
      kept.set(id, { payload: '', receivedAt: new Date(), handled: true })
      return Promise.resolve()
    },
    hold: (ids) => {
      for (const id of ids) {
        const one = kept.get(id)
        if (one !== undefined) one.takenAt = new Date()
      }
      return Promise.resolve()
    },
    takeOver: (idle) => {
      if (inbox.away) return Promise.reject(new Error('connection refused'))
      const found = [...kept].filter(([, one]) => !one.handled && Date.now() - (one.takenAt ?? one.receivedAt).getTime() >= idle * 1_000)
      for (const [, one] of found) one.takenAt = new Date()
      return Promise.resolve(found.map(([id, one]) => ({ id, payload: one.payload, receivedAt: one.receivedAt })))
    },
    keepQuestion: (command) => {
      const id = `q${questions.size}`
      questions.set(id, command)
      return Promise.resolve(id)
    },
    readQuestion: (id) => Promise.resolve(questions.get(id) ?? ''),
  }
  return inbox
}
