import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readAppManifest } from '../../../sandbox/slack/app-manifest.ts'
import { ana, closeAfterEach, clientFor, refusal, slackFor } from './workspace.ts'

closeAfterEach()

const manifest = `
features:
  app_home: { messages_tab_enabled: true, messages_tab_read_only_enabled: true }
  bot_user: { display_name: helm }
  slash_commands: [{ command: /ship, description: Ship it, usage_hint: help, should_escape: true }]
oauth_config: { scopes: { bot: [commands, im:write, 'app_mentions:read'] } }
settings: { socket_mode_enabled: true, event_subscriptions: { bot_events: [app_mention] } }
`

describe('a Slack app manifest', () => {
  it('says what the app may do, hears and is called', () => {
    expect(readAppManifest(manifest)).toEqual({
      name: 'helm',
      scopes: ['commands', 'im:write', 'app_mentions:read'],
      events: ['app_mention'],
      commands: [{ command: '/ship', description: 'Ship it', usageHint: 'help', shouldEscape: true }],
      readOnlyMessages: true,
      transport: 'socket',
    })
    expect(() => readAppManifest('features: {}')).toThrow('bot_user')
  })

  const changed = (from: string, to: string) => {
    expect(manifest).toContain(from)
    return manifest.replace(from, to)
  }
  const long = (length: number) => 'x'.repeat(length)

  it.each([
    ['a command without a slash', changed('/ship', 'ship'), 'must start with'],
    ['a command that is too long', changed('/ship', `/${long(32)}`), '32'],
    ['a description that is too long', changed('Ship it', long(2001)), '2000'],
    ['a usage hint that is too long', changed('usage_hint: help', `usage_hint: ${long(1001)}`), '1000'],
    ['a bot with too long a name', changed('display_name: helm', `display_name: ${long(81)}`), '80'],
    ['an app with too long a name', `display_information: { name: ${long(36)} }${manifest}`, '35'],
    ['an app with too long a description', `display_information: { name: x, description: ${long(141)} }${manifest}`, '140'],
    ['too short a long description', `display_information: { name: x, long_description: ${long(173)} }${manifest}`, '174'],
    ['a setting that Slack does not know', changed('socket_mode_enabled', 'socket_mode'), 'socket_mode'],
    ['an event without its scope', changed("'app_mentions:read'", 'chat:write'), 'app_mention needs the scope app_mentions:read'],
    ['commands without their scope', changed('commands, im:write', 'im:write'), 'slash commands need the scope commands'],
    [
      'HTTP without Request URLs',
      changed('socket_mode_enabled: true', 'interactivity: { is_enabled: true }'),
      'event subscriptions need a request_url or Socket Mode; interactivity needs',
    ],
    ['a Request URL without TLS', changed('bot_events', 'request_url: http://x.test/, bot_events'), 'https'],
  ])('is refused with %s', (_name, text, why) => {
    expect(() => readAppManifest(text)).toThrow(why)
  })

  it.each([
    ['manifest.yml', 'socket'],
    ['manifest-http.yml', 'http'],
  ])('is what %s is, over %s', (file, transport) => {
    expect(readAppManifest(readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8'))).toMatchObject({ transport })
  })

  it('rules the workspace it is given to', async () => {
    const slack = await slackFor({ manifest })
    expect(await refusal(clientFor(slack).users.info({ user: ana }))).toMatchObject({ error: 'missing_scope', provided: 'commands,im:write,app_mentions:read' })
    expect(slack.workspace.bot.name).toBe('helm')
    const direct = slack.as(ana).openHome()
    await expect(slack.as(ana).command(direct, '/ship')).rejects.toThrow('Sending messages to this app has been turned off.')
    const open = await slackFor()
    expect(open.as(ana).say(open.as(ana).openHome(), 'hello').text).toBe('hello')
  })
})
