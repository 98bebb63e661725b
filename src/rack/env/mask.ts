import { needlesOf } from './needles.ts'
import type { Needle } from './needles.ts'
import { maskPatterns } from './patterns.ts'

/** Stands for every masked value. */
export const masked = '****'

interface Span {
  readonly from: number
  readonly to: number
}

const alphabets = { word: /[A-Za-z0-9_]/, base64: /[A-Za-z0-9+/_-]/ }

const isWhole = (text: string, from: number, to: number, alphabet: RegExp): boolean =>
  !alphabet.test(text[from - 1] ?? '') && !alphabet.test(text[to] ?? '')

/** The span to hide for a needle found at `from`: a piece of base64 takes the whole run around it, since its neighbours hold the value's rest. */
const spanOf = (text: string, needle: Needle, from: number): Span | undefined => {
  const to = from + needle.text.length
  if (needle.whole !== undefined) return isWhole(text, from, to, alphabets[needle.whole]) ? { from, to } : undefined
  if (!needle.run) return { from, to }
  let [start, end] = [from, to]
  while (alphabets.base64.test(text[start - 1] ?? '')) start -= 1
  while (alphabets.base64.test(text[end] ?? '')) end += 1
  while (text[end] === '=') end += 1
  return { from: start, to: end }
}

/** Needles by their first characters, so that each position of a text asks for a handful of them only. */
type Index = ReadonlyMap<string, readonly Needle[]>

const indexBy = (needles: readonly Needle[], length: number): Index => {
  const index = new Map<string, Needle[]>()
  for (const needle of needles) {
    const start = needle.text.slice(0, length)
    const bucket = index.get(start)
    if (bucket === undefined) index.set(start, [needle])
    else bucket.push(needle)
  }
  for (const bucket of index.values()) bucket.sort((a, b) => b.text.length - a.text.length)
  return index
}

const spansAt = (text: string, at: number, index: Index, length: number): readonly Span[] => {
  const spans: Span[] = []
  for (const needle of index.get(text.slice(at, at + length)) ?? []) {
    if (!text.startsWith(needle.text, at)) continue
    const span = spanOf(text, needle, at)
    if (span !== undefined) spans.push(span)
    // The bucket is sorted by length: what follows lies within this one.
    if (span !== undefined && needle.whole === undefined) break
  }
  return spans
}

const hide = (text: string, spans: readonly Span[]): string => {
  let result = ''
  let shown = 0
  let hidden = 0
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    if (to <= hidden) continue
    if (from >= hidden) result += text.slice(shown, from) + masked
    shown = hidden = to
  }
  return result + text.slice(shown)
}

/**
 * Makes a function that hides the given values in any text: as they are, in base64 (at every alignment, padded or not, URL-safe too),
 * URL-encoded and JSON-escaped, the lines of a value of several lines, the password of a URL; and besides them what looks like a well-known secret.
 * Values of 6 characters and more are hidden anywhere, those of 3 to 5 as whole words, shorter ones not at all: they say nothing.
 */
export const createMask = (values: Iterable<string>): ((text: string) => string) => {
  const needles = needlesOf(values)
  const long = indexBy(needles.filter((needle) => needle.text.length >= 6), 6)
  const short = indexBy(needles.filter((needle) => needle.text.length < 6), 3)
  return (text) => {
    const spans: Span[] = []
    let covered = 0
    for (let at = 0; at < text.length; at += 1) {
      for (const span of [...spansAt(text, at, long, 6), ...spansAt(text, at, short, 3)]) {
        // A run of base64 that is hidden already would be walked again for each needle in it.
        if (span.to > covered) {
          spans.push(span)
          covered = span.to
        }
      }
    }
    return maskPatterns(hide(text, spans), masked)
  }
}

/** Hides the values in one text; see `createMask`. */
export const maskValues = (text: string, values: Iterable<string>): string => createMask(values)(text)
