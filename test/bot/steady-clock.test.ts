import { expect, it } from 'vitest'
import { steadyClock } from '../../src/bot/steady-clock.ts'

it.each([['back', -3_600_000], ['forward', 3_600_000]] as const)('goes on evenly when the wall clock is set %s', (_way, jump) => {
  let [wall, monotonic] = [Date.parse('2026-11-24T14:00:00Z'), 500]
  const now = steadyClock(() => new Date(wall), () => monotonic)
  const before = now()
  wall += jump
  monotonic += 250
  expect(new Date(before).toISOString()).toBe('2026-11-24T14:00:00.000Z')
  expect(now() - before).toBe(250)
})
