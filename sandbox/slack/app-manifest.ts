import { parse } from 'yaml'
import { z } from 'zod'
import { eventScopes } from './event-scopes.ts'
import type { TransportKind } from './transport.ts'
import type { SlashCommand } from './wiring.ts'

const requestUrl = z.url({ protocol: /^https$/, error: 'a Request URL begins with https://' })
const handle = z.string().startsWith('/').min(2).max(32)

/** docs.slack.dev reference/app-manifest: the figures are its. What Slack does not know it refuses. */
const schema = z.object({
  display_information: z
    .strictObject({
      name: z.string().min(1).max(35),
      description: z.string().max(140).optional(),
      long_description: z.string().min(174).max(4000).optional(),
      background_color: z
        .string()
        .regex(/^#([0-9a-f]{3}|[0-9a-f]{6})$/i)
        .optional(),
    })
    .optional(),
  features: z.strictObject({
    app_home: z
      .strictObject({
        home_tab_enabled: z.boolean().default(false),
        messages_tab_enabled: z.boolean().default(true),
        messages_tab_read_only_enabled: z.boolean().default(false),
      })
      .default({ home_tab_enabled: false, messages_tab_enabled: true, messages_tab_read_only_enabled: false }),
    bot_user: z.strictObject({ display_name: z.string().min(1).max(80), always_online: z.boolean().optional() }),
    slash_commands: z
      .array(
        z.strictObject({
          command: handle,
          url: requestUrl.optional(),
          description: z.string().min(1).max(2000),
          usage_hint: z.string().max(1000).optional(),
          should_escape: z.boolean().default(false),
        }),
      )
      .max(50)
      .default([]),
    shortcuts: z.array(z.unknown()).max(10).optional(),
    unfurl_domains: z.array(z.string()).max(5).optional(),
  }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()).max(255), bot_optional: z.array(z.string()).optional() }) }),
  settings: z.strictObject({
    allowed_ip_address_ranges: z.array(z.string()).max(10).optional(),
    event_subscriptions: z
      .strictObject({ request_url: requestUrl.optional(), bot_events: z.array(z.string()).max(100).default([]) })
      .default({ bot_events: [] }),
    interactivity: z.strictObject({ is_enabled: z.boolean(), request_url: requestUrl.optional(), message_menu_options_url: requestUrl.optional() }).optional(),
    org_deploy_enabled: z.boolean().optional(),
    socket_mode_enabled: z.boolean().default(false),
    token_rotation_enabled: z.boolean().optional(),
  }),
})

/** What a workspace learns from a Slack app manifest: docs.slack.dev reference/app-manifest. */
export type AppManifest = { name: string; scopes: string[]; events: string[]; commands: SlashCommand[]; readOnlyMessages: boolean; transport: TransportKind }

/** What the parts of a manifest ask of each other. */
const faults = ({ features, oauth_config, settings }: z.infer<typeof schema>): string[] => {
  const scopes = new Set(oauth_config.scopes.bot)
  const { event_subscriptions: events, interactivity } = settings
  const found = events.bot_events.flatMap((name) => {
    const needed = eventScopes[name] ?? []
    return needed.length > 0 && !needed.some((scope) => scopes.has(scope)) ? [`${name} needs the scope ${needed.join(' or ')}`] : []
  })
  if (features.slash_commands.length > 0 && !scopes.has('commands')) found.push('slash commands need the scope commands')
  if (settings.socket_mode_enabled) return found
  if (events.bot_events.length > 0 && !events.request_url) found.push('event subscriptions need a request_url or Socket Mode')
  if (interactivity?.is_enabled && !interactivity.request_url) found.push('interactivity needs a request_url or Socket Mode')
  for (const one of features.slash_commands) if (!one.url) found.push(`${one.command} needs a url or Socket Mode`)
  return found
}

/** Reads a Slack app manifest in YAML. Throws with what is wrong in it. */
export const readAppManifest = (text: string): AppManifest => {
  const manifest = schema.parse(parse(text))
  const wrong = faults(manifest)
  if (wrong.length > 0) throw new Error(`the Slack app manifest is refused: ${wrong.join('; ')}`)
  const { features, oauth_config, settings } = manifest
  return {
    name: features.bot_user.display_name,
    scopes: oauth_config.scopes.bot,
    events: settings.event_subscriptions.bot_events,
    commands: features.slash_commands.map((one) => ({
      command: one.command,
      description: one.description,
      shouldEscape: one.should_escape,
      ...(one.usage_hint ? { usageHint: one.usage_hint } : {}),
    })),
    readOnlyMessages: !features.app_home.messages_tab_enabled || features.app_home.messages_tab_read_only_enabled,
    transport: settings.socket_mode_enabled ? 'socket' : 'http',
  }
}
