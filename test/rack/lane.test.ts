import { describe, expect, test } from 'vitest'
import { laneRules } from '../../src/bot/delivery/budget.ts'
import { freshLane, pauseLane, takeFrom, type LaneRule, type LaneState, type Urgency } from '../../src/rack/lane.ts'

/** The tests count from here: nothing is ever used at the beginning of time. */
const beginning = 1_000_000
/** One process asks for everything. */
const alone = { owner: 'one', waited: 0 }

/** When each of `uses` was granted, asking again when told to. */
const granted = (rule: LaneRule, uses: readonly (readonly [at: number, urgency: Urgency])[], start: LaneState = freshLane): readonly number[] => {
  let lane = start
  const waiting = uses.map(([at, urgency], order) => ({ at: at + beginning, urgency, order }))
  const times = new Map<number, number>()
  while (waiting.length > 0) {
    waiting.sort((a, b) => a.at - b.at || a.order - b.order)
    const [next] = waiting
    if (next === undefined) break
    const answer = takeFrom(lane, rule, next.urgency, next.at, alone)
    lane = answer.lane
    if (answer.wait === 0) {
      times.set(next.order, next.at)
      waiting.shift()
    } else next.at += answer.wait
  }
  return uses.map((_, order) => (times.get(order) ?? NaN) - beginning)
}
const many = (count: number, at: number, urgency: Urgency): [number, Urgency][] => Array.from({ length: count }, () => [at, urgency])
const mostIn = (span: number, times: readonly number[]): number => Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + span).length))

describe('redraws: about 50 a minute for the workspace, ten of them kept back (reference/slack.md 3.2)', () => {
  test('ordinary ones flow evenly, 40 or 41 a minute', () => {
    const times = granted(laneRules.update, many(200, 0, 'ordinary'))
    expect(mostIn(60_000, times)).toBeLessThanOrEqual(42)
    expect(times.at(-1)).toBeLessThanOrEqual(200 * 1_500)
  })

  test('whatever ordinary ones use, ten urgent ones go at once', () => {
    const ordinary = many(200, 0, 'ordinary')
    const urgent: [number, Urgency][] = [120_000, 120_000, 120_000, 120_000, 120_000, 120_000, 120_000, 120_000].map((at) => [at, 'urgent'])
    expect(granted(laneRules.update, [...ordinary, ...urgent]).slice(200)).toEqual(urgent.map(([at]) => at))
  })

  test('successes and decisions run a little ahead, and count as ordinary ones', () => {
    expect(granted(laneRules.update, [...many(6, 0, 'prompt'), [0, 'ordinary']])).toEqual([0, 0, 0, 0, 0, 1_470, 7_350])
  })

  test('a burst of successes leaves ten for failures, and more come free all the time', () => {
    const urgent: [number, Urgency][] = Array.from({ length: 16 }, () => [40_000, 'urgent'])
    const times = granted(laneRules.update, [...many(60, 0, 'prompt'), ...urgent]).slice(60)
    expect(times.filter((at) => at === 40_000).length).toBeGreaterThanOrEqual(10)
    expect(Math.max(...times)).toBeLessThanOrEqual(60_500)
  })

  test('never more than 50 in a minute, however urgent', () => {
    expect(mostIn(60_000, granted(laneRules.update, [...many(120, 0, 'urgent'), ...many(100, 0, 'ordinary')]))).toBe(50)
  })

  test('what many urgent ones kept back is made up for as soon as there is room, and what is kept back for urgent ones is there again', () => {
    const ordinary: [number, Urgency][] = Array.from({ length: 80 }, (_, index) => [index * 2_000, 'ordinary'])
    const second: [number, Urgency][] = many(7, 110_000, 'urgent')
    const times = granted(laneRules.update, [...ordinary, ...many(25, 10_000, 'urgent'), ...second])
    expect(mostIn(60_000, times)).toBeLessThanOrEqual(50)
    const waited = ordinary.map(([at], index) => (times[index] ?? NaN) - at)
    expect(Math.max(...waited)).toBeGreaterThan(10_000)
    // Those that were due in the minute of the urgent ones go when that minute ends, the rest as if it had never been.
    expect(ordinary.filter(([at], index) => at < 72_000 && (times[index] ?? NaN) > 74_000)).toEqual([])
    expect(Math.max(...waited.slice(38))).toBeLessThanOrEqual(1_470)
    expect(times.slice(-7)).toEqual(second.map(([at]) => at))
  })

  test('what was kept back and then not wanted any more is no credit', () => {
    const held = granted(laneRules.update, [...many(50, 0, 'urgent'), [1_000, 'ordinary']])
    expect(held.at(-1)).toBe(62_000)
    let lane: LaneState = { ...freshLane, apart: Array.from({ length: 50 }, () => beginning), due: beginning, heldFrom: beginning, heldAt: beginning }
    const at = beginning + 90_000
    const waits = [0, 1, 2].map(() => {
      const answer = takeFrom(lane, laneRules.update, 'ordinary', at, alone)
      lane = answer.lane
      return answer.wait
    })
    expect(waits).toEqual([0, 0, 1_470])
  })

  test('urgent ones that have to wait go before ordinary ones', () => {
    const times = granted(laneRules.update, [...many(60, 0, 'urgent'), ...many(5, 100, 'ordinary')])
    expect(Math.max(...times.slice(0, 60))).toBeLessThanOrEqual(Math.min(...times.slice(60)))
  })
})

