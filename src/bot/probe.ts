import { setTimeout as sleep } from 'node:timers/promises'
import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import { readTrouble } from './delivery/slack-error.ts'
import type { Home } from './identify.ts'

/** Who we are in Slack. */
export interface Self extends Home {
  readonly teamName: string
  readonly botId: string
  readonly botUserId: string
  readonly botName: string
  /** Absent when Slack does not say. */
  readonly granted: readonly string[] | undefined
}

/** Words for a bot token that Slack refuses with `why`. */
export const botTokenRefused = (why: string): string => `Slack refuses SLACK_BOT_TOKEN (${why}): copy the bot token (xoxb-…) from the app's page "OAuth & Permissions"`

/** Slack refuses a token: nothing helps but another one. */
export class SlackTokenError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SlackTokenError'
  }
}

/** Milliseconds. */
const waits = { first: 1_000, most: 30_000 } as const

/** Asks once. Throws what the client throws, and `SlackTokenError` when the token is no bot's. */
export const askWhoWeAre = async (client: WebClient): Promise<Self> => {
  const answer = await client.auth.test()
  const { bot_id: botId, user_id: botUserId, team_id: teamId } = answer
  if (botId === undefined || botUserId === undefined || teamId === undefined) throw new SlackTokenError(botTokenRefused('it is not a bot\'s'))
  return {
    botId, botUserId, teamId, botName: answer.user ?? botUserId, teamName: answer.team ?? teamId,
    enterpriseId: typeof answer.enterprise_id === 'string' ? answer.enterprise_id : undefined,
    granted: answer.response_metadata?.scopes,
  }
}

/** Asks Slack who we are until it answers. Throws `SlackTokenError`, and the signal's reason when it is aborted. */
export const probe = async (client: WebClient, log: Logger, signal: AbortSignal): Promise<Self> => {
  for (let wait: number = waits.first; ; wait = Math.min(waits.most, wait * 2)) {
    signal.throwIfAborted()
    try {
      return await askWhoWeAre(client)
    } catch (error) {
      const trouble = readTrouble(error)
      if (trouble === undefined) throw error
      if (trouble.kind === 'cut_off' || trouble.kind === 'refused') throw new SlackTokenError(botTokenRefused(trouble.why))
      const seconds = trouble.kind === 'limited' ? trouble.seconds : wait / 1000
      log.warn({ why: trouble.why, seconds }, 'Slack does not answer yet')
      await sleep(seconds * 1000, undefined, { signal })
    }
  }
}
