import { setTimeout as sleep } from 'node:timers/promises'
import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import { readTrouble } from './delivery/slack-error.ts'
import { askWhoWeAre, botTokenRefused, SlackTokenError, type Self } from './probe.ts'
import { missingScopes, type MissingScope } from './scopes.ts'

/** What Slack thinks of the bot token while the bot runs. */
export interface TokenWatch {
  /** Words when Slack refuses it (revoked, the app removed, its user deactivated), else null. */
  refused(): string | null
  missing(): readonly MissingScope[]
  /** Asks soon instead of at the next turn. */
  look(): void
  stop(): void
}

/** Milliseconds between two questions. auth.test allows hundreds a minute (docs.slack.dev/reference/methods/auth.test). */
const usually = 30_000

const sayMissing = (missing: readonly MissingScope[], log: Logger): void => {
  for (const { line, essential } of missing) log[essential ? 'error' : 'warn'](line)
}

/** Why the token is refused; null when it is not, or when Slack cannot be asked: that says nothing of the token. */
const refusalIn = (error: unknown): string | null => {
  if (error instanceof SlackTokenError) return error.message
  const trouble = readTrouble(error)
  return trouble?.kind === 'cut_off' ? botTokenRefused(trouble.why) : null
}

/** Asks `auth.test` again and again, and tells when the token is refused and when it is good again. Missing scopes are logged, at once and when they change. */
export const watchToken = (options: {
  readonly client: WebClient; readonly log: Logger; readonly self: Self; readonly every?: number
  onRefused(why: string): void
  onGood(): void
}): TokenWatch => {
  const { client, log, every = usually } = options
  const stopping = new AbortController()
  let refused: string | null = null
  let missing = missingScopes(options.self.granted)
  let wake = (): void => undefined
  sayMissing(missing, log)

  const ask = async (): Promise<void> => {
    try {
      const found = missingScopes((await askWhoWeAre(client)).granted)
      if (found.map((one) => one.scope).join() !== missing.map((one) => one.scope).join()) {
        log.info({ missing: found.length }, 'the scopes that Slack grants have changed')
        sayMissing(found, log)
      }
      missing = found
      if (refused === null) return
      refused = null
      log.info('Slack takes SLACK_BOT_TOKEN again')
      options.onGood()
    } catch (error) {
      const why = refusalIn(error)
      if (why === null) return log.debug({ err: error }, 'Slack was not asked who we are')
      if (refused !== null) return
      refused = why
      log.error(`${why}. Nothing is heard or said in Slack; rollouts go on`)
      options.onRefused(why)
    }
  }

  const keep = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const poked = new Promise<void>((resolve) => {
        wake = resolve
      })
      const turn = new AbortController()
      await Promise.race([poked, sleep(every, undefined, { signal: AbortSignal.any([stopping.signal, turn.signal]), ref: false })])
        .catch((error: unknown) => {
          if (!stopping.signal.aborted) throw error
        })
      turn.abort()
      if (!stopping.signal.aborted) await ask()
    }
  }
  keep().catch((error: unknown) => log.error({ err: error }, 'Slack is no longer asked who we are'))

  return { refused: () => refused, missing: () => missing, look: () => wake(), stop: () => stopping.abort() }
}
