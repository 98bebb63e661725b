import type { Logger } from 'pino'
import type { SlackEvent } from './slack-events.ts'
import { forgetChanged } from '../forget-changed.ts'
import type { SurfaceParts } from './surface.ts'

/** What listening to an event may need. */
export interface EventParts extends SurfaceParts {
  readonly log: Logger
  /** The bot's own user. */
  readonly botUserId: string
}

/**
 * Hears every event of slack-events.ts and picks its own. Called at least once, on one replica only: Slack gives each event to one
 * connection. So an event may make things faster (a cache forgets), and nothing may depend on every replica hearing it.
 * What it throws is logged.
 */
export type OnEvent = (event: SlackEvent) => void | Promise<void>

/** Everybody who listens. A new listener is one line here. */
export const listeners = ({ directory }: EventParts): readonly OnEvent[] => [forgetChanged(directory)]

/** Tells all listeners; one that fails does not keep it from the others. Never throws. */
export const tellListeners = async (told: readonly OnEvent[], event: SlackEvent, log: Logger): Promise<void> => {
  await Promise.all(told.map(async (listen) => {
    try {
      await listen(event)
    } catch (error) {
      log.error({ err: error, event: event.type }, 'a listener failed')
    }
  }))
}
