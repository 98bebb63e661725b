import { distance } from 'fastest-levenshtein'
import { parseDuration } from '../params.ts'

/** Collects every error of one convox.yml, in the order of the file. */
export type Problems = string[]

/** A YAML map with its order kept. */
export type Fields = ReadonlyMap<string, unknown>

/** What keys one place of the file may have. */
export interface Keys {
  readonly supported: readonly string[]
  /** Known to Convox, not to us: refused by name, with the reason or what to do instead. */
  readonly unsupported?: Readonly<Record<string, string>>
  /** Refused elsewhere, in words of their own. */
  readonly refused?: readonly string[]
}

/** Writes an error about one place of the file. */
export const problem = (problems: Problems, path: string, says: string): undefined => {
  problems.push(`convox.yml: \`${path}\` ${says}`)
  return undefined
}

/** `services.web` + `port` -> `services.web.port`. */
export const at = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)

/** How an error names what was found instead. */
export const found = (value: unknown): string => {
  if (value === null || value === undefined) return 'nothing'
  if (value instanceof Map) return 'a map'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'string' ? `"${value.length > 40 ? `${value.slice(0, 40)}…` : value}"` : String(value)
}

const nearest = (word: string, known: readonly string[]): string | undefined => {
  const limit = word.length <= 3 ? 1 : Math.max(2, Math.floor(word.length / 3))
  const ranked = known.map((name) => ({ name, far: distance(word.toLowerCase(), name.toLowerCase()) })).sort((a, b) => a.far - b.far)
  const best = ranked[0]
  return best !== undefined && best.far <= limit ? best.name : undefined
}

const checkKeys = (path: string, fields: Fields, keys: Keys, problems: Problems): void => {
  for (const key of fields.keys()) {
    if (keys.supported.includes(key) || keys.refused?.includes(key)) continue
    const reason = keys.unsupported !== undefined && Object.hasOwn(keys.unsupported, key) ? keys.unsupported[key] : undefined
    if (reason !== undefined) {
      problem(problems, at(path, key), `is not supported: ${reason}.`)
      continue
    }
    const near = nearest(key, [...keys.supported, ...Object.keys(keys.unsupported ?? {})])
    problem(problems, at(path, key), near === undefined ? `is unknown. Known here: ${keys.supported.join(', ')}.` : `is unknown. Did you mean \`${near}\`?`)
  }
}

/** A map with string keys; with `keys`, all others are refused by name. Something else is an error that says `expected`. */
export const readMap = (path: string, value: unknown, problems: Problems, expected = 'a map', keys?: Keys): Fields | undefined => {
  if (!(value instanceof Map)) return problem(problems, path, `must be ${expected}, not ${found(value)}.`)
  const fields = new Map([...value].map(([key, entry]): [string, unknown] => [String(key), entry]))
  if (keys !== undefined) checkKeys(path, fields, keys, problems)
  return fields
}

/** The bounds of a whole number, both allowed themselves. */
export interface Range {
  readonly min?: number
  readonly max?: number
}

const rangeText = ({ min, max }: Range): string => {
  if (min === undefined) return max === undefined ? 'a whole number' : `a whole number up to ${max}`
  return max === undefined ? `a whole number from ${min}` : `a whole number from ${min} to ${max}`
}

/** Kubernetes keeps most numbers in 32 bits. */
const largest = 2_147_483_647

/** A whole number in a range; digits in quotes count as one. Absent (`undefined`) stays absent. */
export const readInteger = (path: string, value: unknown, problems: Problems, range: Range = {}): number | undefined => {
  if (value === undefined) return undefined
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value
  const fits = typeof number === 'number' && Number.isSafeInteger(number) && number >= (range.min ?? -largest) && number <= (range.max ?? largest)
  const shown = typeof number === 'number' && number > largest ? { min: range.min ?? 0, max: range.max ?? largest } : range
  return fits ? number : problem(problems, path, `must be ${rangeText(shown)}, not ${found(value)}.`)
}

/** Seconds as a number, or a duration such as `90s`, `10m`, `2h`. Absent stays absent. */
export const readSeconds = (path: string, value: unknown, problems: Problems, min: number, max: number): number | undefined => {
  if (value === undefined) return undefined
  const seconds = typeof value === 'string' ? (/^\d{1,9}$/.test(value) ? Number(value) : parseDuration(value)) : value
  const fits = typeof seconds === 'number' && Number.isSafeInteger(seconds) && seconds >= min && seconds <= max
  return fits ? seconds : problem(problems, path, `must be seconds from ${min} to ${max}, or a duration such as 10m, not ${found(value)}.`)
}

/** One of some words, in any case. Absent stays absent. */
export const readWord = <Word extends string>(path: string, value: unknown, words: readonly Word[], problems: Problems): Word | undefined => {
  if (value === undefined) return undefined
  const word = typeof value === 'string' ? words.find((known) => known.toLowerCase() === value.toLowerCase()) : undefined
  return word ?? problem(problems, path, `must be ${words.join(', ').replace(/, ([^,]*)$/, ' or $1')}, not ${found(value)}.`)
}

/** A list. Absent is an empty one. */
export const readList = (path: string, value: unknown, problems: Problems, expected: string): readonly unknown[] => {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  problem(problems, path, `must be a list of ${expected}, not ${found(value)}.`)
  return []
}

/** Convox's rule for the names of services, timers and the like; says what is wrong, or undefined. */
export const nameProblem = (name: string, limit: number): string | undefined => {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) return 'must contain only lowercase alphanumeric and dashes'
  if (name.endsWith('-')) return 'must not end with a dash'
  return name.length > limit ? `must not be longer than ${limit} characters` : undefined
}

/** true or false. Absent stays absent. */
export const readBoolean = (path: string, value: unknown, problems: Problems): boolean | undefined => {
  if (value === undefined || typeof value === 'boolean') return value
  return problem(problems, path, `must be true or false, not ${found(value)}.`)
}

/** A text that is not blank. Absent stays absent. */
export const readText = (path: string, value: unknown, problems: Problems): string | undefined => {
  if (value === undefined) return undefined
  if (typeof value === 'string' && value.trim() !== '') return value
  return problem(problems, path, `must be a text, not ${value === '' ? 'an empty one' : found(value)}.`)
}
