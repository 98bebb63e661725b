import { describe, expect, test } from 'vitest'
import { createPace, redrawAt } from '../../../src/bot/delivery/pace.ts'
import { timings } from '../../../src/bot/delivery/timings.ts'

describe('redrawAt (reference/slack.md 3.2: 50 updates a minute for the whole workspace)', () => {
  test.each([
    ['a card never drawn here', { shown: null, status: 'rolling_out', redrawnAt: null }, 1, 0],
    ['the same status, one card', { shown: 'rolling_out', status: 'rolling_out', redrawnAt: 10_000 }, 1, 12_000],
    ['the same status, ten cards', { shown: 'rolling_out', status: 'rolling_out', redrawnAt: 10_000 }, 10, 25_000],
    ['a verdict', { shown: 'rolling_out', status: 'rolling_back', redrawnAt: 10_000 }, 10, 0],
    ['an end', { shown: 'rolling_back', status: 'rolled_back', redrawnAt: 10_000 }, 10, 0],
  ] as const)('%s', (_name, card, live, expected) => {
    expect(redrawAt(card, live, timings)).toBe(expected)
  })
})

describe('createPace', () => {
  test('a 429 of a post pauses that channel alone', () => {
    const pace = createPace(timings)
    pace.pause('chat.postMessage', 'C1', 9_000)
    expect([pace.pausedUntil('chat.postMessage', 'C1'), pace.pausedUntil('chat.postMessage', 'C2'), pace.pausedUntil('chat.update', 'C1')]).toEqual([9_000, 0, 0])
  })

  test('a 429 of an update pauses updates everywhere, posts nowhere', () => {
    const pace = createPace(timings)
    pace.pause('chat.update', 'C1', 9_000)
    expect([pace.pausedUntil('chat.update', 'C2'), pace.pausedUntil('chat.postMessage', 'C1')]).toEqual([9_000, 0])
  })

  test('a shorter pause never ends a longer one', () => {
    const pace = createPace(timings)
    pace.pause('reading', 'C1', 9_000)
    pace.pause('reading', 'C1', 5_000)
    expect(pace.pausedUntil('reading', 'C1')).toBe(9_000)
  })

  test('a channel takes one line message a second', () => {
    const pace = createPace(timings)
    pace.posted('C1', 4_000)
    expect([pace.channelFree('C1'), pace.channelFree('C2')]).toEqual([5_000, -Infinity])
  })
})
