import type { Method } from './web-api/method.ts'

/** How often a method may be called. `perMinute` flows back evenly, `burst` may be used up at once. */
export type Rate = { perMinute: number; burst: number }

/**
 * Rates by method name and those of posting, for tests that want their own; what is not named has Slack's. `harsh` is Slack on a bad day:
 * half of every rate and no bursts.
 */
export type Limits = { methods?: Record<string, Rate>; posting?: Rate; everywhere?: Rate; harsh?: boolean }

/**
 * docs.slack.dev apis/web-api/rate-limits: tier 1 to 4 are 1, 20, 50 and 100 a minute, with bursts that Slack tolerates but does not
 * promise; posting is one message a second and channel, "short bursts" more, and "several hundred" a minute in all channels together.
 * Our burst for posting (10) and our several hundred (600, of which 300 at once) are guesses.
 */
const usual: Record<Method['tier'] | 'everywhere', Rate> = {
  1: { perMinute: 1, burst: 1 },
  2: { perMinute: 20, burst: 20 },
  3: { perMinute: 50, burst: 50 },
  4: { perMinute: 100, burst: 100 },
  posting: { perMinute: 60, burst: 10 },
  everywhere: { perMinute: 600, burst: 300 },
  special: { perMinute: 600, burst: 600 },
}

const onABadDay = ({ perMinute }: Rate): Rate => ({ perMinute: perMinute / 2, burst: 1 })

/** Counts calls. `take` answers how many whole seconds to wait, 0 when the call may pass; a call that may not pass counts for nothing. */
export const createRateLimits = (now: () => number, limits: Limits = {}) => {
  const buckets = new Map<string, { left: number; at: number }>()
  const rateOf = (kind: keyof typeof usual, own: Rate | undefined): Rate => own ?? (limits.harsh ? onABadDay(usual[kind]) : usual[kind])
  const leftIn = (key: string, rate: Rate): number => {
    const bucket = buckets.get(key) ?? { left: rate.burst, at: now() }
    return Math.min(rate.burst, bucket.left + ((now() - bucket.at) / 60_000) * rate.perMinute)
  }
  return {
    take: (name: string, tier: Method['tier'], channel: string): number => {
      const own = limits.methods?.[name]
      const lanes =
        tier === 'posting'
          ? [
              { key: `${name} ${channel}`, rate: rateOf(tier, own ?? limits.posting) },
              // Who sets a channel's rate alone wants no other one.
              ...(limits.posting && !limits.everywhere ? [] : [{ key: 'everywhere', rate: rateOf('everywhere', limits.everywhere) }]),
            ]
          : [{ key: name, rate: rateOf(tier, own) }]
      const left = lanes.map(({ key, rate }) => leftIn(key, rate))
      const waits = lanes.map(({ rate }, index) => {
        const there = left[index] ?? 0
        return there > 1 - 1e-6 ? 0 : Math.max(1, Math.ceil(((1 - there) * 60) / rate.perMinute))
      })
      const wait = Math.max(...waits)
      if (wait === 0) for (const [index, { key }] of lanes.entries()) buckets.set(key, { left: (left[index] ?? 0) - 1, at: now() })
      return wait
    },
  }
}
