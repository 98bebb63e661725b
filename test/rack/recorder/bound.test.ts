import { describe, expect, it } from 'vitest'
import { partsToDrop } from '../../../src/rack/recorder/bound.ts'

const parts = (...sizes: readonly (readonly [segment: string, size: number])[]) => sizes.map(([segment, size], index) => ({ id: `${segment}${index}`, segment, size }))

const cases: readonly [title: string, parts: ReturnType<typeof parts>, dropped: readonly string[]][] = [
  ['drops nothing of what fits', parts(['a', 50], ['b', 50]), []],
  ['drops a whole segment in the middle', parts(['a', 40], ['b', 30], ['c', 40]), ['b1']],
  ['keeps the beginning up to half of the limit, and the newest segments', parts(['a', 30], ['a', 15], ['b', 10], ['b', 20], ['c', 30]), ['b2', 'b3']],
  ['drops the rest of a segment that the beginning ends within', parts(['a', 45], ['a', 30], ['b', 40]), ['a1']],
  ['drops what follows in a segment that lost a part before', parts(['a', 45], ['b', 0], ['b', 60], ['c', 10]), ['b2']],
  ['drops a newest segment that does not fit beside the beginning', parts(['a', 45], ['b', 80]), ['b1']],
  ['drops a first part that alone is larger than the limit', parts(['a', 120]), ['a0']],
]

describe('the bound of a recording', () => {
  it.each(cases)('%s', (_title, given, dropped) => {
    expect(partsToDrop(given, 100)).toEqual(dropped)
  })

  it('never leaves more than the limit, nor a segment without its beginning, whatever comes in whatever sizes', () => {
    let seed = 7
    const random = (most: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return 1 + (seed % most)
    }
    for (let run = 0; run < 50; run += 1) {
      let kept: { id: string; segment: string; size: number }[] = []
      for (let part = 0; part < 40; part += 1) {
        kept.push({ id: String(part), segment: String(Math.floor(part / random(5))), size: random(60) })
        const gone = partsToDrop(kept, 200)
        kept = kept.map((each) => (gone.includes(each.id) ? { ...each, size: 0 } : each))
        expect(kept.reduce((sum, each) => sum + each.size, 0)).toBeLessThanOrEqual(200)
        expect(partsToDrop(kept, 200)).toEqual([])
      }
      expect(kept[0]?.size).toBeGreaterThan(0)
    }
  })
})
