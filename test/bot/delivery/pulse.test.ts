import { expect, test } from 'vitest'
import { createPulse } from '../../../src/bot/delivery/pulse.ts'
import { troubleOfWord, type Trouble } from '../../../src/bot/delivery/slack-error.ts'

const unsent: Trouble = { kind: 'unsent', why: 'ECONNREFUSED' }

test.each([
  ['a refused connection', [unsent], 100],
  ['an answer that was lost', [troubleOfWord('internal_error')], 100],
  ['a revoked token', [troubleOfWord('token_revoked')], 100],
  ['several failures, since the first', [unsent, unsent, unsent], 100],
  ['a no, which was heard', [unsent, troubleOfWord('is_archived')], null],
  ['a 429, which was heard', [unsent, troubleOfWord('ratelimited')], null],
] as const)('%s', (_name, failures, since) => {
  let now = 90
  const pulse = createPulse(() => (now += 10))
  for (const trouble of failures) pulse.failed(trouble)
  expect(pulse.awaySince()).toBe(since)
  pulse.fine()
  expect(pulse.awaySince()).toBeNull()
})

test('a token that is no good is told of, a missing scope is not', () => {
  let told = 0
  const pulse = createPulse(() => 0, () => void (told += 1))
  pulse.failed(troubleOfWord('missing_scope'))
  pulse.failed(troubleOfWord('token_revoked'))
  expect(told).toBe(1)
})
