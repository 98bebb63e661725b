import { describe, expect, it } from 'vitest'
import { createKnownValues } from '../../../src/rack/env/known-values.ts'

const value = (index: number): string => `value-${index}-${(index * 2_654_435_761 % 4_294_967_296).toString(36)}`

describe('values that a process has seen', () => {
  it('are hidden from the moment on they are learnt, in every form', () => {
    const known = createKnownValues()
    expect(known.mask('hunter2-password')).toBe('hunter2-password')
    known.learn(['hunter2-password'])
    expect(known.mask(`hunter2-password ${Buffer.from('hunter2-password').toString('base64')}`)).toBe('**** ****')
  })

  it('are all hidden however many come, one by one and at once', () => {
    const known = createKnownValues()
    for (let index = 0; index < 300; index += 1) {
      known.learn([value(index), value(index)])
      if (index % 7 === 0) expect(known.mask(value(index))).toBe('****')
    }
    known.learn(Array.from({ length: 2000 }, (_, index) => value(1000 + index)))
    for (const index of [0, 1, 150, 299, 1000, 2999]) expect(known.mask(`said ${value(index)} aloud`)).toBe('said **** aloud')
    expect(known.mask('a release of shop is active')).toBe('a release of shop is active')
  })

  it('leave short words alone, and hide what looks like a secret without being told', () => {
    const known = createKnownValues()
    known.learn(['shop', 'web'])
    expect(known.mask('shop web xoxb-1234567890-abcdef')).toBe('shop web ****')
  })

  it('are forgotten, the oldest first, beyond what a log could still hold', () => {
    const known = createKnownValues()
    const learn = (from: number): void => {
      known.learn(Array.from({ length: 3000 }, (_, index) => value(from + index)))
      known.mask('')
    }
    for (const from of [0, 3000, 6000]) learn(from)
    expect(known.mask(value(8999))).toBe('****')
    expect(known.mask(value(0))).toBe(value(0))
    learn(9000)
    expect(known.mask(value(11_999))).toBe('****')
  })
})
