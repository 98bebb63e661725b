/** Numbers that depend on a seed alone, so that what they decided can be played again. */
export interface Random {
  /** From 0 up to 1, without it. */
  next(): number
  /** A whole number, both ends included. */
  between(least: number, most: number): number
  /** Throws for an empty list. */
  pick<T>(from: readonly T[]): T
  /** True that often of 1. */
  chance(share: number): boolean
}

/** mulberry32: 32 bits of state, even enough for scripts (Tommy Ettinger, public domain). */
export const randomOf = (seed: number): Random => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const between = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1))
  return {
    next,
    between,
    pick: (from) => {
      const picked = from[between(0, from.length - 1)]
      if (picked === undefined) throw new Error('nothing to pick from')
      return picked
    },
    chance: (share) => next() < share,
  }
}
