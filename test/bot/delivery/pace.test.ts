import { describe, expect, test } from 'vitest'
import type { Lane, Rank } from '../../../src/bot/delivery/budget.ts'
import { createPace, type Pace } from '../../../src/bot/delivery/pace.ts'
import { timings } from '../../../src/bot/delivery/timings.ts'
import { createOutbox } from './support/memory-store.ts'
import { freshLane, pauseLane, takeFrom, type LaneState } from '../../../src/rack/lane.ts'

const update: Lane = { kind: 'update' }
const post = (channel: string): Lane => ({ kind: 'post', channel })

/** One database and a clock that only moves when told; each `process` has its own knowledge. */
const world = () => {
  let at = 1_000_000
  const lanes = new Map<string, LaneState>()
  let questions = 0
  let processes = 0
  const storeOf = (owner: string): Parameters<typeof createPace>[0] => ({
    takeLane: (name, rule, urgency, waited) => {
      questions += 1
      const { wait, lane } = takeFrom(lanes.get(name) ?? freshLane, rule, urgency, at, { owner, waited })
      lanes.set(name, lane)
      return Promise.resolve(wait)
    },
    pauseLane: (name, ms) => Promise.resolve(void lanes.set(name, pauseLane(lanes.get(name) ?? freshLane, ms, at))),
  })
  return {
    process: () => createPace(storeOf(`process ${processes += 1}`), timings, () => at), questions: () => questions,
    now: () => at, pass: (ms: number) => void (at += ms),
  }
}

/** So many processes, each with its share of the cards: which one speaks for a card. */
const sharedBy = (w: ReturnType<typeof world>, count: number): ((card: number) => Pace) => {
  const first = w.process()
  const processes = [first, ...Array.from({ length: count - 1 }, () => w.process())]
  return (card) => processes[card % count] ?? first
}

/** Lets everybody ask whenever they were told to; returns who was let through when, after `start`. */
const served = async (w: ReturnType<typeof world>, wishes: readonly { pace: Pace; lane: Lane; who: string; rank: Rank; since?: number }[]): Promise<readonly (readonly [who: string, at: number])[]> => {
  const start = w.now()
  const due = new Map(wishes.map((wish) => [wish, start]))
  const done: [string, number][] = []
  while (due.size > 0) {
    const next = Math.min(...due.values())
    w.pass(Math.max(0, next - w.now()))
    const asking = [...due].filter(([, at]) => at <= w.now()).map(([wish]) => wish)
    await Promise.all(asking.map(async (wish) => {
      const again = await wish.pace.ask(wish.lane, { who: wish.who, rank: wish.rank, since: wish.since ?? 0 })
      if (again !== null) due.set(wish, again)
      else {
        due.delete(wish)
        done.push([wish.who, w.now() - start])
      }
    }))
  }
  return done
}

