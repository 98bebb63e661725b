import { found, problem } from './fields.ts'
import type { Problems } from './fields.ts'

interface Field {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly words: readonly string[]
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** The five fields as the CronJob controller reads them (robfig/cron v3, ParseStandard). */
const fields: readonly Field[] = [
  { name: 'minute', min: 0, max: 59, words: [] },
  { name: 'hour', min: 0, max: 23, words: [] },
  { name: 'day of month', min: 1, max: 31, words: [] },
  { name: 'month', min: 1, max: 12, words: months },
  { name: 'day of week', min: 0, max: 6, words: days },
]

/** Macros that Kubernetes documents for CronJobs. */
const macros = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']

const numberOf = (field: Field, text: string): number | undefined => {
  const word = field.words.indexOf(text.toLowerCase())
  const number = word >= 0 ? word + field.min : /^\d{1,2}$/.test(text) ? Number(text) : NaN
  return number >= field.min && number <= field.max ? number : undefined
}

const fits = (field: Field, part: string): boolean => {
  const [, range = '', step] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(part) ?? []
  if (range === '' || (step !== undefined && Number(step) < 1)) return false
  if (range === '*') return true
  const [from = '', to, ...more] = range.split('-')
  const low = numberOf(field, from)
  const high = to === undefined ? low : numberOf(field, to)
  return more.length === 0 && low !== undefined && high !== undefined && low <= high
}

const boundsOf = ({ min, max, words }: Field): string => `${min} to ${max}${words.length === 0 ? '' : ` or ${words[0]} to ${words.at(-1)}`}`

/**
 * A timer's schedule as a CronJob takes it: five fields in UTC, or a macro such as `@daily`. Convox's older forms are turned into that: `?` means `*`, and a
 * sixth field (the year) may stand where it says nothing. A day of the week counts from 0 (Sunday), as in Kubernetes; 7 is refused rather than guessed at.
 */
export const readSchedule = (path: string, value: unknown, problems: Problems): string | undefined => {
  if (typeof value !== 'string' || value.trim() === '') return problem(problems, path, `must be a cron schedule such as "0 3 * * *", not ${found(value)}.`)
  const text = value.trim()
  if (text.startsWith('@')) {
    return macros.find((macro) => macro === text.toLowerCase()) ?? problem(problems, path, `has ${found(text)}; known are ${macros.join(', ')}.`)
  }
  const parts = text.split(/\s+/).map((part) => (part === '?' ? '*' : part))
  if (parts.length < 5 || parts.length > 6) return problem(problems, path, `must have five fields, minute to day of week, not ${parts.length}: ${found(text)}.`)
  if (parts.length === 6 && parts[5] !== '*') return problem(problems, path, `restricts the year (${found(parts[5])}), which Kubernetes does not know.`)
  const wrong = fields.flatMap((field, index) => {
    const part = parts[index] ?? ''
    return part.split(',').every((each) => fits(field, each)) ? [] : [`${field.name} ${found(part)} (${boundsOf(field)})`]
  })
  if (wrong.length > 0) return problem(problems, path, `cannot be read: ${wrong.join(', ')}.`)
  return parts.slice(0, 5).join(' ')
}
