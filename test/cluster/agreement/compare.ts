import type { Line, Telling } from './telling.ts'

/** For how many ms a controller's state may stand on one side without a word of it on the other; pods and events are told one by one. */
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

type Leaves = Readonly<Record<string, unknown>>

const leaves = (value: unknown, path = ''): Leaves => {
  if (typeof value !== 'object' || value === null) return { [path]: value }
  return Object.assign({}, ...Object.entries(value).map(([key, inner]) => leaves(inner, `${path}.${key}`)))
}

const leavesOf = (line: string | undefined): Leaves => (line === undefined ? {} : leaves(JSON.parse(line.replace(/^gone /, ''))))

/** Whether a state is a step on the way from one to another: each value is that of either, or a number between the two. */
const isBetween = (line: string, before: string | undefined, after: string | undefined): boolean => {
  const [from, here, to] = [leavesOf(before), leavesOf(line), leavesOf(after)]
  return Object.entries(here).every(([path, value]) => {
    const [low, high] = [from[path], to[path]]
    if (value === low || value === high) return true
    return typeof value === 'number' && typeof low === 'number' && typeof high === 'number' && value >= Math.min(low, high) && value <= Math.max(low, high)
  })
}

/**
 * What one said of one object and the other did not. Of a controller's account a state is excused that passed quickly, that the other tells at
 * another time, or that is a step between two states which both tell: it may see several changes as one.
 */
const missing = (key: string, lines: readonly Line[], matched: ReadonlySet<number>, others: ReadonlySet<string>): string[] => {
  const moment = patience(key)
  const told = lines.map(({ text }) => text)
  return lines
    .filter(({ text, stood }, index) => {
      if (matched.has(index)) return false
      if (moment === 0) return true
      const before = told.findLast((_, place) => place < index && matched.has(place))
      const after = told.find((_, place) => place > index && matched.has(place))
      return stood > moment && !others.has(text) && !isBetween(text, before, after)
    })
    .map(({ text }) => text)
}

/** Where the two tellings of a scene differ, one text per difference. Empty when they agree. */
export const differences = (real: Telling, simulated: Telling): string[] =>
  [...new Set([...Object.keys(real), ...Object.keys(simulated)])].sort().flatMap((key) => {
    const [left, right] = [real[key] ?? [], simulated[key] ?? []]
    const [leftTexts, rightTexts] = [left.map(({ text }) => text), right.map(({ text }) => text)]
    const pairs = common(leftTexts, rightTexts)
    return [
      ...missing(key, left, new Set(pairs.map(([index]) => index)), new Set(rightTexts)).map((text) => `${key}: only the real cluster says ${text}`),
      ...missing(key, right, new Set(pairs.map(([, index]) => index)), new Set(leftTexts)).map((text) => `${key}: only the simulated cluster says ${text}`),
    ]
  })
