import { describe, expect, it } from 'vitest'
import { toJson } from '../../src/rack/json.ts'

describe('what goes into a JSON column', () => {
  it.each([
    ['a NUL, as a probe may print it', 'a\0b', 'a\uFFFDb'],
    ['the first half of a character', 'cut \uD83D', 'cut \uFFFD'],
    ['the second half of a character', '\uDE00 cut', '\uFFFD cut'],
    ['whole characters', 'ok 😀 äß\n', 'ok 😀 äß\n'],
  ])('is text that the database can hold: %s', (_what, text, kept) => {
    expect(toJson({ deep: [{ text }] })).toEqual({ deep: [{ text: kept }] })
  })

  it('has dates as text and leaves absent fields out', () => {
    expect(toJson({ at: new Date(0), gone: undefined })).toEqual({ at: '1970-01-01T00:00:00.000Z' })
  })
})
