import { describe, expect, it } from 'vitest'
import { slopeOf } from './heap.ts'
import { percentile, resultTable } from './statistics.ts'

describe('the figures of the bench', () => {
  it.each([
    [[5], 0.5, 5], [[1, 2, 3], 0.5, 2], [[4, 1, 3, 2], 0.5, 2], [[1, 2, 3], 0.99, 3], [Array.from({ length: 200 }, (_, index) => index + 1), 0.99, 198],
  ])('takes of %j the share %d: %d', (samples, share, is) => {
    expect(percentile(samples, share)).toBe(is)
  })

  it('says for each goal whether the 99th percentile keeps it', () => {
    const rows = resultTable([
      { what: 'quick', unit: 'ms', samples: [10, 20, 250], goal: 250 }, { what: 'slow', unit: 'ms', samples: [10, 251], goal: 250 }, { what: 'free', unit: 'MB', samples: [1.25] },
    ]).split('\n')
    expect(rows[1]).toMatch(/^quick +3 +20 ms +250 ms +250 ms +<= 250 ms +met$/)
    expect(rows[2]).toMatch(/^slow +2 +10 ms +251 ms +251 ms +<= 250 ms +MISSED$/)
    expect(rows[3]).toMatch(/^free +1 +1\.3 MB +1\.3 MB +1\.3 MB$/)
  })

  it('finds what a leak grows by, and nothing where a heap only warms up', () => {
    const heapOf = (grows: (done: number) => number) => Array.from({ length: 20 }, (_, index) => ({ done: index * 50, heap: 40 + grows(index * 50) }))
    expect(slopeOf(heapOf((done) => done / 1024))).toBeCloseTo(1, 3)
    expect(slopeOf(heapOf((done) => Math.min(done, 400) / 100))).toBeCloseTo(0, 3)
  })
})
