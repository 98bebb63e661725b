import { createMask } from './mask.ts'

/** Values that this process has seen, so that its own log can hide them wherever they turn up. */
export interface KnownValues {
  learn(values: Iterable<string>): void
  /** Hides every value learnt so far, and what looks like a well-known secret; see `createMask`. */
  mask(text: string): string
}

/** Shorter ones are words of every log line. */
const shortest = 6
/** Beyond, the oldest are forgotten: a log line about them is long written. */
const most = 8_000

const unknown = createMask([])

interface Part { readonly values: readonly string[]; readonly mask: (text: string) => string }

const partOf = (values: readonly string[]): Part => ({ values, mask: createMask(values) })

/**
 * Remembers values without end of work: what is new gets a mask of its own when the next line is written, and masks of like size become one, so that each
 * value is indexed a few times in its life and a line passes a few masks.
 */
export const createKnownValues = (): KnownValues => {
  let known = new Set<string>()
  let fresh: string[] = []
  let parts: Part[] = []
  const settle = (): void => {
    if (fresh.length === 0) return
    let values = fresh
    fresh = []
    for (let last = parts.at(-1); last !== undefined && last.values.length <= values.length * 2; last = parts.at(-1)) {
      values = [...last.values, ...values]
      parts.pop()
    }
    if (known.size > most) {
      known = new Set(values.slice(-most / 2))
      parts = [partOf([...known])]
      return
    }
    parts.push(partOf(values))
  }
  return {
    learn: (values) => {
      for (const value of values) {
        if (value.length < shortest || known.has(value)) continue
        known.add(value)
        fresh.push(value)
      }
    },
    mask: (text) => {
      settle()
      return parts.length === 0 ? unknown(text) : parts.reduce((masked, part) => part.mask(masked), text)
    },
  }
}