describe('who goes first', () => {
  test('of those who ask together, the most urgent; of equals, who has waited longest', async () => {
    const w = world()
    const pace = w.process()
    const wish = (who: string, rank: Rank, since = 0) => ({ pace, lane: update, who, rank, since })
    const order = await served(w, [wish('b', 'progress', 20), wish('a', 'progress', 10), wish('c', 'decision'), wish('tidy', 'tidy'), wish('end', 'end'), wish('verdict', 'verdict')])
    expect(order.map(([who]) => who)).toEqual(['end', 'verdict', 'c', 'a', 'b', 'tidy'])
  })

  test('an end waits for nobody, however many redraws are due', async () => {
    const w = world()
    const pace = w.process()
    const crowd = Array.from({ length: 60 }, (_, index) => ({ pace, lane: update, who: `p${index}`, rank: 'progress' as const }))
    await served(w, crowd)
    const times = new Map(await served(w, [...crowd, { pace, lane: update, who: 'end', rank: 'end' }]))
    expect(times.get('end')).toBe(0)
  })

  test.each([
    [1, 5_000, 1], [10, 15_000, 1], [50, 75_000, 1], [10, 15_000, 2], [50, 75_000, 2], [50, 75_000, 3],
  ])('with %i cards that always change, none is more than %i ms behind, with %i processes', async (count, most, replicas) => {
    const w = world()
    const paceOf = sharedBy(w, replicas)
    const last = new Map(Array.from({ length: count }, (_, index) => [`p${index}`, w.now()]))
    const due = new Map([...last.keys()].map((who) => [who, w.now()]))
    let worst = 0
    const until = w.now() + 6 * 60_000
    while (w.now() < until) {
      w.pass(Math.max(0, Math.min(...due.values()) - w.now()))
      for (const who of [...due].filter(([, at]) => at <= w.now()).map(([name]) => name)) {
        const since = last.get(who) ?? 0
        const again = await paceOf(Number(who.slice(1))).ask(update, { who, rank: 'progress', since })
        if (again === null) {
          worst = Math.max(worst, w.now() - since)
          last.set(who, w.now())
        }
        due.set(who, again ?? w.now() + timings.redraw)
      }
    }
    expect(worst).toBeLessThanOrEqual(most)
  })

  test.each([1, 2])('when fifty rollouts end in one minute, failures are shown at once and the others in time, with %i processes', async (replicas) => {
    const w = world()
    const paceOf = sharedBy(w, replicas)
    const begun = w.now()
    /** What each card wants next: a rank from a moment on. Ten fail after half a minute and are back ten seconds later, the others succeed meanwhile. */
    const wants = (index: number, at: number): { rank: Rank; from: number } => {
      const from = (seconds: number) => begun + seconds * 1_000
      if (index >= 10) return at < from(32 + index / 10) ? { rank: 'progress', from: begun } : { rank: 'success', from: from(32 + index / 10) }
      if (at < from(30)) return { rank: 'progress', from: begun }
      return at < from(40) ? { rank: 'verdict', from: from(30) } : { rank: 'end', from: from(40) }
    }
    const due = new Map(Array.from({ length: 50 }, (_, index) => [index, begun]))
    const shown = new Map<number, Map<Rank, number>>()
    const last = new Map<number, number>()
    while (due.size > 0) {
      const marks = [30, 40, ...Array.from({ length: 40 }, (_, index) => 32 + (index + 10) / 10)].map((seconds) => begun + seconds * 1_000).filter((at) => at > w.now())
      w.pass(Math.max(1, Math.min(...due.values(), ...marks) - w.now()))
      for (const [index, at] of due) {
        const { rank, from } = wants(index, w.now())
        const seen = shown.get(index)?.get(rank)
        if (seen !== undefined && rank !== 'progress' && rank !== 'verdict') due.delete(index)
        if ((seen !== undefined && rank !== 'progress') || (at > w.now() && rank === 'progress')) continue
        const again = await paceOf(index).ask(update, { who: `p${index}`, rank, since: last.get(index) ?? 0 })
        due.set(index, again ?? (rank === 'verdict' ? begun + 40_000 : w.now() + timings.redraw))
        if (again !== null) continue
        last.set(index, w.now())
        shown.set(index, new Map([...(shown.get(index) ?? []), [rank, w.now() - from]]))
      }
    }
    const late = (rank: Rank): number => Math.max(...[...shown.values()].flatMap((ranks) => ranks.get(rank) ?? []))
    expect(late('verdict')).toBeLessThanOrEqual(2_000)
    expect(late('success')).toBeLessThanOrEqual(75_000)
    expect(late('end')).toBeLessThanOrEqual(30_000)
  })

  test.each([1, 2])('of fifty that begin together ten fail at once and are back soon: shown at once, and what they took of the minute is made up for, with %i processes', async (replicas) => {
    const w = world()
    const paceOf = sharedBy(w, replicas)
    const begun = w.now()
    const fails = (index: number): boolean => index % 5 === 0
    const verdictAt = (index: number): number => begun + 8_000 + index * 60
    const endAt = (index: number): number => begun + 16_000 + index * 200
    const rankAt = (index: number, at: number): Rank => {
      if (!fails(index) || at < verdictAt(index)) return 'progress'
      return at < endAt(index) ? 'verdict' : 'end'
    }
    const last = new Map(Array.from({ length: 50 }, (_, index) => [index, begun]))
    const due = new Map([...last.keys()].map((index) => [index, begun]))
    const asked = new Map<number, Rank>()
    const late: Record<string, number> = { progress: 0, verdict: 0, end: 0 }
    const moments = [...last.keys()].filter(fails).flatMap((index) => [verdictAt(index), endAt(index)])
    while (w.now() < begun + 3 * 60_000) {
      w.pass(Math.max(1, Math.min(...due.values(), ...moments.filter((at) => at > w.now())) - w.now()))
      for (const [index, at] of due) {
        const rank = rankAt(index, w.now())
        // What became more urgent asks at once.
        if (at > w.now() && rank === asked.get(index)) continue
        asked.set(index, rank)
        const since = last.get(index) ?? 0
        const again = await paceOf(index).ask(update, { who: `p${index}`, rank, since })
        if (again !== null) {
          due.set(index, again)
          continue
        }
        const from = rank === 'progress' ? since : rank === 'verdict' ? verdictAt(index) : endAt(index)
        late[rank] = Math.max(late[rank] ?? 0, w.now() - from)
        last.set(index, w.now())
        if (rank === 'end') due.delete(index)
        else due.set(index, rank === 'verdict' ? endAt(index) : w.now() + timings.redraw)
      }
    }
    expect(late['verdict']).toBeLessThanOrEqual(2_000)
    expect(late['end']).toBeLessThanOrEqual(2_000)
    expect(late['progress']).toBeLessThanOrEqual(72_000)
  })

  test('those who have to wait ask the database once in a while, not all the time', async () => {
    const w = world()
    const pace = w.process()
    const crowd = Array.from({ length: 40 }, (_, index) => ({ pace, lane: update, who: `p${index}`, rank: 'progress' as const }))
    await served(w, crowd)
    expect(w.questions()).toBeLessThan(40 * 3)
  })
})

