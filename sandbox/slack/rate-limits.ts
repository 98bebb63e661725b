import type { Method } from './web-api/method.ts'

/** How often a method may be called. `perMinute` flows back evenly, `burst` may be used up at once. */
export type Rate = { perMinute: number; burst: number }

/** Rates by method name, for tests that want them harsh; what is not named has Slack's. */
export type Limits = { methods?: Record<string, Rate>; posting?: Rate }

/**
 * docs.slack.dev apis/web-api/rate-limits: tier 1 to 4 are 1, 20, 50 and 100 a minute, with bursts that Slack tolerates but does not
 * promise; posting is one message a second and channel, "short bursts" more. Our burst for posting (10) is a guess on the low side.
 */
const usual: Record<Method['tier'], Rate> = {
  1: { perMinute: 1, burst: 1 },
  2: { perMinute: 20, burst: 20 },
  3: { perMinute: 50, burst: 50 },
  4: { perMinute: 100, burst: 100 },
  posting: { perMinute: 60, burst: 10 },
  special: { perMinute: 600, burst: 600 },
}

/** Counts calls. `take` answers how many whole seconds to wait, 0 when the call may pass. */
export const createRateLimits = (now: () => number, limits: Limits = {}) => {
  const buckets = new Map<string, { left: number; at: number }>()
  return {
    take: (name: string, tier: Method['tier'], channel: string): number => {
      const rate = limits.methods?.[name] ?? (tier === 'posting' ? (limits.posting ?? usual.posting) : usual[tier])
      const key = tier === 'posting' ? `${name} ${channel}` : name
      const bucket = buckets.get(key) ?? { left: rate.burst, at: now() }
      const left = Math.min(rate.burst, bucket.left + ((now() - bucket.at) / 60_000) * rate.perMinute)
      const allowed = left >= 1
      buckets.set(key, { left: allowed ? left - 1 : left, at: now() })
      return allowed ? 0 : Math.max(1, Math.ceil(((1 - left) * 60) / rate.perMinute))
    },
  }
}
