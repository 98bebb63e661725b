import { keyProblem } from '../env/key.ts'
import { found, problem } from './fields.ts'
import type { Problems } from './fields.ts'
import type { EnvironmentEntry } from './manifest.ts'

const readEntry = (path: string, text: unknown, problems: Problems): readonly EnvironmentEntry[] => {
  if (typeof text !== 'string') {
    problem(problems, path, `must hold KEY or KEY=default, not ${found(text)}.`)
    return []
  }
  // Convox's "everything": the whole environment goes to each process anyway.
  if (text.trim() === '*') return []
  const split = text.indexOf('=')
  const key = (split < 0 ? text : text.slice(0, split)).trim()
  const why = keyProblem(key)
  if (why !== undefined) {
    problem(problems, path, `has a key that is not allowed: \`${key}\` (${why}).`)
    return []
  }
  return [split < 0 ? { key } : { key, default: text.slice(split + 1) }]
}

/** A list of `KEY` and `KEY=default`; lists in the list (YAML anchors) are flattened. */
export const readEnvironment = (path: string, value: unknown, problems: Problems): readonly EnvironmentEntry[] => {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) {
    problem(problems, path, `must be a list of KEY or KEY=default, not ${found(value)}.`)
    return []
  }
  const entries: readonly unknown[] = value.flat(Infinity)
  return entries.flatMap((entry) => readEntry(path, entry, problems))
}
