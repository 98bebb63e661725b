import { distance } from 'fastest-levenshtein'

/** Up to `most` of the known words that are near a wrong one, nearest first: one begins with the other, or at most a third of the letters differ. */
export const nearest = (word: string, known: readonly string[], most = 3): string[] =>
  known.map((each) => ({ each, far: each.startsWith(word) || word.startsWith(each) ? 0 : distance(word, each) }))
    .filter(({ each, far }) => far <= Math.max(2, Math.floor(Math.max(word.length, each.length) / 3)))
    .sort((a, b) => a.far - b.far).slice(0, most).map(({ each }) => each)
