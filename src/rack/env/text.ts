import { keyProblem } from './key.ts'

/** The env of a release: keys to values. */
export type Env = Readonly<Record<string, string>>

/** At most so many keys in one environment (Convox, pkg/structs). */
export const maxKeys = 500

/** What is wrong with one env text, as facts; the first two are also refusals. */
export type EnvProblem =
  | { readonly code: 'env_word_without_value'; readonly word: string }
  | { readonly code: 'env_key_not_allowed'; readonly key: string; readonly why: string }
  | { readonly code: 'env_key_twice'; readonly key: string }
  | { readonly code: 'env_value_not_allowed'; readonly key: string; readonly why: string }
  | { readonly code: 'env_too_many_keys'; readonly keys: number }

/** An env, or every problem of its text at once. */
export type ParsedEnv = { readonly ok: true; readonly env: Env } | { readonly ok: false; readonly problems: readonly EnvProblem[] }

const decoded = (value: string): string | undefined => {
  if (!/^".*"$/s.test(value)) return undefined
  try {
    const parsed: unknown = JSON.parse(value)
    return typeof parsed === 'string' ? parsed : undefined
  } catch (error) {
    // Quotes that are not JSON are simply part of the value.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

// A value is quoted when it holds a line break, and when it would itself be read as a quoted one: so that printing and reading round-trip.
const needsQuotes = (value: string): boolean => /[\n\r]/.test(value) || unquote(value) !== value

/** A JSON-quoted value with a line break in it -> the value; everything else is kept as typed, quotes and spaces included. */
export const unquote = (value: string): string => {
  const inner = decoded(value)
  return inner !== undefined && needsQuotes(inner) ? inner : value
}

/** A value on one line: as it is, or JSON-quoted where it holds a line break (or would be misread). */
export const quote = (value: string): string => (needsQuotes(value) ? JSON.stringify(value) : value)

/** One `KEY=value` word or line -> the pair, or its problem. The value is kept as typed. */
export const parsePair = (text: string): { readonly key: string; readonly value: string } | EnvProblem => {
  const split = text.indexOf('=')
  if (split < 0) return { code: 'env_word_without_value', word: text.length > 40 ? `${text.slice(0, 40)}…` : text }
  const key = text.slice(0, split).trim()
  const why = keyProblem(key)
  if (why !== undefined) return { code: 'env_key_not_allowed', key, why }
  const value = unquote(text.slice(split + 1))
  // A C string ends there, so no container could start with it.
  return value.includes('\0') ? { code: 'env_value_not_allowed', key, why: 'it holds a zero byte' } : { key, value }
}

/** Joins pairs to an env: keys given twice and more than `maxKeys` keys are problems. */
export const collectPairs = (pairs: readonly ReturnType<typeof parsePair>[]): ParsedEnv => {
  const env = new Map<string, string>()
  const problems: EnvProblem[] = []
  for (const pair of pairs) {
    if ('code' in pair) problems.push(pair)
    else if (env.has(pair.key)) problems.push({ code: 'env_key_twice', key: pair.key })
    else env.set(pair.key, pair.value)
  }
  if (env.size > maxKeys) problems.push({ code: 'env_too_many_keys', keys: env.size })
  return problems.length > 0 ? { ok: false, problems } : { ok: true, env: Object.fromEntries(env) }
}

/** Lines of `KEY=value`, as typed into a modal. Blank lines and lines that begin with # are skipped. */
export const parseEnvText = (text: string): ParsedEnv => {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, '').trimStart())
  return collectPairs(lines.filter((line) => line !== '' && !line.startsWith('#')).map(parsePair))
}

/** One problem in words (reference/cards.md 6, answers.md). */
export const describeEnvProblem = (problem: EnvProblem): string => {
  switch (problem.code) {
    case 'env_word_without_value': return `expected KEY=value: ${problem.word}`
    case 'env_key_not_allowed': return `Key not allowed: \`${problem.key}\` (${problem.why}).`
    case 'env_key_twice': return `\`${problem.key}\` is given twice.`
    case 'env_value_not_allowed': return `The value of \`${problem.key}\` is not allowed: ${problem.why}.`
    case 'env_too_many_keys': return `An environment has at most ${maxKeys} keys, not ${problem.keys}.`
    default: return problem satisfies never
  }
}
