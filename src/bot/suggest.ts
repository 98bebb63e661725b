import { distance } from 'fastest-levenshtein'

const limit = 2
/** Two edits turn nearly any four letters into any others. */
const longWord = 5

/** `evn` is one slip, not two. */
const sameLetters = (a: string, b: string): boolean => [...a].toSorted().join('') === [...b].toSorted().join('')

/** How far a typed word is from a real one: 0 the same, up to 2 by edits, 2.5 when it is its beginning, Infinity when it is not meant. Pure. */
export const wordDistance = (typed: string, real: string): number => {
  if (typed === real) return 0
  const edits = sameLetters(typed, real) ? 1 : distance(typed, real)
  if (edits <= (Math.min(typed.length, real.length) < longWord ? 1 : limit)) return edits
  return typed.length >= 2 && real.startsWith(typed) ? limit + 0.5 : Infinity
}

/** The real words nearest to a typed one, best first. Pure. */
export const nearestWords = (typed: string, real: readonly string[], count = 3): string[] =>
  real
    .map((word) => ({ word, far: wordDistance(typed.toLowerCase(), word.toLowerCase()) }))
    .filter((candidate) => candidate.far < Infinity)
    .toSorted((a, b) => a.far - b.far || a.word.localeCompare(b.word, 'en'))
    .slice(0, count)
    .map((candidate) => candidate.word)

/** A command's name that is meant by the first `used` of the typed words. */
export interface NameGuess {
  readonly name: string
  readonly used: number
}

// What people type who know other tools.
const otherWords: Readonly<Record<string, string>> = {
  ls: 'apps', status: 'apps info', undo: 'releases rollback', revert: 'releases rollback', abort: 'apps cancel', stop: 'apps cancel',
  pods: 'ps', processes: 'ps', history: 'releases', ship: 'deploy', config: 'env', secrets: 'env', vars: 'env', approve: 'promotions',
}

/**
 * Commands nearest to the first words typed, best first: by a small distance or a common beginning of every word, or by their last word alone
 * (`promote` is near `releases promote`). Pure.
 */
export const nearestCommands = (typed: readonly string[], names: readonly string[], count = 3): NameGuess[] => {
  const first = typed[0]?.toLowerCase()
  if (first === undefined) return []
  const guesses: (NameGuess & { far: number })[] = []
  const add = (name: string, used: number, far: number): void => {
    const known = guesses.find((guess) => guess.name === name)
    if (far === Infinity || (known !== undefined && known.far <= far)) return
    if (known !== undefined) guesses.splice(guesses.indexOf(known), 1)
    guesses.push({ name, used, far })
  }
  for (const name of names) {
    const words = name.split(' ')
    if (typed.length >= words.length) {
      const far = words.reduce((sum, word, index) => sum + wordDistance((typed[index] ?? '').toLowerCase(), word), 0)
      // A shorter command that fits its own words equally well leaves more words over: the longer one is meant.
      add(name, words.length, far - words.length / 10)
    }
    const last = words.at(-1)
    if (words.length > 1 && last !== undefined) add(name, 1, wordDistance(first, last) + 1)
  }
  const other = otherWords[first]
  if (other !== undefined && names.includes(other)) add(other, 1, 0.5)
  // `releases promot`: the noun alone fits better, but it leaves a word over that the longer name explains.
  const meant = guesses.filter((guess) => !guesses.some((longer) => longer.used > guess.used && longer.name.startsWith(`${guess.name} `)))
  const best = Math.min(...meant.map((guess) => guess.far))
  return meant
    .filter((guess) => guess.far < best + 1)
    .toSorted((a, b) => a.far - b.far || a.name.localeCompare(b.name, 'en'))
    .slice(0, count)
    .map(({ name, used }) => ({ name, used }))
}
