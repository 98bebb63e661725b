/** What each scope of manifest.yml is for, in words for whoever installs the app. */
export const scopes = {
  'commands': 'hear /convox',
  'app_mentions:read': 'hear @convox',
  'chat:write': 'post and redraw cards',
  'chat:write.public': 'post into public channels before joining them',
  'channels:join': 'join the public channel set for an app, to read back what was posted',
  'channels:read': 'see whether a channel is archived or shared with another company',
  'groups:read': 'see the same of a private channel it was invited to',
  'channels:history': 'find a card again whose answer was lost',
  'groups:history': 'find it in a private channel',
  'users:read': 'tell full members from guests, bots and strangers',
  'usergroups:read': 'read groups of approvers',
  'im:write': 'write to a person directly',
  'im:history': 'hear what is written to it directly, and find a card again that went there',
  'files:read': 'read files it is given',
  'files:write': 'send what is too long for an answer as a file',
} as const satisfies Record<string, string>
export type Scope = keyof typeof scopes

/**
 * Web API methods this bot calls, with the scopes of which it needs all (docs.slack.dev/reference/methods). A test reads the source
 * for calls that are missing here.
 */
export const methodScopes = {
  'auth.test': [],
  'apps.connections.open': [],
  'chat.postMessage': ['chat:write', 'chat:write.public'],
  'chat.update': ['chat:write'],
  'chat.delete': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'chat.getPermalink': [],
  'conversations.history': ['channels:history', 'groups:history', 'im:history'],
  'conversations.replies': ['channels:history', 'groups:history', 'im:history'],
  'conversations.info': ['channels:read', 'groups:read'],
  'conversations.join': ['channels:join'],
  'conversations.open': ['im:write'],
  'files.info': ['files:read'],
  'files.uploadV2': ['files:write'],
  'usergroups.list': ['usergroups:read'],
  'usergroups.users.list': ['usergroups:read'],
  'users.info': ['users:read'],
  'users.list': ['users:read'],
  'views.open': [],
  'views.update': [],
} as const satisfies Record<string, readonly Scope[]>

/** Without one of these no command is answered and no card is posted; without any other one some things do not work, and the rest does. */
const essential: readonly Scope[] = ['commands', 'chat:write', 'users:read', 'channels:read']

const isScope = (name: string): name is Scope => Object.hasOwn(scopes, name)

/** A scope that Slack did not grant, in words. */
export interface MissingScope {
  readonly scope: Scope
  /** True when the bot is of no use without it. */
  readonly essential: boolean
  readonly line: string
}

/** Every scope that Slack did not grant; `granted` undefined means that Slack did not say. */
export const missingScopes = (granted: readonly string[] | undefined): readonly MissingScope[] =>
  granted === undefined ? [] : Object.keys(scopes).filter(isScope).filter((scope) => !granted.includes(scope)).map((scope) => ({
    scope, essential: essential.includes(scope),
    line: `Slack does not let me ${scopes[scope]}: scope ${scope} is missing. A workspace admin installs the app again from the Slack app manifest.`,
  }))
