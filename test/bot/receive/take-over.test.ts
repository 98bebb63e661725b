import { pino } from 'pino'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { writeDelivery } from '../../../src/bot/receive/delivery.ts'
import { keepTakingOver, takeAllOver, type TakeOverParts } from '../../../src/bot/receive/take-over.ts'
import { createInbox, type MemoryInbox } from './memory-inbox.ts'

const stops: AbortController[] = []
afterEach(() => stops.splice(0).forEach((stop) => stop.abort()))

const kept = (id: string, age: number) => ({
  id, receivedAt: new Date(Date.now() - age),
  payload: writeDelivery({ id, incoming: { kind: 'command', text: 'apps' }, user: 'U1', channel: 'C1', direct: false, shared: false, responseUrl: null, threadTs: null }),
})

const partsOf = (inbox: MemoryInbox, more: Partial<TakeOverParts> = {}): TakeOverParts & { readonly done: string[] } => {
  const stop = new AbortController()
  stops.push(stop)
  const done: string[] = []
  return {
    inbox, log: pino({ level: 'silent' }), inHand: () => [], again: (delivery) => {
      done.push(delivery.id)
      void inbox.handled(delivery.id)
    },
    takes: () => true, alone: false,
    signal: stop.signal, timings: { every: 20, idle: 0.2 }, ...more, done,
  }
}

test('alone, all that was left over is done again at once, and what cannot be read is forgotten', async () => {
  const inbox = createInbox([kept('old', 40_000), kept('young', 1_000), { id: 'broken', payload: '?', receivedAt: new Date(0) }])
  const parts = partsOf(inbox)
  await takeAllOver(parts)
  expect([parts.done, inbox.kept.get('broken')?.handled]).toEqual([['old', 'young'], true])
})

test('what nobody has been at for long enough is done again by one process, what somebody is at by nobody', async () => {
  const inbox = createInbox([kept('gone', 400), kept('busy', 400)])
  await inbox.hold(['busy'])
  const [one, two] = [partsOf(inbox), partsOf(inbox)]
  const other = partsOf(inbox, { inHand: () => ['busy'] })
  for (const parts of [other, one, two]) void keepTakingOver(parts)
  await sleep(500)
  expect([...one.done, ...two.done, ...other.done]).toEqual(['gone'])
})

test('what a process is no longer at is taken over when it has been silent for long enough', async () => {
  const inbox = createInbox([kept('dying', 400)])
  await inbox.hold(['dying'])
  const dead = new AbortController()
  void keepTakingOver({ ...partsOf(inbox), inHand: () => ['dying'], signal: dead.signal })
  const other = partsOf(inbox)
  void keepTakingOver(other)
  await sleep(300)
  expect(other.done).toEqual([])
  dead.abort()
  await expect.poll(() => other.done).toEqual(['dying'])
})

test('a process that stops takes nothing more', async () => {
  const inbox = createInbox([kept('gone', 400)])
  const parts = partsOf(inbox, { takes: () => false })
  void keepTakingOver(parts)
  await sleep(400)
  expect(parts.done).toEqual([])
})

test('a process that has just started waits until the others had their time to say what they are at, alone it does not', async () => {
  const [shared, own] = [createInbox([kept('gone', 400)]), createInbox([kept('gone', 400)])]
  const [parts, alone] = [partsOf(shared), partsOf(own, { alone: true })]
  for (const each of [parts, alone]) void keepTakingOver(each)
  await sleep(100)
  expect([parts.done, alone.done]).toEqual([[], ['gone']])
  await expect.poll(() => parts.done).toEqual(['gone'])
})

test('after the database was away, what must not be done is said before anything is taken over', async () => {
  const inbox = createInbox([kept('refused', 400), kept('gone', 400)])
  inbox.away = true
  const parts = partsOf(inbox)
  void keepTakingOver(parts)
  await sleep(60)
  inbox.away = false
  await sleep(100)
  expect(parts.done).toEqual([])
  await inbox.refused('refused')
  await expect.poll(() => parts.done).toEqual(['gone'])
})
