import { everywhere, type Command, type Flag } from './command.ts'
import { bareWord, cleanId, type Token } from './tokenize.ts'

/** A flag as typed. `from` and `to` (exclusive) are the places of its words. */
export interface TypedFlag {
  /** With its dashes. */
  readonly as: string
  /** The definition some command has for it; absent: no command knows it. */
  readonly flag?: Flag
  readonly value?: string
  readonly marked?: string
  readonly from: number
  readonly to: number
}

/** The typed words, flags apart from the others (which are places in `tokens`). */
export interface Sorted {
  readonly words: readonly number[]
  readonly flags: readonly TypedFlag[]
}

const looksLikeFlag = (token: Token): boolean => !token.quoted && /^-{1,2}[A-Za-z]/u.test(token.text)

const split = (text: string): { as: string; name: string; value: string | undefined } => {
  const equals = text.indexOf('=')
  const as = equals === -1 ? text : text.slice(0, equals)
  return { as, name: (equals === -1 ? bareWord(as.replace(/^-+/u, '')) : as.replace(/^-+/u, '')).toLowerCase(), value: equals === -1 ? undefined : text.slice(equals + 1) }
}

/** All flags of all commands: a name has one kind wherever it is known, so flags can be told apart before the command is known. */
export const allFlags = (commands: readonly Command[]): Flag[] => [...everywhere, ...commands.flatMap((command) => command.flags)]

/** Finds the flags among the words, wherever they stand. Pure. */
export const sortWords = (tokens: readonly Token[], flags: readonly Flag[]): Sorted => {
  const words: number[] = []
  const typed: TypedFlag[] = []
  let onlyWords = false
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at]
    if (token === undefined) break
    if (!onlyWords && !token.quoted && token.text === '--') {
      onlyWords = true
      continue
    }
    if (onlyWords || !looksLikeFlag(token)) {
      words.push(at)
      continue
    }
    const { as, name, value } = split(token.text)
    // Phones turn two dashes into one longer one, which can arrive as a single dash.
    const flag = flags.find((known) => known.name === name) ?? (as.startsWith('--') ? undefined : flags.find((known) => known.short === name))
    if (flag === undefined) typed.push({ as, from: at, to: at + 1 })
    else if (value !== undefined) typed.push({ as, flag, value, marked: split(token.marked).value ?? value, from: at, to: at + 1 })
    else if (flag.kind === 'boolean') typed.push({ as, flag, from: at, to: at + 1 })
    else {
      const next = tokens[at + 1]
      if (next === undefined || looksLikeFlag(next)) typed.push({ as, flag, from: at, to: at + 1 })
      else {
        typed.push({ as, flag, value: next.text, marked: next.marked, from: at, to: at + 2 })
        at += 1
      }
    }
  }
  return { words, flags: typed }
}

const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** Seconds of `90s`, `10m`, `2h` or `7d`; null when it is none of them, or nothing. Pure. */
export const readDuration = (text: string): number | null => {
  const match = /^(\d{1,6})([smhd])$/iu.exec(bareWord(text))
  const seconds = Number(match?.[1] ?? 0) * (secondsPer[match?.[2]?.toLowerCase() ?? ''] ?? 0)
  return seconds > 0 ? seconds : null
}

/** A count from 1 to 100; null when it is not one. Pure. */
export const readCount = (text: string): number | null => {
  const bare = bareWord(text)
  const count = /^\d{1,9}$/u.test(bare) ? Number(bare) : 0
  return count >= 1 && count <= 100 ? count : null
}

/** The id of a channel given as `<#C1>` or `C1…`; null for a mere name, which only Slack could look up. Pure. */
export const readChannel = (marked: string): string | null => /^(?:<#)?([CGD][A-Z0-9]+)>?$/u.exec(marked.trim())?.[1] ?? null

/** The id of a person given as `<@U1>` or `U1…`; null for a mere name, which several people may have. Pure. */
export const readPerson = (marked: string): string | null => /^(?:<@)?([UW][A-Z0-9]+)>?$/u.exec(bareWord(marked))?.[1] ?? null

/** An id in capitals, from however it was pasted. */
export const readId = cleanId
