import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchStandstill, type Standstill } from '../../../src/bot/receive/standstill.ts'

let standstill: Standstill

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setInterval', 'clearInterval'] })
  standstill = watchStandstill(10_000)
})
afterEach(() => {
  standstill.stop()
  vi.useRealTimers()
})

test('a process that turns did not stand still, however long it has run', () => {
  vi.advanceTimersByTime(3_600_000)
  expect(standstill.justNow()).toBe(false)
})

test('a suspended machine did, though its own clock stood still with it; for a while after that', () => {
  vi.advanceTimersByTime(1_000)
  vi.setSystemTime(Date.now() + 60_000)
  expect(standstill.justNow()).toBe(true)
  vi.advanceTimersByTime(9_000)
  expect(standstill.justNow()).toBe(true)
  vi.advanceTimersByTime(1_000)
  expect(standstill.justNow()).toBe(false)
})

test('a busy host is none', () => {
  vi.setSystemTime(Date.now() + 9_000)
  expect(standstill.justNow()).toBe(false)
})

test('a clock that is set back is none', () => {
  vi.setSystemTime(Date.now() - 60_000)
  expect(standstill.justNow()).toBe(false)
})
