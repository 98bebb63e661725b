import { describe, expect, test } from 'vitest'
import { nextTry } from '../../../src/bot/receive/patience.ts'

const none = { limited: 0, lost: 0 }

describe('what is tried again for somebody who waits', () => {
  test('a 429 as soon as Slack says, twice', () => {
    expect(nextTry({ kind: 'limited', why: 'ratelimited', seconds: 3 }, none)).toEqual({ as: 'limited', wait: 3_000 })
    expect(nextTry({ kind: 'limited', why: 'ratelimited', seconds: 3 }, { limited: 1, lost: 1 })).toEqual({ as: 'limited', wait: 3_000 })
    expect(nextTry({ kind: 'limited', why: 'ratelimited', seconds: 3 }, { limited: 2, lost: 0 })).toBeNull()
  })

  test('a 429 for longer than a person looks at the screen, not at all', () => {
    expect(nextTry({ kind: 'limited', why: 'ratelimited', seconds: 6 }, none)).toBeNull()
  })

  test.each(['ambiguous', 'unsent'] as const)('what is %s, once', (kind) => {
    expect(nextTry({ kind, why: 'HTTP 502' }, none)).toMatchObject({ as: 'lost' })
    expect(nextTry({ kind, why: 'HTTP 502' }, { limited: 0, lost: 1 })).toBeNull()
  })

  test.each(['absent', 'unpostable', 'locked', 'gone', 'uneditable', 'cut_off', 'refused'] as const)('what is %s, never', (kind) => {
    expect(nextTry({ kind, why: 'no' }, none)).toBeNull()
  })
})
