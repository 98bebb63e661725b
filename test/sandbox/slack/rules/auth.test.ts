import { describe, expect, it } from 'vitest'
import { methodTiers } from '../../../../sandbox/slack/web-api/serve.ts'
import { connect } from '../socket-client.ts'
import { appToken, botToken, closeAfterEach, releases, slackFor } from '../workspace.ts'

closeAfterEach()

/** Method, the token it takes, the scope without which it is refused (docs.slack.dev reference/methods), arguments where the channel decides. */
const methods: [string, 'bot' | 'app', string | undefined, Record<string, string>?][] = [
  ['apps.connections.open', 'app', 'connections:write'],
  ['auth.test', 'bot', undefined],
  ['blocks.validate', 'bot', undefined],
  ['chat.delete', 'bot', 'chat:write'],
  ['chat.getPermalink', 'bot', undefined],
  ['chat.postEphemeral', 'bot', 'chat:write'],
  ['chat.postMessage', 'bot', 'chat:write'],
  ['chat.update', 'bot', 'chat:write'],
  ['conversations.history', 'bot', 'channels:history,groups:history,im:history,mpim:history'],
  ['conversations.info', 'bot', 'channels:read,groups:read,im:read,mpim:read'],
  ['conversations.join', 'bot', 'channels:join'],
  ['conversations.list', 'bot', 'channels:read,groups:read,im:read,mpim:read'],
  ['conversations.members', 'bot', 'channels:read,groups:read,im:read,mpim:read'],
  ['conversations.open', 'bot', 'im:write,mpim:write'],
  ['conversations.replies', 'bot', 'channels:history,groups:history,im:history,mpim:history'],
  ['files.completeUploadExternal', 'bot', 'files:write'],
  ['files.getUploadURLExternal', 'bot', 'files:write'],
  ['files.info', 'bot', 'files:read'],
  ['reactions.add', 'bot', 'reactions:write'],
  ['usergroups.list', 'bot', 'usergroups:read'],
  ['usergroups.users.list', 'bot', 'usergroups:read'],
  ['users.info', 'bot', 'users:read'],
  ['users.list', 'bot', 'users:read'],
  ['views.open', 'bot', undefined],
  ['views.publish', 'bot', undefined],
  ['views.push', 'bot', undefined],
  ['views.update', 'bot', undefined],
]

const call = async (api: string, method: string, token: string, args: Record<string, string> = {}): Promise<unknown> => {
  const response = await fetch(`${api}${method}`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: new URLSearchParams(args) })
  return response.json()
}

describe('a token', () => {
  it('is checked for every method there is', () => {
    expect(methods.map(([name]) => name)).toEqual(Object.keys(methodTiers).sort())
  })

  it.each(methods)('for %s is of the right kind (%s)', async (name, kind) => {
    const slack = await slackFor()
    expect(await call(slack.apiUrl, name, kind === 'bot' ? appToken : botToken)).toMatchObject({ ok: false, error: 'not_allowed_token_type' })
    expect(await call(slack.apiUrl, name, '')).toMatchObject({ ok: false, error: 'not_authed' })
    expect(await call(slack.apiUrl, name, 'xoxb-guess')).toMatchObject({ ok: false, error: 'invalid_auth' })
  })

  it.each(methods.filter(([, , scope]) => scope !== undefined))('for %s (%s) has the scope %s', async (name, kind, needed) => {
    const slack = await slackFor({ scopes: ['app_mentions:read'], appScopes: ['app_mentions:read'] })
    expect(await call(slack.apiUrl, name, kind === 'bot' ? botToken : appToken)).toMatchObject({
      ok: false,
      error: 'missing_scope',
      needed,
      provided: 'app_mentions:read',
    })
  })

  it('ends with the app, which hears of it', async () => {
    const slack = await slackFor()
    const app = await connect(slack)
    slack.uninstall()
    const types = [await app.next('events_api'), await app.next('events_api')].map((frame) => JSON.stringify(frame['payload']))
    expect(types.some((text) => text.includes('"type":"tokens_revoked"')) && types.some((text) => text.includes('"type":"app_uninstalled"'))).toBe(true)
    expect(await call(slack.apiUrl, 'auth.test', botToken)).toMatchObject({ error: 'account_inactive' })
  })

  it.each(['token_revoked', 'account_inactive', 'invalid_auth'] as const)('may be good no more: %s', async (state) => {
    const slack = await slackFor()
    slack.setToken(state)
    expect(await call(slack.apiUrl, 'chat.postMessage', botToken, { channel: releases, text: 'x' })).toMatchObject({ ok: false, error: state })
    expect(await call(slack.apiUrl, 'apps.connections.open', appToken)).toMatchObject({ ok: true })
    slack.setAppToken(state)
    expect(await call(slack.apiUrl, 'apps.connections.open', appToken)).toMatchObject({ ok: false, error: state })
    slack.setToken('ok')
    expect(await call(slack.apiUrl, 'auth.test', botToken)).toMatchObject({ ok: true })
    expect(slack.messages(releases)).toEqual([])
  })
})
