import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api'
import { describe, expect, test } from 'vitest'
import { readTrouble, troubleOfWord } from '../../../src/bot/delivery/slack-error.ts'

describe('troubleOfWord (reference/slack.md 4.5)', () => {
  test.each([
    ['not_in_channel', 'absent'], ['channel_not_found', 'absent'], ['is_archived', 'unpostable'], ['restricted_action_read_only_channel', 'unpostable'],
    ['posting_to_channel_denied', 'unpostable'], ['message_not_found', 'gone'], ['cant_update_message', 'uneditable'], ['edit_window_closed', 'uneditable'],
    ['restricted_action_thread_locked', 'locked'], ['restricted_action_non_threadable_channel', 'unpostable'],
    ['thread_not_found', 'gone'], ['invalid_blocks', 'malformed'], ['msg_blocks_too_long', 'malformed'], ['block_mismatch', 'malformed'],
    ['ratelimited', 'limited'], ['internal_error', 'ambiguous'], ['fatal_error', 'ambiguous'], ['token_revoked', 'cut_off'],
    ['account_inactive', 'cut_off'], ['missing_scope', 'cut_off'], ['invalid_arguments', 'refused'], ['a_word_of_next_year', 'refused'],
  ])('%s is %s', (word, kind) => {
    expect(troubleOfWord(word)).toMatchObject({ kind, why: word })
  })
})

const failed = (code: string): Error => new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) })

describe('readTrouble', () => {
  test.each([
    ['a connection refused', new WebAPIRequestError(failed('ECONNREFUSED')), 'unsent', 'ECONNREFUSED'],
    ['a name that does not resolve', new WebAPIRequestError(failed('ENOTFOUND')), 'unsent', 'ENOTFOUND'],
    ['a connection reset', new WebAPIRequestError(failed('ECONNRESET')), 'ambiguous', 'ECONNRESET'],
    ['a timeout', new WebAPIRequestError(new DOMException('late', 'TimeoutError')), 'ambiguous', 'TimeoutError'],
    ['an HTTP 503', new WebAPIHTTPError(503, 'Service Unavailable', {}, ''), 'ambiguous', 'HTTP 503'],
    ['a word of Slack', new WebAPIPlatformError({ ok: false, error: 'is_archived' }), 'unpostable', 'is_archived'],
  ])('reads %s as %s', (_name, error, kind, why) => {
    expect(readTrouble(error)).toEqual({ kind, why })
  })

  test('keeps the seconds of a 429', () => {
    expect(readTrouble(new WebAPIRateLimitedError(30))).toEqual({ kind: 'limited', why: 'ratelimited', seconds: 30 })
  })

  test('keeps the pointers of refused blocks', () => {
    const error = new WebAPIPlatformError({ ok: false, error: 'invalid_blocks', response_metadata: { messages: ['[ERROR] no more than 10 [json-pointer:/blocks/1]'] } })
    expect(readTrouble(error)).toEqual({ kind: 'malformed', why: 'invalid_blocks', pointers: ['[ERROR] no more than 10 [json-pointer:/blocks/1]'] })
  })

  test.each([[new Error('a bug')], [undefined], ['text']])('does not claim %s', (error) => {
    expect(readTrouble(error)).toBeUndefined()
  })
})
