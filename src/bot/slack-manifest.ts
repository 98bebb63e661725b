import { stringify } from 'yaml'
import { slackEventScopes } from './receive/slack-events.ts'
import { scopes } from './scopes.ts'

/** How Slack reaches the app: over a connection that the app opens, or by requests to its address. */
export const transports = ['socket', 'http'] as const
export type Transport = (typeof transports)[number]

/** Path of Slack's requests over HTTP: commands, clicks, modals and events alike. */
export const requestPath = '/slack/events'
/** Stands in manifest-http.yml where the installation's own host belongs. */
export const placeholderHost = 'slipway.example.com'

/** Events in which a person speaks to the bot; slack-events.ts has the others. */
const spoken = ['app_mention', 'message.im'] as const

const heads = {
  socket: [
    'The Slack app manifest of Slipway: https://api.slack.com/apps > Create New App > From a manifest.',
    'It connects over Socket Mode: no public address is needed. After creating it, make an app-level token with `connections:write`.',
  ],
  http: [
    'The Slack app manifest of Slipway for requests over HTTP: https://api.slack.com/apps > Create New App > From a manifest.',
    `Put your own host in place of ${placeholderHost} (three times); it leads to the port of Slipway's Service, path ${requestPath}.`,
    'The setting SLACK_SIGNING_SECRET is under "Basic Information"; no app-level token is needed.',
  ],
} as const

const madeBy = 'Made by `npm run docs` from src/bot/slack-manifest.ts. Do not edit.'

/** The text of manifest.yml (`socket`) or manifest-http.yml (`http`): docs.slack.dev/reference/app-manifest. Pure. */
export const slackManifest = (transport: Transport): string => {
  const at = transport === 'http' ? { url: `https://${placeholderHost}${requestPath}` } : {}
  const address = transport === 'http' ? { request_url: `https://${placeholderHost}${requestPath}` } : {}
  const content = {
    display_information: {
      name: 'Slipway',
      description: 'Releases on Kubernetes from Slack. Promote, watch, approve and roll back in one thread.',
      background_color: '#1d3a5f',
    },
    features: {
      app_home: { home_tab_enabled: false, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: 'convox', always_online: true },
      slash_commands: [{ command: '/convox', ...at, description: 'Releases, promotions, builds and env of your apps', usage_hint: 'help', should_escape: true }],
    },
    oauth_config: { scopes: { bot: Object.keys(scopes).toSorted() } },
    settings: {
      event_subscriptions: { ...address, bot_events: [...spoken, ...Object.keys(slackEventScopes)].toSorted() },
      interactivity: { is_enabled: true, ...address },
      org_deploy_enabled: false,
      socket_mode_enabled: transport === 'socket',
      token_rotation_enabled: false,
    },
  }
  return `${[...heads[transport], madeBy].map((line) => `# ${line}\n`).join('')}${stringify(content, { lineWidth: 0 })}`
}
