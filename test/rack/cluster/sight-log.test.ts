import { expect, it } from 'vitest'
import { createSightLog } from '../../../src/rack/cluster/sight-log.ts'

const at = (ms: number): Date => new Date(Date.UTC(2026, 10, 24, 14) + ms)

it('begins blind, and counts what was blind since then, whether it is over or not', () => {
  const log = createSightLog(at(0))
  expect(log.blindFor(at(0), at(400))).toBe(400)
  log.sees(at(500))
  expect(log.blindFor(at(0), at(9_000))).toBe(500)
  log.wentBlind(at(10_000))
  expect(log.blindFor(at(0), at(12_000))).toBe(2_500)
  expect(log.blindFor(at(600), at(12_000))).toBe(2_000)
  log.sees(at(13_000))
  expect(log.blindFor(at(11_000), at(60_000))).toBe(2_000)
  expect(log.blindFor(at(13_000), at(60_000))).toBe(0)
})

it('counts nothing twice: silence that is noticed late may seem to have begun before sight had returned', () => {
  const log = createSightLog(at(0))
  log.sees(at(5_000))
  log.wentBlind(at(3_000))
  log.wentBlind(at(7_000))
  log.sees(at(8_000))
  log.sees(at(9_000))
  expect(log.blindFor(at(0), at(20_000))).toBe(8_000)
})

it('forgets what is long over, and stays small', () => {
  const log = createSightLog(at(0))
  log.sees(at(1))
  for (let stretch = 1; stretch <= 2_000; stretch += 1) {
    log.wentBlind(at(stretch * 10))
    log.sees(at(stretch * 10 + 5))
  }
  expect(log.blindFor(at(0), at(30_000))).toBe(5_000)
})