describe('one budget for all replicas', () => {
  test('two processes together redraw no faster than one', async () => {
    const w = world()
    const [one, two] = [w.process(), w.process()]
    const crowd = Array.from({ length: 80 }, (_, index) => ({ pace: index % 2 === 0 ? one : two, lane: update, who: `p${index}`, rank: 'progress' as const }))
    const times = (await served(w, crowd)).map(([, at]) => at)
    expect(Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 60_000).length))).toBeLessThanOrEqual(42)
  })

  test('of ten that fail at the same moment in one channel, each is told within a second after the one before, whatever else is to be said there', async () => {
    const w = world()
    const paceOf = sharedBy(w, 2)
    const failures = Array.from({ length: 10 }, (_, index) => ({ pace: paceOf(index), lane: post('C1'), who: `failed ${index}`, rank: 'end' as const }))
    const crowd = Array.from({ length: 20 }, (_, index) => ({ pace: paceOf(index), lane: post('C1'), who: `line ${index}`, rank: 'line' as const }))
    const told = (await served(w, [...crowd, ...failures])).flatMap(([who, at]) => (who.startsWith('failed') ? [at] : []))
    expect(told.filter((at, index) => at > 2_000 + index * 1_000)).toEqual([])
    expect(told).toHaveLength(10)
  })

  test('a 429 of a post pauses that channel alone, for everybody', async () => {
    const w = world()
    const [one, two] = [w.process(), w.process()]
    await one.pause(post('C1'), 30_000)
    const times = new Map(await served(w, [
      { pace: one, lane: post('C1'), who: 'a', rank: 'end' }, { pace: two, lane: post('C1'), who: 'b', rank: 'line' },
      { pace: two, lane: post('C2'), who: 'c', rank: 'line' }, { pace: one, lane: update, who: 'd', rank: 'progress' },
    ]))
    expect(times.get('a')).toBe(30_000)
    expect(times.get('b')).toBeGreaterThanOrEqual(30_000)
    expect([times.get('c'), times.get('d')]).toEqual([0, 0])
  })
})

test('a database that does not answer leaves no wish behind', async () => {
  const outbox = createOutbox().store('one')
  let away = true
  const pace = createPace({ ...outbox, takeLane: (...asked) => (away ? Promise.reject(new Error('away')) : outbox.takeLane(...asked)) }, timings, Date.now)
  await expect(pace.ask(update, { who: 'a', rank: 'end', since: 0 })).rejects.toThrow('away')
  away = false
  expect(pace.contended(update, 'b')).toBe(false)
  expect(await pace.ask(update, { who: 'b', rank: 'end', since: 0 })).toBeNull()
})

test('the backlog is what the others still want', async () => {
  const w = world()
  const pace = w.process()
  for (let index = 0; index < 30; index += 1) await pace.ask(update, { who: `p${index}`, rank: 'progress', since: 0 })
  expect(pace.backlog(update, 'p0')).toBeGreaterThan(28 * 1_470)
  expect(pace.backlog(post('C1'), 'p0')).toBe(0)
})

test('who never came back is not waited for', async () => {
  const w = world()
  const pace = w.process()
  for (const who of ['a', 'b', 'c']) await pace.ask(post('C1'), { who, rank: 'line', since: 0 })
  expect(pace.contended(post('C1'), 'a')).toBe(true)
  w.pass(60_000)
  expect(pace.contended(post('C1'), 'a')).toBe(false)
  expect(pace.backlog(post('C1'), 'a')).toBe(0)
  expect(await pace.ask(post('C1'), { who: 'd', rank: 'line', since: 9 })).toBeNull()
})

test('a wait that the database calls long is asked about again after ten seconds: its clock may have gone back', async () => {
  const w = world()
  let wait = 24 * 3_600_000
  const pace = createPace({ takeLane: () => Promise.resolve(wait), pauseLane: () => Promise.resolve() }, timings, w.now)
  const wish = { who: 'a', rank: 'end', since: 0 } as const
  expect(await pace.ask(update, wish)).toBe(w.now() + 10_000)
  wait = 0
  w.pass(10_000)
  expect(await pace.ask(update, wish)).toBeNull()
})
