import type { Logger } from 'pino'
import { believedFor, isShared, sharedWithin, type Directory } from '../directory.ts'
import { isDirect } from '../direct-channel.ts'
import { inTime } from '../../rack/in-time.ts'

/** Milliseconds per channel: no more than 20 looks a minute, of the 50 or so that Slack grants `conversations.info` (reference/slack.md 3.2). */
const perChannel = 3_000
/** Milliseconds for which a look that failed is not taken again. */
const restAfterFailure = 10_000

/** Milliseconds. A verdict has to be seen: where it is known how things stood, no look holds it up for longer. */
const patience = 2_000

interface Heard { readonly shared: boolean; readonly askedAt: number; readonly failedAt: number }

/**
 * Whether people of another company read along in a channel (reference/slack.md 7). While Slack cannot be asked what it said last holds, and of a channel
 * it never spoke of that it is ours alone: a look that fails holds back nothing.
 */
export const createSharedLook = (directory: Pick<Directory, 'channelAsHeard'>, log: Logger, now: () => number): ((channel: string) => Promise<boolean>) => {
  const known = new Map<string, Heard>()
  return async (channel) => {
    if (isDirect(channel)) return false
    const before = known.get(channel)
    if (before !== undefined && now() - before.failedAt < restAfterFailure) return before.shared
    for (const [other, { askedAt }] of known) if (now() - askedAt > believedFor) known.delete(other)
    known.set(channel, { shared: before?.shared ?? false, askedAt: now(), failedAt: -Infinity })
    try {
      const asking = directory.channelAsHeard(channel, Math.min(believedFor, Math.max(sharedWithin, known.size * perChannel)))
      // Where nothing was heard yet the whole answer is waited for: better late than in front of others.
      const info = await (before === undefined ? asking : inTime(asking, patience, 'no answer in time'))
      const shared = isShared(info)
      known.set(channel, { shared, askedAt: now(), failedAt: info === null ? now() : -Infinity })
      return shared
    } catch (error) {
      log.warn({ channel, err: error }, 'whether this channel is shared could not be asked; it counts as before')
      known.set(channel, { shared: before?.shared ?? false, askedAt: now(), failedAt: now() })
      return before?.shared ?? false
    }
  }
}
