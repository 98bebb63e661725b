import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { methodScopes, missingScopes, scopes } from '../../src/bot/scopes.ts'

const root = new URL('../../', import.meta.url)
const manifest = z.object({
  display_information: z.object({ name: z.string().max(35), description: z.string().max(140) }),
  features: z.object({
    bot_user: z.object({ display_name: z.string().max(80) }),
    slash_commands: z.array(z.object({ command: z.string().max(32), description: z.string().max(2_000), usage_hint: z.string().max(1_000), should_escape: z.literal(true) })).max(50),
  }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z.object({
    event_subscriptions: z.object({ bot_events: z.array(z.string()).max(100) }),
    interactivity: z.object({ is_enabled: z.literal(true) }), socket_mode_enabled: z.literal(true), token_rotation_enabled: z.literal(false),
  }),
}).parse(parse(readFileSync(new URL('manifest.yml', root), 'utf8')))

const sources = readdirSync(new URL('src/bot/', root), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(new URL(`src/bot/${file}`, root), 'utf8'))
/** Calls of the SDK's clients. */
const called = [...new Set(sources.flatMap((text) =>
  [...text.matchAll(/\b(?:client|interactive|opening|posting|reading)\.([a-z]+\.[a-zA-Z.]+)\(|\b(chat\.[a-zA-Z]+)\(/gu)].map(([, method, ofChat]) => method ?? ofChat ?? '')))]

describe('manifest.yml', () => {
  test('asks for exactly the scopes that the bot explains', () => {
    expect(manifest.oauth_config.scopes.bot.toSorted()).toEqual(Object.keys(scopes).toSorted())
  })

  test('names the command and the bot of the documentation', () => {
    expect([manifest.display_information.name, manifest.features.bot_user.display_name, manifest.features.slash_commands.map((one) => one.command)]).toEqual(['Slipway', 'convox', ['/convox']])
  })

  test('subscribes to what is heard, and nothing else', () => {
    expect(manifest.settings.event_subscriptions.bot_events).toEqual(['app_mention', 'message.im'])
  })
})

describe('every Slack method in src/bot', () => {
  test('is found in the source at all', () => {
    expect(called).toEqual(expect.arrayContaining(['chat.postMessage', 'views.open', 'users.info', 'conversations.history']))
  })

  test.each(called.map((method) => [method]))('%s is in the table of scopes', (method) => {
    expect(Object.keys(methodScopes)).toContain(method)
  })

  test.each(Object.entries(methodScopes))('%s has its scopes in the manifest', (_method, needed) => {
    expect(manifest.oauth_config.scopes.bot).toEqual(expect.arrayContaining([...needed]))
  })
})

describe('missingScopes', () => {
  test('says in words what is missing and what to do', () => {
    expect(missingScopes(Object.keys(scopes).filter((scope) => scope !== 'usergroups:read'))).toEqual([
      'Slack does not let me read groups of approvers: scope usergroups:read is missing. A workspace admin installs the app again from manifest.yml.',
    ])
  })

  test.each([['all granted', Object.keys(scopes)], ['Slack does not say', undefined]])('says nothing when %s', (_name, granted) => {
    expect(missingScopes(granted)).toEqual([])
  })
})
