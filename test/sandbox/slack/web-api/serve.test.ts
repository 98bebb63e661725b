import { describe, expect, it } from 'vitest'
import { ana, appToken, bo, botToken, clientFor, closeAfterEach, general, refusal, releases, secret, slackFor } from '../workspace.ts'

closeAfterEach()

const post = async (url: string, init: RequestInit) => {
  const response = await fetch(url, { method: 'POST', ...init })
  const body: unknown = await response.json()
  return body
}

describe('the Web API', () => {
  it.each<[string, string, string, string]>([
    ['no token', '', 'auth.test', 'not_authed'],
    ['an unknown token', 'xoxb-other', 'auth.test', 'invalid_auth'],
    ['an app token for a bot method', appToken, 'chat.postMessage', 'not_allowed_token_type'],
    ['a bot token for an app method', botToken, 'apps.connections.open', 'not_allowed_token_type'],
    ['an unknown method', botToken, 'chat.shout', 'unknown_method'],
  ])('refuses %s', async (_name, token, method, error) => {
    const slack = await slackFor()
    expect(await post(`${slack.apiUrl}${method}`, { headers: token === '' ? {} : { authorization: `Bearer ${token}` } })).toMatchObject({ ok: false, error })
  })

  it('names the scope that is missing and those there are', async () => {
    const slack = await slackFor({ scopes: ['chat:write'] })
    expect(await refusal(clientFor(slack).users.info({ user: ana }))).toMatchObject({ error: 'missing_scope', needed: 'users:read', provided: 'chat:write' })
    slack.addBot(secret)
    const history = await slackFor({ scopes: ['channels:history'] })
    history.addBot(secret)
    expect(await refusal(clientFor(history).conversations.history({ channel: secret }))).toMatchObject({ error: 'missing_scope', needed: 'groups:history' })
  })

  it('stops to know a token that was revoked', async () => {
    const slack = await slackFor()
    slack.setToken('token_revoked')
    expect(await refusal(clientFor(slack).auth.test())).toMatchObject({ error: 'token_revoked' })
  })

  it('reads forms and JSON, and refuses other bodies', async () => {
    const slack = await slackFor()
    const headers = { authorization: `Bearer ${botToken}` }
    const url = `${slack.apiUrl}chat.postMessage`
    const json = { ...headers, 'content-type': 'application/json; charset=utf-8' }
    expect(await post(url, { headers, body: new URLSearchParams({ channel: releases, text: 'form', blocks: '[{"type":"divider"}]' }) })).toMatchObject({
      ok: true,
    })
    expect(await post(url, { headers: json, body: JSON.stringify({ channel: releases, text: 'json', blocks: [{ type: 'divider' }] }) })).toMatchObject({
      ok: true,
    })
    expect(await post(url, { headers: json, body: '{' })).toMatchObject({ error: 'invalid_json' })
    expect(await post(url, { headers: json, body: '[]' })).toMatchObject({ error: 'json_not_object' })
    expect(await post(url, { headers: { ...headers, 'content-type': 'text/plain' }, body: 'x' })).toMatchObject({ error: 'invalid_post_type' })
    expect(
      await post(url, { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token: botToken, channel: releases, text: 'x' }) }),
    ).toMatchObject({ error: 'not_authed' })
  })

  it('limits posting per channel and other methods as a whole, with Retry-After', async () => {
    let now = 1_800_000_000_000
    const slack = await slackFor({ now: () => now, limits: { posting: { perMinute: 60, burst: 1 }, methods: { 'users.info': { perMinute: 20, burst: 1 } } } })
    const headers = { authorization: `Bearer ${botToken}`, 'content-type': 'application/x-www-form-urlencoded' }
    const say = (channel: string) => fetch(`${slack.apiUrl}chat.postMessage`, { method: 'POST', headers, body: `channel=${channel}&text=x` })
    expect((await say(releases)).status).toBe(200)
    const limited = await say(releases)
    expect([limited.status, limited.headers.get('retry-after'), await limited.json()]).toEqual([429, '1', { ok: false, error: 'ratelimited' }])
    expect((await say(general)).status).toBe(200)
    now += 1000
    expect((await say(releases)).status).toBe(200)
    const client = clientFor(slack)
    await client.users.info({ user: ana })
    await expect(client.users.info({ user: bo })).rejects.toMatchObject({ retryAfter: 3 })
  })

  it('fails as ordered, and as often', async () => {
    const slack = await slackFor()
    const client = clientFor(slack)
    slack.fail('chat.postMessage', { error: 'internal_error', times: 2 })
    for (const _ of [1, 2]) expect(await refusal(client.chat.postMessage({ channel: releases, text: 'a' }))).toMatchObject({ error: 'internal_error' })
    slack.fail('chat.postMessage', { storeThenDrop: true })
    await expect(client.chat.postMessage({ channel: releases, text: 'stored' })).rejects.toThrow()
    slack.fail('chat.postMessage', { drop: true })
    await expect(client.chat.postMessage({ channel: releases, text: 'lost' })).rejects.toThrow()
    slack.fail('chat.postMessage', { status: 503 })
    await expect(client.chat.postMessage({ channel: releases, text: 'lost' })).rejects.toThrow()
    slack.fail('chat.postMessage', { status: 429, retryAfter: 7 })
    await expect(client.chat.postMessage({ channel: releases, text: 'lost' })).rejects.toMatchObject({ retryAfter: 7 })
    expect(slack.transcript(releases)).toBe('convox: stored')
    expect(slack.requests('chat.postMessage').map((one) => one.args['text'])).toEqual(['a', 'a', 'stored', 'lost', 'lost', 'lost'])
    expect(JSON.stringify(slack.requests())).not.toContain(botToken)
  })
})
