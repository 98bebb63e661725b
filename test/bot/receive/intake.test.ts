import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createDrain } from '../../../src/bot/receive/drain.ts'
import { take } from '../../../src/bot/receive/intake.ts'
import { createInbox } from './memory-inbox.ts'

const delivery = { id: 'E1', incoming: { kind: 'command', text: 'apps' }, user: 'U1', channel: 'C1', direct: false, shared: false, responseUrl: null, threadTs: null } as const
const log = pino({ level: 'silent' })

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('take', () => {
  test('takes a thing once', async () => {
    const inbox = createInbox()
    expect([await take(inbox, delivery, log), await take(inbox, delivery, log)]).toEqual(['new', 'known'])
  })

  test('says away when the database refuses', async () => {
    const inbox = createInbox()
    inbox.away = true
    await expect(take(inbox, delivery, log)).resolves.toBe('away')
  })

  test('says away after a second without an answer, and forgets what was kept after that', async () => {
    const inbox = createInbox()
    const slow = { ...inbox, accept: (kept: { id: string; payload: string }) => new Promise<boolean>((resolve) => {
      setTimeout(() => resolve(inbox.accept(kept)), 3_000)
    }) }
    const taken = take(slow, delivery, log)
    await vi.advanceTimersByTimeAsync(1_000)
    await expect(taken).resolves.toBe('away')
    await vi.advanceTimersByTimeAsync(2_000)
    expect(inbox.kept.get('E1')).toMatchObject({ handled: false })
    await vi.advanceTimersByTimeAsync(3_000)
    expect(inbox.kept.get('E1')).toMatchObject({ handled: true })
  })
})

describe('a drain', () => {
  const later = (ms: number): Promise<void> => new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

  test('is settled once all work is, also work begun meanwhile', async () => {
    const drain = createDrain()
    const done: string[] = []
    drain.run(async () => {
      await later(100)
      drain.run(() => later(100).then(() => void done.push('second')), () => undefined)
      done.push('first')
    }, () => undefined)
    const settled = drain.settled(1_000)
    await vi.advanceTimersByTimeAsync(250)
    await expect(settled).resolves.toBe(true)
    expect(done).toEqual(['first', 'second'])
  })

  test('gives failures to who asked for them', async () => {
    const drain = createDrain()
    const failures: unknown[] = []
    drain.run(() => Promise.reject(new Error('a bug')), (error) => void failures.push(error))
    await drain.settled(10)
    expect(failures).toEqual([new Error('a bug')])
  })
})
