import { describe, expect, it } from 'vitest'
import { canonicalQuantity, printQuantity, quantity } from '../../../../sandbox/cluster/admission/quantity.ts'

describe('A quantity', () => {
  it.each([
    ['0.25', '250m'],
    ['250m', '250m'],
    ['2000m', '2'],
    ['1.5', '1500m'],
    [2, '2'],
    ['1000', '1k'],
    ['1024', '1024'],
    ['64Mi', '64Mi'],
    ['1024Mi', '1Gi'],
    ['0.5Gi', '512Mi'],
    ['128974848', '128974848'],
    ['1e3', '1e3'],
    ['0', '0'],
    ['-1', '-1'],
    ['abc', undefined],
    ['', undefined],
    ['1 Gi', undefined],
  ])('%s is stored as %s', (text, stored) => {
    expect(canonicalQuantity(text)).toBe(stored)
  })

  it('has a size', () => {
    expect(['250m', '64Mi', '1k', '2', 'x'].map((text) => quantity(text))).toEqual([0.25, 67_108_864, 1000, 2, undefined])
  })

  it('is printed for people', () => {
    expect([printQuantity('requests.cpu', 1.25), printQuantity('requests.memory', 67_108_864), printQuantity('pods', 3)]).toEqual(['1250m', '64Mi', '3'])
  })
})
