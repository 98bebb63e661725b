import { indexNeedles } from './needle-index.ts'
import type { NeedleIndex } from './needle-index.ts'
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

const isWhole = ({ from, to }: Span, text: string, alphabet: RegExp): boolean =>
  !alphabet.test(text[from - 1] ?? '') && !alphabet.test(text[to] ?? '')

/** The whole run of base64 around a piece of it, since its neighbours hold the rest of the value. */
const runAround = (text: string, { from, to }: Span): Span => {
  let [start, end] = [from, to]
  while (alphabets.base64.test(text[start - 1] ?? '')) start -= 1
  while (alphabets.base64.test(text[end] ?? '')) end += 1
  while (text[end] === '=') end += 1
  return { from: start, to: end }
}

const spanOf = (text: string, needle: Needle, at: number, runEnd: number): Span | undefined => {
  const span = { from: at, to: at + needle.text.length }
  if (needle.whole !== undefined) return isWhole(span, text, alphabets[needle.whole]) ? span : undefined
  // Within a run that is hidden already there is nothing more to find out.
  return needle.run && at >= runEnd ? runAround(text, span) : span
}

const findSpans = (text: string, indexes: readonly NeedleIndex[]): readonly Span[] => {
  const spans: Span[] = []
  let runEnd = 0
  for (let at = 0; at < text.length; at += 1) {
    for (const index of indexes) {
      for (const { needle, runWithin } of index.at(text, at)) {
        const span = spanOf(text, needle, at, runEnd)
        if (span === undefined) continue
        spans.push(span)
        if (needle.run) runEnd = Math.max(runEnd, span.to)
        // What else stands here is shorter and hidden with it, unless it is a run that reaches further.
        if (needle.run || !runWithin) break
      }
    }
  }
  return spans
}

const hide = (text: string, spans: readonly Span[]): string => {
  let result = ''
  let hidden = 0
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    if (to <= hidden) continue
    if (from >= hidden) result += text.slice(hidden, from) + masked
    hidden = to
  }
  return result + text.slice(hidden)
}

/**
 * Makes a function that hides the given values in any text: as they are, in base64 (at every alignment, padded or not, URL-safe too),
 * URL-encoded and JSON-escaped, the lines of a value of several lines, the password of a URL; and besides them what looks like a well-known secret.
 * Values of 6 characters and more are hidden anywhere, those of 3 to 5 as whole words, shorter ones not at all: they say nothing,
 * and neither do a dozen words such as `true` and `info`.
 */
export const createMask = (values: Iterable<string>): ((text: string) => string) => {
  const needles = needlesOf(values)
  const indexes = [
    indexNeedles(needles.filter(({ text }) => text.length >= 6), 6),
    indexNeedles(needles.filter(({ text }) => text.length < 6), 3),
  ]
  return (text) => maskPatterns(hide(text, findSpans(text, indexes)), masked)
}

/** Hides the values in one text; see `createMask`. */
export const maskValues = (text: string, values: Iterable<string>): string => createMask(values)(text)
