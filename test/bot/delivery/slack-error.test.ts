import { createServer, type RequestListener } from 'node:http'
import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError, type WebClient } from '@slack/web-api'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { createSlackClients } from '../../../src/bot/slack-clients.ts'
import { probe } from '../../../src/bot/probe.ts'
import { mayPass, readTrouble, troubleOfWord } from '../../../src/bot/delivery/slack-error.ts'

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

/** Calls `use` with a client of ours whose Slack answers like this. */
const against = async <T>(answer: RequestListener, use: (client: WebClient) => Promise<T>): Promise<T> => {
  const server = createServer(answer)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  try {
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return await use(createSlackClients({ botToken: 'xoxb-test', slackApiUrl: `http://127.0.0.1:${address.port}/api/` }, log).posting)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => void server.close(resolve))
  }
}
const log = pino({ level: 'silent' })
const page: RequestListener = (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in to the proxy</html>')

test.each([
  ['ratelimited', true], ['internal_error', true], ['token_revoked', true], ['missing_scope', false], ['is_archived', false], ['not_in_channel', false], ['message_not_found', false],
  ['invalid_blocks', false], ['a_word_of_next_year', false],
])('%s may pass by itself: %s', (word, expected) => {
  expect(mayPass(troubleOfWord(word))).toBe(expected)
})

describe('an answer that is not Slack\'s', () => {
  test.each<[string, RequestListener, object]>([
    ['a page of a proxy', page, { kind: 'ambiguous', why: 'unreadable answer' }],
    ['nothing at all', (_request, response) => void response.writeHead(200).end(), { kind: 'ambiguous', why: 'unreadable answer' }],
    ['JSON without a word', (_request, response) => void response.writeHead(200).end('{}'), { kind: 'ambiguous', why: 'unreadable answer' }],
    ['a body that is cut off', (_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"ok":')
      setTimeout(() => response.destroy(), 50)
    }, { kind: 'ambiguous' }],
    ['a 429 that does not say how long', (_request, response) => void response.writeHead(429).end(), { kind: 'limited', why: 'ratelimited', seconds: 10 }],
  ])('%s is no definite no', async (_name, answer, trouble) => {
    const error = await against(answer, (client) => client.chat.postMessage({ channel: 'C1', text: 'hello' }).then(() => undefined, (reason: unknown) => reason))
    expect(readTrouble(error)).toMatchObject(trouble)
  })

  test('does not make the probe give the token up', async () => {
    let asked = 0
    const self = await against((request, response) => {
      asked += 1
      if (asked === 1) page(request, response)
      else response.writeHead(200).end(JSON.stringify({ ok: true, bot_id: 'B1', user_id: 'U1', team_id: 'T1' }))
    }, (client) => probe(client, log, AbortSignal.timeout(10_000)))
    expect([self.botId, asked]).toEqual(['B1', 2])
  })
})
