import { expect, it } from 'vitest'
import { steadyClock } from '../src/steady-clock.ts'

const began = new Date('2026-11-24T14:00:00Z')

it('goes on evenly whatever the wall clock is set to, and does not follow the rounding of the uptime', () => {
  let [monotonic, uptime] = [500, 90_000]
  const now = steadyClock(began, { monotonic: () => monotonic, uptime: () => uptime })
  expect(now()).toEqual(began)
  for (const [gone, up] of [[250, 90_000], [1_400, 92_000], [1_900, 91_000], [60_000, 151_000]] as const) {
    monotonic = 500 + gone
    uptime = up
    expect(now().getTime() - began.getTime()).toBe(gone)
  }
})

it('counts the time in which the machine was suspended, each suspension once', () => {
  let [monotonic, uptime] = [0, 1_000]
  const now = steadyClock(began, { monotonic: () => monotonic, uptime: () => uptime })
  for (const [gone, up, since] of [[1_000, 2_000, 1_000], [2_000, 603_000, 602_000], [3_000, 604_000, 603_000], [4_000, 1_205_000, 1_204_000]] as const) {
    monotonic = gone
    uptime = up
    expect(now().getTime() - began.getTime()).toBe(since)
  }
})

it('tells the time of this machine', () => {
  const now = steadyClock(new Date())
  expect(Math.abs(now().getTime() - Date.now())).toBeLessThan(1_000)
})
