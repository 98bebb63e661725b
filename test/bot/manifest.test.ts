import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { slackEventScopes } from '../../src/bot/receive/slack-events.ts'
import { methodScopes, missingScopes, scopes } from '../../src/bot/scopes.ts'
import { placeholderHost, requestPath, slackManifest, transports } from '../../src/bot/slack-manifest.ts'

const root = new URL('../../', import.meta.url)
const shape = z.object({
  display_information: z.object({ name: z.string().max(35), description: z.string().max(140) }),
  features: z.object({
    bot_user: z.object({ display_name: z.string().max(80) }),
    slash_commands: z.array(z.object({
      command: z.string().max(32), description: z.string().max(2_000), usage_hint: z.string().max(1_000), should_escape: z.literal(true), url: z.url().optional(),
    })).max(50),
  }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z.object({
    event_subscriptions: z.object({ request_url: z.url().optional(), bot_events: z.array(z.string()).max(100) }),
    interactivity: z.object({ is_enabled: z.literal(true), request_url: z.url().optional() }), socket_mode_enabled: z.boolean(), token_rotation_enabled: z.literal(false),
  }),
})
const written = (file: string): string => readFileSync(new URL(file, root), 'utf8')
const files = { socket: 'manifest.yml', http: 'manifest-http.yml' } as const
const manifests = { socket: shape.parse(parse(written(files.socket))), http: shape.parse(parse(written(files.http))) }

const sources = readdirSync(new URL('src/bot/', root), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(new URL(`src/bot/${file}`, root), 'utf8'))
/** Calls of the SDK's clients. */
const called = [...new Set(sources.flatMap((text) =>
  [...text.matchAll(/\b(?:client|interactive|opening|posting|reading)\.([a-z]+\.[a-zA-Z.]+)\(|\b(chat\.[a-zA-Z]+)\(/gu)].map(([, method, ofChat]) => method ?? ofChat ?? '')))]

describe.each(transports)('the manifest for %s', (transport) => {
  const manifest = manifests[transport]

  test('is what the code says of itself: else run npm run docs', () => {
    expect(written(files[transport])).toBe(slackManifest(transport))
  })

  test('asks for exactly the scopes that the bot explains', () => {
    expect(manifest.oauth_config.scopes.bot.toSorted()).toEqual(Object.keys(scopes).toSorted())
  })

  test('names the command and the bot of the documentation', () => {
    expect([manifest.display_information.name, manifest.features.bot_user.display_name, manifest.features.slash_commands.map((one) => one.command)]).toEqual(['Slipway', 'convox', ['/convox']])
  })

  test('subscribes to what is heard, and nothing else', () => {
    const { bot_events: events } = manifest.settings.event_subscriptions
    expect(events.toSorted()).toEqual(['app_mention', 'message.im', ...Object.keys(slackEventScopes)].toSorted())
    expect(new Set(events).size).toBe(events.length)
  })

  test('says where Slack sends what people do', () => {
    const { settings: { event_subscriptions: events, interactivity, socket_mode_enabled: socket }, features: { slash_commands: commands } } = manifest
    const urls = [events.request_url, interactivity.request_url, ...commands.map((one) => one.url)]
    const url = transport === 'http' ? `https://${placeholderHost}${requestPath}` : undefined
    expect([socket, ...urls]).toEqual([transport === 'socket', url, url, url])
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
    expect(manifests.socket.oauth_config.scopes.bot).toEqual(expect.arrayContaining([...needed]))
  })
})

describe('missingScopes', () => {
  const but = (scope: string): string[] => Object.keys(scopes).filter((one) => one !== scope)

  test('says in words what is missing and what to do', () => {
    expect(missingScopes(but('usergroups:read'))).toEqual([{
      scope: 'usergroups:read', essential: false,
      line: 'Slack does not let me read groups of approvers: scope usergroups:read is missing. A workspace admin installs the app again from the Slack app manifest.',
    }])
  })

  test.each([['chat:write', true], ['users:read', true], ['commands', true], ['files:write', false], ['groups:read', false]])('%s is essential: %s', (scope, essential) => {
    expect(missingScopes(but(scope))).toMatchObject([{ scope, essential }])
  })

  test('lists all that is missing', () => {
    expect(missingScopes([]).map((one) => one.scope)).toEqual(Object.keys(scopes))
  })

  test.each([['all granted', Object.keys(scopes)], ['Slack does not say', undefined]])('says nothing when %s', (_name, granted) => {
    expect(missingScopes(granted)).toEqual([])
  })
})
