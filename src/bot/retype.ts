import { z } from 'zod'
import { word, type Parsed } from './parse.ts'
import { cleanName, type Token } from './tokenize.ts'

/** The same command with another `at`-th word after its name. Pure. */
export const withWord = (parsed: Parsed, at: number, text: string): Token[] => {
  const place = parsed.sorted.words[parsed.named + at]
  if (place === undefined) return [...parsed.tokens, word(text)]
  return parsed.tokens.map((token, index) => (index === place ? word(text) : token))
}

/** The same command with a flag set (again); `value` null for one that takes none. Pure. */
export const withFlag = (parsed: Parsed, name: string, value: string | null): Token[] => {
  const old = parsed.sorted.flags.filter((flag) => flag.flag?.name === name)
  const kept = parsed.tokens.filter((_, index) => !old.some((flag) => index >= flag.from && index < flag.to))
  // In front, so that a bare `--` later in the line does not swallow it.
  return [word(`--${name}`), ...(value === null ? [] : [word(value)]), ...kept]
}

/** The same command on another app. Pure. */
export const onApp = (parsed: Parsed, app: string): Token[] =>
  parsed.command.namesApp === true && parsed.args.words.length > 0 ? withWord(parsed, 0, app) : withFlag(parsed, 'app', app)

/** The same command with `wrong`, wherever it stands after the command's name, replaced; null when it was not typed. Pure. */
export const replaceName = (parsed: Parsed, wrong: string, right: string): Token[] | null => {
  const meant = (text: string): boolean => cleanName(text) === cleanName(wrong)
  const at = parsed.args.words.findIndex((token) => meant(token.text))
  if (at !== -1) return withWord(parsed, at, right)
  const flag = parsed.sorted.flags.find((typed) => typed.flag !== undefined && typed.value !== undefined && meant(typed.value))
  return flag?.flag === undefined ? null : withFlag(parsed, flag.flag.name, right)
}

/** A command as a person reads it, on one line; never a value. Pure. */
export const lineOf = (tokens: readonly Token[]): string =>
  tokens.map(({ text, assignment }) => (assignment === null ? (/\s/u.test(text) ? `"${text}"` : text) : `${assignment.key}=…`)).join(' ')

const question = z.object({
  tokens: z.array(z.object({
    text: z.string(),
    marked: z.string(),
    quoted: z.boolean(),
    assignment: z.object({ key: z.string(), value: z.string(), marked: z.string() }).nullable(),
  })),
})

/** What the inbox keeps behind a button: a command as words, so that nothing is quoted or undone twice. */
export const writeQuestion = (tokens: readonly Token[]): string => JSON.stringify({ tokens })

/** Undoes `writeQuestion`; throws when it is not one. */
export const readQuestion = (kept: string): Token[] => question.parse(JSON.parse(kept)).tokens
