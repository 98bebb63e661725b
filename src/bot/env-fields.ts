import { describeEnvProblem, parseEnvText, type EnvProblem } from '../rack/env/text.ts'
import { keyProblem } from '../rack/env/key.ts'
import type { SubmissionErrors } from './context.ts'
import { fieldErrors } from './messages/modals.ts'
import { listOf, textOf, type Fields } from './view.ts'

/** What the form asks for. */
export interface EnvChange {
  readonly set: readonly (readonly [key: string, value: string])[]
  readonly unset: readonly string[]
}

export type EnvForm = { readonly ok: true; readonly change: EnvChange } | { readonly ok: false; readonly errors: NonNullable<SubmissionErrors> }

const wordsFor = (problem: EnvProblem): string => {
  switch (problem.code) {
    case 'env_word_without_value': return fieldErrors.expectedKeyValue(problem.word)
    case 'env_key_not_allowed': return fieldErrors.keyNotAllowed(problem.key)
    default: return describeEnvProblem(problem)
  }
}

/** Reads the environment's form: lines of KEY=value, one key with a value of several lines, keys to remove. Pure. */
export const readEnvForm = (fields: Fields): EnvForm => {
  const errors: Record<string, string> = {}
  const lines = parseEnvText(textOf(fields, 'set'))
  if (!lines.ok) errors['set'] = lines.problems.map(wordsFor).join('\n')
  const set = new Map(lines.ok ? Object.entries(lines.env) : [])
  const key = textOf(fields, 'key').trim()
  const value = textOf(fields, 'value')
  if (key === '' && value !== '') errors['key'] = 'Name the key of this value.'
  if (key !== '') {
    if (keyProblem(key) !== undefined) errors['key'] = fieldErrors.keyNotAllowed(key)
    else if (set.has(key)) errors['key'] = describeEnvProblem({ code: 'env_key_twice', key })
    else set.set(key, value)
  }
  const unset = listOf(fields, 'unset')
  const both = unset.find((one) => set.has(one))
  if (both !== undefined) errors['unset'] = fieldErrors.setAndRemoved(both)
  if (Object.keys(errors).length === 0 && set.size === 0 && unset.length === 0) errors['set'] = fieldErrors.nothingWouldChange
  return Object.keys(errors).length > 0 ? { ok: false, errors } : { ok: true, change: { set: [...set], unset } }
}
