import type { PromotionStatus } from '../../db/words.ts'
import type { Timings } from './timings.ts'

/** The methods whose pace we keep; every other one is rare. */
export type PacedMethod = 'chat.postMessage' | 'chat.update' | 'reading'

/** What Slack told us to leave alone for a while, and when a channel last got a post. Milliseconds of one clock. */
export interface Pace {
  /** Until when the method must not be used, 0 when it may. Posts are limited by channel, the others for the whole workspace. */
  readonly pausedUntil: (method: PacedMethod, channel: string) => number
  readonly pause: (method: PacedMethod, channel: string, until: number) => void
  readonly posted: (channel: string, at: number) => void
  /** When the next ordinary line may be posted there. */
  readonly channelFree: (channel: string) => number
}

const nameOf = (method: PacedMethod, channel: string): string => (method === 'chat.postMessage' ? `${method} ${channel}` : method)

export const createPace = (timings: Timings): Pace => {
  const pauses = new Map<string, number>()
  const posts = new Map<string, number>()
  return {
    pausedUntil: (method, channel) => pauses.get(nameOf(method, channel)) ?? 0,
    pause: (method, channel, until) => {
      const name = nameOf(method, channel)
      pauses.set(name, Math.max(until, pauses.get(name) ?? 0))
    },
    posted: (channel, at) => void posts.set(channel, at),
    channelFree: (channel) => (posts.get(channel) ?? -Infinity) + timings.channel,
  }
}

/**
 * When a card may be redrawn: at once when its status is another one than shown (a verdict, an end, a decision), else not before
 * `redraw` ms and `redrawPerCard` ms times the number of live cards have passed since its last redraw.
 */
export const redrawAt = (
  card: { readonly shown: PromotionStatus | null; readonly status: PromotionStatus; readonly redrawnAt: number | null }, liveCards: number, timings: Timings,
): number => {
  if (card.redrawnAt === null || card.shown !== card.status) return 0
  return card.redrawnAt + Math.max(timings.redraw, liveCards * timings.redrawPerCard)
}
