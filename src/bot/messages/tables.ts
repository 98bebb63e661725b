import type { Button } from '@slack/types'
import { actions, codeBlock, context, exactCodeBlock, section, type Answer } from '../blocks.ts'
import { say, type Phrase } from './phrase.ts'
import { cleanCode, cleanText, cut, escapeMrkdwn, inert, wrapped } from './plain-text.ts'

/** Seen width: code points, as a code block shows them. */
const width = (text: string): number => [...text].length
const padded = (text: string, to: number): string => text + ' '.repeat(Math.max(0, to - width(text)))

/**
 * Characters of a code line of ours (cards.md 8.7, slack.md 4.6): a phone breaks it once at most, and a row of a list is still a row on a wide screen. What goes
 * on in a further line is indented.
 */
export const phone = { line: 60, indent: '  ' } as const
const further = phone.line - phone.indent.length

type Rows = readonly (readonly string[])[]
const cleaned = (head: readonly string[], rows: Rows): Rows => [head, ...rows].map((row) => row.map((cell) => cleanText(cell)))
const widthsOf = (all: Rows): readonly number[] => (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => width(row[column] ?? ''))))

/** These columns of a row, two spaces apart, no trailing blanks. */
const inColumns = (row: readonly string[], widths: readonly number[], columns: readonly number[]): string =>
  columns.map((column) => padded(row[column] ?? '', widths[column] ?? 0)).join('  ').trimEnd()

/** Columns two spaces apart, no trailing blanks, however wide (answers.md). Outside text is cleaned, not yet escaped. */
export const table = (head: readonly string[], rows: Rows): string => {
  const all = cleaned(head, rows)
  const widths = widthsOf(all)
  return all.map((row) => inColumns(row, widths, [...widths.keys()])).join('\n')
}

/** As many columns on each line as a phone shows. */
const columnsOfLines = (widths: readonly number[]): readonly (readonly number[])[] => {
  const lines: number[][] = []
  let left = 0
  for (const [column, needed] of widths.entries()) {
    const line = lines.at(-1)
    if (line !== undefined && needed + 2 <= left) {
      line.push(column)
      left -= needed + 2
    } else {
      left = (lines.length === 0 ? phone.line : further) - needed
      lines.push([column])
    }
  }
  return lines
}

const rowLines = (text: string, at: number): readonly string[] => {
  if (at === 0 && width(text) <= phone.line) return [text]
  return wrapped(text, further).map((line, part) => (at + part === 0 ? line : `${phone.indent}${line}`))
}

/** A table in which a row that is wider than a phone goes on in further lines, as its head does; what is blank there takes none. */
export const foldedTable = (head: readonly string[], rows: Rows): string => {
  const all = cleaned(head, rows)
  const widths = widthsOf(all)
  const lines = columnsOfLines(widths)
  return all.flatMap((row) => lines.flatMap((columns, at) => {
    const text = inColumns(row, widths, columns)
    return text === '' && at > 0 ? [] : rowLines(text, at)
  })).join('\n')
}

/** A line of an info: `exact` where somebody may copy it, so that no line of it is broken. */
export type InfoPair = readonly [name: string, value: string, lines?: 'exact']

/** `Name  value` lines; a value of several lines, and one that is wider than a phone, goes on under itself. */
export const info = (pairs: readonly InfoPair[]): string => {
  const column = Math.max(...pairs.map(([name]) => width(name)))
  return pairs.map(([name, value, exact]) => {
    const lines = cleanCode(value).split('\n').flatMap((line) => (exact === undefined ? wrapped(line, phone.line - column - 2) : [line]))
    return lines.map((line, at) => `${padded(at === 0 ? name : '', column)}  ${line}`.trimEnd()).join('\n')
  }).join('\n')
}

/** Code in one answer: blocks of at most 2,900, together at most 8,000 escaped; more is a file (slack.md 3.3). */
const limit = { block: 2900, all: 8000 } as const

const chunks = (text: string): readonly string[] => {
  const parts: string[][] = [[]]
  let size = 0
  for (const line of text.split('\n')) {
    const length = escapeMrkdwn(line).length + 1
    if (size + length > limit.block - 16 && size > 0) {
      parts.push([])
      size = 0
    }
    parts.at(-1)?.push(line)
    size += length
  }
  return parts.map((lines) => lines.join('\n'))
}

/** What stands around the code of an answer. */
export interface CodeAnswer {
  /** One plain sentence. */
  readonly text: string
  readonly code: string
  /** Name of the file when the code is too long for Slack. */
  readonly file: string
  /** Somebody may copy it: not one character is replaced; what a code block cannot show as it is becomes a file. */
  readonly exact?: boolean
  readonly under?: readonly Phrase[]
  readonly buttons?: readonly Button[]
  readonly context?: Phrase
}

/** What of an exact text a code block shows as it is: back-ticks may stay, hidden characters cannot be seen. */
const exactly = (text: string): string => cleanCode(text.replace(/[`\t]/g, ' '))

/** An answer that is mostly code; too long, it is a file in a direct message and says so. */
export const codeAnswer = (facts: CodeAnswer): Answer => {
  const clean = facts.exact === true ? facts.code : cleanCode(facts.code)
  const parts = chunks(clean.replace(/\n$/, ''))
  const hides = clean.includes('```') || clean.replace(/[`\t]/g, ' ') !== exactly(clean)
  const torn = facts.exact === true && (hides || parts.some((part) => escapeMrkdwn(part).length > limit.block))
  const long = torn || escapeMrkdwn(clean).length > limit.all
  const lines = clean.split('\n').length
  return {
    text: cut(inert(facts.text), 3000),
    blocks: [
      ...(long
        ? [section(lines === 1 ? say`It is a file in your direct messages.` : say`All ${lines} lines are a file in your direct messages.`)]
        : parts.map((part) => (facts.exact === true ? exactCodeBlock(part) : codeBlock(part, limit.block)))),
      ...(facts.under ?? []).map((phrase) => section(phrase)),
      ...(facts.buttons === undefined || facts.buttons.length === 0 ? [] : [actions(facts.buttons)]),
      ...(facts.context === undefined ? [] : [context(facts.context)]),
    ],
    ...(long ? { file: { name: facts.file, content: facts.exact === true ? facts.code : `${facts.code}\n` } } : {}),
  }
}

/** One sentence and what to do next; for what is empty. */
export const sentenceAnswer = (text: string, first: Phrase, next?: Phrase): Answer => ({
  text,
  blocks: [section(next === undefined ? first : say`${first}\n${next}`)],
})
