import { parse } from 'yaml'
import { z } from 'zod'
import type { SlashCommand } from './wiring.ts'

const schema = z.object({
  features: z.object({
    app_home: z
      .object({ messages_tab_enabled: z.boolean().default(true), messages_tab_read_only_enabled: z.boolean().default(false) })
      .default({ messages_tab_enabled: true, messages_tab_read_only_enabled: false }),
    bot_user: z.object({ display_name: z.string().max(80) }),
    slash_commands: z
      .array(
        z.object({
          command: z.string().startsWith('/').max(32),
          description: z.string().max(2000),
          usage_hint: z.string().max(1000).optional(),
          should_escape: z.boolean().default(false),
        }),
      )
      .max(50)
      .default([]),
  }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z.object({ event_subscriptions: z.object({ bot_events: z.array(z.string()).max(100) }).default({ bot_events: [] }) }),
})

/** What a workspace learns from a Slack app manifest: docs.slack.dev reference/app-manifest. */
export type AppManifest = { name: string; scopes: string[]; events: string[]; commands: SlashCommand[]; readOnlyMessages: boolean }

/** Reads a Slack app manifest in YAML. Throws with what is wrong in it. */
export const readAppManifest = (text: string): AppManifest => {
  const { features, oauth_config, settings } = schema.parse(parse(text))
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
  }
}
