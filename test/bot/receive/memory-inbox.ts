import type { Delivery, Inbox } from '../../../src/rack/operations.ts'

/** Deliveries without a database. `away` lets every call fail. */
export interface MemoryInbox extends Inbox {
  away: boolean
  readonly kept: Map<string, { readonly payload: string; readonly receivedAt: Date; handled: boolean }>
}

export const createInbox = (left: readonly Delivery[] = []): MemoryInbox => {
  const kept = new Map(left.map(({ id, payload, receivedAt }) => [id, { payload, receivedAt, handled: false }]))
  const questions = new Map<string, string>()
  const inbox: MemoryInbox = {
    away: false, kept,
    accept: ({ id, payload }) => {
      if (inbox.away) return Promise.reject(new Error('connection refused'))
      if (kept.has(id)) return Promise.resolve(false)
      kept.set(id, { payload, receivedAt: new Date(), handled: false })
      return Promise.resolve(true)
    },
    handled: (id) => {
      const one = kept.get(id)
      if (one !== undefined) one.handled = true
      return Promise.resolve()
    },
    unhandled: () => Promise.resolve([...kept].filter(([, one]) => !one.handled).map(([id, one]) => ({ id, payload: one.payload, receivedAt: one.receivedAt }))),
    keepQuestion: (command) => {
      const id = `q${questions.size}`
      questions.set(id, command)
      return Promise.resolve(id)
    },
    readQuestion: (id) => Promise.resolve(questions.get(id) ?? ''),
  }
  return inbox
}