describe('posts: one a second and channel', () => {
  test('ordinary ones a second apart', () => {
    expect(granted(laneRules.post, many(4, 0, 'ordinary'))).toEqual([0, 1_000, 2_000, 3_000])
  })

  test('a few urgent ones at once, then one a second; ordinary ones pay for it', () => {
    expect(granted(laneRules.post, [...many(6, 0, 'urgent'), [100, 'ordinary']])).toEqual([0, 0, 0, 0, 1_000, 2_000, 6_000])
  })
})

describe('what several processes ask for', () => {
  /** Waits of these asks, one after the other: when, by whom, and for how long what is asked for has waited. */
  const waitsOf = (asks: readonly (readonly [at: number, owner: string, waited: number])[], start: LaneState = freshLane): readonly number[] => {
    let lane = start
    return asks.map(([at, owner, waited]) => {
      const answer = takeFrom(lane, laneRules.update, 'ordinary', at + beginning, { owner, waited })
      lane = answer.lane
      return answer.wait
    })
  }
  const used: LaneState = { ...freshLane, due: beginning + 2 * 1_470 }

  test('goes by how long it has waited, not by who asks at the right moment', () => {
    expect(waitsOf([[0, 'b', 30_000], [1_470, 'a', 10_000], [1_500, 'b', 31_500], [1_510, 'b', 5_000], [2_970, 'a', 11_500]], used)).toEqual([1_470, 1_470, 0, 1_430, 0])
  })

  test('is left to one that does not come back for two seconds, and no longer', () => {
    expect(waitsOf([[0, 'gone', 30_000], [1_470, 'a', 10_000], [2_940, 'a', 11_470], [3_470, 'a', 12_000]], used)).toEqual([1_470, 1_470, 530, 0])
  })

  test('is as much as one process could ask for', () => {
    expect(waitsOf([[0, 'a', 9_000], [1_470, 'a', 1_000], [1_500, 'a', 8_000]], used)).toEqual([1_470, 0, 1_440])
  })
})

describe('a pause', () => {
  test('holds everything back, and a shorter one never ends a longer one', () => {
    const paused = pauseLane(pauseLane(freshLane, 30_000, beginning), 1_000, beginning)
    expect(granted(laneRules.update, [[0, 'urgent'], [0, 'ordinary']], paused)).toEqual([30_000, 30_000])
  })
})

describe('a database clock that goes back', () => {
  const now = beginning
  const jump = 24 * 3_600_000
  test.each([
    ['what was due then', laneRules.post, { due: now + jump }, 6_000],
    ['what was due then, of redraws', laneRules.update, { due: now + jump }, 7 * 1_470],
    ['uses of then', laneRules.update, { uses: Array.from({ length: 50 }, (_, index) => now + jump + index) }, 0],
    ['an urgent wish of then', laneRules.update, { wantedAt: now + jump }, 0],
    ['a process expected then', laneRules.update, { waiting: { another: { since: now - 60_000, until: now + jump } } }, 0],
    ['a pause of then', laneRules.read, { pausedUntil: now + jump }, 3_600_000],
  ] as const)('holds nobody back for the whole jump: %s', (_, rule, left, most) => {
    const [urgent, ordinary] = granted(rule, [[0, 'urgent'], [0, 'ordinary']], { ...freshLane, ...left })
    expect(urgent).toBeLessThanOrEqual(most)
    expect(ordinary).toBeLessThanOrEqual(most + rule.every)
  })

  test('a new pause does not keep the one of then', () => {
    expect(pauseLane({ ...freshLane, pausedUntil: now + jump }, 1_000, now).pausedUntil).toBe(now + 3_600_000)
  })
})
