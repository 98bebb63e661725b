import type { ArrivingCall, Failure, Misbehaviour } from '../failures.ts'
import type { Random } from './random.ts'
import type { CallKind, CallRule } from './script.ts'

/** The failure by which a call goes wrong in this way. */
export const failureOf = (kind: CallKind, ms: number): Failure => {
  switch (kind) {
    case 'answer lost':
      return { storeThenDrop: true }
    case 'request lost':
      return { drop: true }
    case 'answer late':
      return { delay: ms }
    case 'HTTP 500':
      return { status: 500 }
    case 'HTTP 500 after storing':
      return { storeThenStatus: 500 }
    case 'internal_error after storing':
      return { storeThenError: 'internal_error' }
    case 'rate limited':
      return { status: 429, retryAfter: Math.max(1, Math.round(ms / 1000)) }
  }
}

const channelOf = ({ args }: ArrivingCall): string => (typeof args['channel'] === 'string' ? args['channel'] : '')

/** Applies the rules call by call; `occurred` hears of each that went wrong. */
export const troubledCalls = (rules: readonly CallRule[], random: Random, occurred: (what: string) => void): Misbehaviour => {
  const left = new Map(rules.map((rule) => [rule, rule.most]))
  const counts = new Map<string, number>()
  return (call) => {
    const place = `${call.method} ${channelOf(call)}`
    const count = (counts.get(place) ?? 0) + 1
    counts.set(place, count)
    for (const rule of rules) {
      const remaining = left.get(rule) ?? 0
      if (rule.method !== call.method || remaining === 0) continue
      if (rule.nth === undefined ? !random.chance(rule.share ?? 0) : rule.nth !== count) continue
      left.set(rule, remaining - 1)
      occurred(`${rule.kind}: ${place} ${String(count)}`)
      return failureOf(rule.kind, rule.ms)
    }
    return undefined
  }
}
