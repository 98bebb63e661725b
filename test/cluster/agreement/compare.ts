import type { Line, Telling } from './telling.ts'

/**
 * For how many ms something may stand on one side that the other never says. A controller that is busy sees several changes as one, skips
 * what lay between and counts a short ready state once more or once less; pods and events are told one by one.
 */
const patience = (key: string): number => (key.startsWith('pods ') || key.startsWith('events ') ? 0 : 1_000)

/** The places of a longest common subsequence, as pairs. */
const common = (left: readonly string[], right: readonly string[]): [number, number][] => {
  const lengths = Array.from({ length: left.length + 1 }, () => Array.from({ length: right.length + 1 }, () => 0))
  const length = (i: number, j: number): number => lengths[i]?.[j] ?? 0
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const row = lengths[i]
      if (row) row[j] = left[i] === right[j] ? length(i + 1, j + 1) + 1 : Math.max(length(i + 1, j), length(i, j + 1))
    }
  }
  const pairs: [number, number][] = []
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    if (left[i] === right[j]) pairs.push([i++, j++])
    else if (length(i + 1, j) >= length(i, j + 1)) i += 1
    else j += 1
  }
  return pairs
}

/** What one said of one object and the other did not; of what passes, only what the other never said at all. */
const missing = (lines: readonly Line[], matched: ReadonlySet<number>, others: ReadonlySet<string>, moment: number): string[] =>
  lines.filter(({ text, stood }, index) => !matched.has(index) && (moment === 0 || (stood > moment && !others.has(text)))).map(({ text }) => text)

/** Where the two tellings of a scene differ, one text per difference. Empty when they agree. */
export const differences = (real: Telling, simulated: Telling): string[] =>
  [...new Set([...Object.keys(real), ...Object.keys(simulated)])].sort().flatMap((key) => {
    const [left, right] = [real[key] ?? [], simulated[key] ?? []]
    const [leftTexts, rightTexts] = [left.map(({ text }) => text), right.map(({ text }) => text)]
    const pairs = common(leftTexts, rightTexts)
    const moment = patience(key)
    return [
      ...missing(left, new Set(pairs.map(([index]) => index)), new Set(rightTexts), moment).map((text) => `${key}: only the real cluster says ${text}`),
      ...missing(right, new Set(pairs.map(([, index]) => index)), new Set(leftTexts), moment).map((text) => `${key}: only the simulated cluster says ${text}`),
    ]
  })
