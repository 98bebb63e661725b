import { describe, expect, it } from 'vitest'
import { readAppManifest } from '../../../sandbox/slack/app-manifest.ts'
import { ana, closeAfterEach, clientFor, refusal, slackFor } from './workspace.ts'

closeAfterEach()

const manifest = `
features:
  app_home: { messages_tab_enabled: true, messages_tab_read_only_enabled: true }
  bot_user: { display_name: helm }
  slash_commands: [{ command: /ship, description: Ship it, usage_hint: help, should_escape: true }]
oauth_config: { scopes: { bot: [commands, im:write] } }
settings: { event_subscriptions: { bot_events: [app_mention] } }
`

describe('a Slack app manifest', () => {
  it('says what the app may do, hears and is called', () => {
    expect(readAppManifest(manifest)).toEqual({
      name: 'helm',
      scopes: ['commands', 'im:write'],
      events: ['app_mention'],
      commands: [{ command: '/ship', description: 'Ship it', usageHint: 'help', shouldEscape: true }],
      readOnlyMessages: true,
    })
    expect(() => readAppManifest('features: {}')).toThrow('bot_user')
  })

  it('rules the workspace it is given to', async () => {
    const slack = await slackFor({ manifest })
    expect(await refusal(clientFor(slack).users.info({ user: ana }))).toMatchObject({ error: 'missing_scope', provided: 'commands,im:write' })
    expect(slack.workspace.bot.name).toBe('helm')
    const direct = slack.as(ana).openHome()
    await expect(slack.as(ana).command(direct, '/ship')).rejects.toThrow('Sending messages to this app has been turned off.')
    const open = await slackFor()
    expect(open.as(ana).say(open.as(ana).openHome(), 'hello').text).toBe('hello')
  })
})
