import { expect, it } from 'vitest'
import { blindTime } from '../../../src/rack/rollout/blind-time.ts'

const begun = new Date('2026-11-24T14:00:00Z')
const at = (ms: number): Date => new Date(begun.getTime() + ms)

it('counts blindness from when it began to when it is seen to be over, and says it once it has lasted a second', () => {
  const blind = blindTime(500, begun)
  expect(blind.note(null, at(0))).toBeNull()
  expect(blind.note(at(4_000), at(4_500))).toBeNull()
  expect(blind.sayAt).toEqual(at(5_000))
  expect(blind.note(at(4_000), at(5_000))).toEqual({ kind: 'blind', since: at(4_000) })
  expect(blind.sayAt).toBeNull()
  expect(blind.note(at(4_000), at(9_000))).toBeNull()
  expect(blind.ms).toBe(500)
  expect(blind.note(null, at(34_000))).toEqual({ kind: 'sighted', lasted: 30_000 })
  expect(blind.ms).toBe(30_500)
  expect(blind.note(null, at(35_000))).toBeNull()
})

it('counts a blink and does not speak of it', () => {
  const blind = blindTime(0, begun)
  expect(blind.note(at(4_000), at(4_010))).toBeNull()
  expect(blind.note(null, at(4_300))).toBeNull()
  expect([blind.ms, blind.sayAt]).toEqual([300, null])
})

it('keeps to the time it first heard of while the reasons of blindness change', () => {
  const blind = blindTime(0, begun)
  blind.note(at(1_000), at(3_000))
  blind.note(at(2_900), at(4_000))
  expect(blind.note(null, at(11_000))).toEqual({ kind: 'sighted', lasted: 10_000 })
})

it('counts from where others had counted, and says how long it was blind in all', () => {
  const blind = blindTime(6_000, begun, at(10_000))
  blind.note(at(4_000), at(10_000))
  expect(blind.note(null, at(12_000))).toEqual({ kind: 'sighted', lasted: 8_000 })
  expect(blind.ms).toBe(8_000)
})

it('counts nothing from before the first write, and never less than nothing', () => {
  const blind = blindTime(0, begun)
  blind.note(at(-60_000), at(2_000))
  blind.note(null, at(3_000))
  expect(blind.ms).toBe(3_000)
  blind.note(at(9_000), at(9_000))
  blind.note(null, at(8_000))
  expect(blind.ms).toBe(3_000)
})
