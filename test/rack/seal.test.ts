import { describe, expect, it } from 'vitest'
import { createSealer, MissingKeyError } from '../../src/rack/seal.ts'

const key = (id: string, byte: number) => ({ id, bytes: Buffer.alloc(32, byte) })
const place = { table: 'releases', row: 'RA', column: 'env' }

describe('sealed values', () => {
  const sealer = createSealer([key('new', 1), key('old', 2)])
  const before = createSealer([key('old', 2)])

  it('open again, and differ each time they are sealed', () => {
    const [a, b] = [sealer.seal('secret', place), sealer.seal('secret', place)]
    expect(a).not.toBe(b)
    expect(a).not.toContain('secret')
    expect([sealer.open(a, place), sealer.open(b, place)]).toEqual(['secret', 'secret'])
  })
  it('are sealed with the first key and opened with all of them', () => {
    expect(sealer.keyOf(sealer.seal('x', place))).toBe('new')
    expect(sealer.open(before.seal('x', place), place)).toBe('x')
  })
  it('name the key that is missing', () => {
    expect(() => before.open(sealer.seal('x', place), place)).toThrow(MissingKeyError)
    expect(() => before.open(sealer.seal('x', place), place)).toThrow(/"new"/)
  })
  it.each([['table', { ...place, table: 'builds' }], ['row', { ...place, row: 'RB' }], ['column', { ...place, column: 'manifest' }]])('do not open in another %s', (_what, other) => {
    expect(() => sealer.open(sealer.seal('x', place), other)).toThrow()
  })
  it('do not open once altered', () => {
    const [id, iv, tag, text = ''] = sealer.seal('hello', place).split('.')
    const flipped = (text.startsWith('A') ? 'B' : 'A') + text.slice(1)
    expect(() => sealer.open([id, iv, tag, flipped].join('.'), place)).toThrow()
  })
  it('have HMACs that depend on text and key', () => {
    expect(sealer.hmac('a')).toEqual({ keyId: 'new', hex: createSealer([key('new', 1)]).hmac('a').hex })
    expect(sealer.hmac('a').hex).not.toBe(sealer.hmac('b').hex)
    expect(sealer.hmac('a').hex).not.toBe(sealer.hmac('a', 'old').hex)
  })
})
