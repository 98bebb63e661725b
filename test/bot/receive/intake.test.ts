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

  test('says away after a second without an answer, and what is kept after that is never done', async () => {
    const inbox = createInbox()
    const slow = { ...inbox, accept: (kept: { id: string; payload: string }) => new Promise<boolean>((resolve) => {
      setTimeout(() => resolve(inbox.accept(kept)), 3_000)
    }) }
    const taken = take(slow, delivery, log)
    await vi.advanceTimersByTimeAsync(1_000)
    await expect(taken).resolves.toBe('away')
    await vi.advanceTimersByTimeAsync(3_000)
    expect(await inbox.takeOver(0)).toEqual([])
  })

  test('says so until the database answers', async () => {
    const inbox = createInbox()
    inbox.away = true
    await expect(take(inbox, delivery, log)).resolves.toBe('away')
    await vi.advanceTimersByTimeAsync(60_000)
    inbox.away = false
    await vi.advanceTimersByTimeAsync(3_000)
    expect(inbox.kept.get('E1')).toMatchObject({ handled: true })
  })

  test('lets an event that could not be kept come again', async () => {
    const inbox = createInbox()
    const event = { ...delivery, id: 'Ev1', incoming: { kind: 'event', event: { type: 'app_uninstalled' } } } as const
    inbox.away = true
    await expect(take(inbox, event, log)).resolves.toBe('away')
    inbox.away = false
    await vi.advanceTimersByTimeAsync(10_000)
    await expect(take(inbox, event, log)).resolves.toBe('new')
  })

  test('takes the two halves of a double click once, and a later click again', async () => {
    const inbox = createInbox()
    expect([await take(inbox, delivery, log, 'click:a'), await take(inbox, { ...delivery, id: 'E2' }, log, 'click:a'), await take(inbox, { ...delivery, id: 'E3' }, log, 'click:b')]).toEqual(['new', 'known', 'new'])
    await vi.advanceTimersByTimeAsync(1_001)
    expect(await take(inbox, { ...delivery, id: 'E4' }, log, 'click:a')).toBe('new')
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
