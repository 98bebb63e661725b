import { z } from 'zod'
import type { Passage, Tampering } from '../socket.ts'
import type { Random } from './random.ts'
import type { EnvelopeRule } from './script.ts'

const waysOf = ({ kind, ms }: EnvelopeRule): readonly Passage[] => {
  switch (kind) {
    case 'same envelope twice':
      return [{ after: 0, id: 'same' }, { after: ms, id: 'same' }]
    case 'new envelope for the same':
      return [{ after: 0, id: 'same' }, { after: ms, id: 'new' }]
    case 'envelopes out of order':
      return [{ after: ms, id: 'same' }]
  }
}

/** Where it was done: a command, a click, an event. A dialog names no channel. */
const place = z.union([
  z.object({ channel_id: z.string() }).transform((payload) => payload.channel_id),
  z.object({ channel: z.object({ id: z.string() }) }).transform((payload) => payload.channel.id),
  z.object({ event: z.object({ channel: z.string() }) }).transform((payload) => payload.event.channel),
])

/** Applies the rules envelope by envelope. What is out of order comes later than what was sent after it. */
export const troubledEnvelopes = (rules: readonly EnvelopeRule[], random: Random, occurred: (what: string) => void): Tampering => {
  const left = new Map(rules.map((rule) => [rule, rule.most]))
  const counts = new Map<string, number>()
  return ({ type, payload }) => {
    const channel = place.safeParse(payload).data ?? ''
    const count = (counts.get(channel) ?? 0) + 1
    counts.set(channel, count)
    for (const rule of rules) {
      const remaining = left.get(rule) ?? 0
      if (remaining === 0) continue
      if (rule.nth === undefined ? !random.chance(rule.share ?? 0) : channel === '' || rule.nth !== count) continue
      left.set(rule, remaining - 1)
      occurred(`${rule.kind}: ${type} ${channel} ${String(count)}`)
      return waysOf(rule)
    }
    return [{ after: 0, id: 'same' }]
  }
}
