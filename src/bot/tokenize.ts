import { undoMarkup, type Unit } from './slack-markup.ts'

/** One word as typed, after Slack's and the phone's changes are undone. */
export interface Token {
  readonly text: string
  /** As `text`, with people and channels as `<@U1>` and `<#C1>`. */
  readonly marked: string
  /** Began with a quote, so it is never a flag. */
  readonly quoted: boolean
  /** Set when the word has the form KEY=value (the key may be bad or empty; flags never are). */
  readonly assignment: { readonly key: string; readonly value: string; readonly marked: string } | null
}

export type Tokens =
  | { readonly ok: true; readonly tokens: readonly Token[] }
  /** `before` is the word in which the quote opened, up to its first `=`: never a value. */
  | { readonly ok: false; readonly before: string }

// What phones put in place of plain punctuation.
const doubles = '"“”„‟'
const singles = "'‘’‚‛"
const dashes: Readonly<Record<string, number>> = { '-': 1, '‐': 1, '‑': 1, '‒': 1, '–': 1, '−': 1, '—': 2, '―': 2 }
const phoneSpaces = /[\u00a0\u2000-\u200b\u202f\u205f\u3000\ufeff]/u
const plainSpace = /[ \t\r\n\f\v]/u

const isDouble = (char: string): boolean => doubles.includes(char)
const isSingle = (char: string): boolean => singles.includes(char)
const isQuote = (unit: Unit): boolean => !unit.literal && (isDouble(unit.plain) || isSingle(unit.plain))

type Place = 'head' | 'value'

/** Words of one command, with quotes where a word or a value begins, and KEY=value kept as typed after its first `=`. Pure. */
export const tokenize = (text: string): Tokens => {
  const units = undoMarkup(text)
  const tokens: Token[] = []
  let at = 0

  const unit = (index: number): Unit | undefined => units[index]
  const isSpace = (index: number, place: Place): boolean => {
    const here = unit(index)
    if (here === undefined) return true
    return !here.literal && (plainSpace.test(here.plain) || (place === 'head' && phoneSpaces.test(here.plain)))
  }

  /** Whether the quote that opened is closed by the unit at `index`. */
  const closes = (opening: string, index: number): boolean => {
    const here = unit(index)
    if (here === undefined || here.literal) return false
    if (opening === '"' || opening === "'") return here.plain === opening
    if (isDouble(opening)) return isDouble(here.plain)
    return isSingle(here.plain) && isSpace(index + 1, 'head')
  }

  while (at < units.length) {
    if (isSpace(at, 'head')) {
      at += 1
      continue
    }
    let plain = ''
    let marked = ''
    let equals: { plain: number; marked: number } | null = null
    let place: Place = 'head'
    const push = (more: Unit): void => {
      if (place === 'head' && more.plain === '=' && equals === null && !plain.startsWith('-')) {
        equals = { plain: plain.length, marked: marked.length }
        place = 'value'
      }
      plain += more.plain
      marked += more.marked
    }
    const raw = (from: string): Unit => ({ plain: from, marked: from, literal: true })

    let leading = 0
    while (leading < 2) {
      const here = unit(at)
      const width = here === undefined || here.literal ? undefined : dashes[here.plain]
      if (width === undefined) break
      leading = Math.min(2, leading + width)
      at += 1
    }
    plain = marked = '-'.repeat(leading)

    const first = unit(at)
    const quoted = leading === 0 && first !== undefined && isQuote(first)
    let quotesCount = true
    while (!isSpace(at, place)) {
      const here = unit(at)
      if (here === undefined) break
      const next = unit(at + 1)
      // After the first `=` of KEY=value only plain quotes count: a phone's quote may belong to the value.
      if (quotesCount && isQuote(here) && (place === 'head' || here.plain === '"' || here.plain === "'")) {
        const opening = here.plain
        const escapes = isDouble(opening)
        at += 1
        while (!closes(opening, at)) {
          const inner = unit(at)
          if (inner === undefined) return { ok: false, before: plain.split('=')[0] ?? '' }
          const after = unit(at + 1)
          if (escapes && inner.plain === '\\' && !inner.literal && after !== undefined && ['"', '\\'].includes(after.plain)) {
            push(raw(after.plain))
            at += 2
          } else {
            push(inner)
            at += 1
          }
        }
        at += 1
        continue
      }
      const escaped = here.plain === '\\' && !here.literal && next !== undefined && (plainSpace.test(next.plain) || isQuote(next) || next.plain === '\\')
      if (escaped) {
        push(raw(next.plain))
        at += 2
        quotesCount = false
        continue
      }
      push(place === 'head' && !here.literal && isSingle(here.plain) ? raw("'") : here)
      at += 1
      // A quote counts again right after the `=` of a value or of a flag, and nowhere else inside a word.
      quotesCount = here.plain === '=' && plain.indexOf('=') === plain.length - 1
    }
    tokens.push({ text: plain, marked, quoted, assignment: assignmentOf(plain, marked, equals) })
  }
  return { ok: true, tokens }
}

const assignmentOf = (plain: string, marked: string, equals: { plain: number; marked: number } | null): Token['assignment'] =>
  equals === null ? null : { key: plain.slice(0, equals.plain), value: plain.slice(equals.plain + 1), marked: marked.slice(equals.marked + 1) }

/** What clings to a word that was copied out of a sentence, a code block or a bold text. Never part of an id, a name or a count. */
const around = /^[\s`'"“”„‟‘’‚‛«»(<[*_~#@]+|[\s`'"“”„‟‘’‚‛«»)>\]*_~.,;:!?…]+$/gu

/** A word as it was meant, without what clings to it: quotes, back-ticks, brackets, Slack's marks of bold and the end of a sentence. */
export const bareWord = (text: string): string => text.replace(around, '')

/** An id as people paste it, in capitals. */
export const cleanId = (text: string): string => bareWord(text).toUpperCase()

/** A name (app, process, rack) as people paste it, in small letters. */
export const cleanName = (text: string): string => bareWord(text).toLowerCase()

/** A key of the env as people paste it: it may end in a dot, but has no quotes around it. */
export const cleanKey = (text: string): string => text.replace(/^[\s`'"“”„‟‘’‚‛«»]+|[\s`'"“”„‟‘’‚‛«»,;]+$/gu, '')
