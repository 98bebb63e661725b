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

/** Applies the rules envelope by envelope. What is out of order comes later than what was sent after it. */
export const troubledEnvelopes = (rules: readonly EnvelopeRule[], random: Random, occurred: (what: string) => void): Tampering => {
  const left = new Map(rules.map((rule) => [rule, rule.most]))
  return ({ type }) => {
    for (const rule of rules) {
      const remaining = left.get(rule) ?? 0
      if (remaining === 0 || !random.chance(rule.share)) continue
      left.set(rule, remaining - 1)
      occurred(`${rule.kind}: ${type}`)
      return waysOf(rule)
    }
    return [{ after: 0, id: 'same' }]
  }
}
