import { z } from 'zod'
import type { Channel } from '../records.ts'
import type { Workspace } from '../store.ts'
import type { Views } from '../views.ts'
import { invalidArguments, Refused } from './refused.ts'

/** What a method's code may use. */
export interface Call {
  workspace: Workspace
  views: Views
  scopes: ReadonlySet<string>
  /** The address that the page and the files have, without a slash at its end. */
  origin: string
  /** A ticket for one Socket Mode connection: its wss URL. */
  socketUrl: () => string
  /** Told of whatever reaches a person's attention. */
  notify: (message: { channel: string; ts: string }) => void
  /** Called with an event that subscribers get. */
  event: (event: { type: string; [key: string]: unknown }) => void
}

export const tiers = [1, 2, 3, 4, 'posting', 'special'] as const

/** One Web API method. `scopes`: any one of them is enough; the method itself checks what depends on the channel. */
export interface Method {
  token: 'bot' | 'app'
  scopes: string[]
  /** docs.slack.dev apis/web-api/rate-limits: 1, 20, 50 or 100 a minute; `posting` is one a second and channel. */
  tier: (typeof tiers)[number]
  run: (args: Record<string, unknown>, call: Call) => Record<string, unknown>
}

/** A method whose arguments have this shape; others are `invalid_arguments`, unknown ones are ignored, as Slack does. */
export const method = <T extends z.ZodRawShape>(
  rules: { token?: 'bot' | 'app'; scopes: string[]; tier: Method['tier']; args: T },
  run: (args: z.infer<z.ZodObject<T>>, call: Call) => Record<string, unknown>,
): Method => {
  const schema = z.object(rules.args)
  return {
    token: rules.token ?? 'bot',
    scopes: rules.scopes,
    tier: rules.tier,
    run: (args, call) => {
      const parsed = schema.safeParse(args)
      if (!parsed.success) {
        const lines = parsed.error.issues.map((issue) => {
          const text = issue.code === 'invalid_type' ? `missing required field: ${issue.path.join('.')}` : issue.message
          return `[ERROR] ${text} [json-pointer:/${issue.path.join('/')}]`
        })
        throw invalidArguments(lines)
      }
      return run(parsed.data, call)
    },
  }
}

/** Throws `missing_scope` with what is needed and what there is. */
export const needScope = (call: Pick<Call, 'scopes'>, ...anyOf: string[]): void => {
  if (anyOf.length > 0 && !anyOf.some((scope) => call.scopes.has(scope))) {
    throw new Refused('missing_scope', { needed: anyOf.join(','), provided: [...call.scopes].join(',') })
  }
}

/** `groups` for a private channel, `im` for a direct message, else `channels`: the first half of the scope's name. */
export const familyOf = (channel: Channel) => (channel.im ? 'im' : channel.private ? 'groups' : 'channels')

/** The channel as the bot may know it: a private one only from the inside. Throws `channel_not_found`. */
export const visibleChannel = (call: Call, id: string): Channel => {
  const channel = call.workspace.channel(id)
  const inside = channel?.members.includes(call.workspace.bot.userId)
  if (!channel || ((channel.private || channel.im) && !inside)) throw new Refused('channel_not_found')
  return channel
}
