import type { Env } from './text.ts'

/** Keys by what happened to them, each list sorted. Values are never in it. */
export interface EnvDiff {
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly removed: readonly string[]
}

/** What changes from one env to the next. */
export const diffEnv = (before: Env, after: Env): EnvDiff => {
  const has = (env: Env) => (key: string): boolean => Object.hasOwn(env, key)
  const old = Object.keys(before).sort()
  return {
    added: Object.keys(after).filter((key) => !has(before)(key)).sort(),
    changed: old.filter((key) => has(after)(key) && before[key] !== after[key]),
    removed: old.filter((key) => !has(after)(key)),
  }
}

/** True when nothing would change. */
export const isEmptyDiff = (diff: EnvDiff): boolean => diff.added.length + diff.changed.length + diff.removed.length === 0

/** A release's description after a change of env: `env add:FOO change:BAR remove:BAZ`. Empty for no change. */
export const describeEnvDiff = (diff: EnvDiff): string => {
  const words = [...diff.added.map((key) => `add:${key}`), ...diff.changed.map((key) => `change:${key}`), ...diff.removed.map((key) => `remove:${key}`)]
  return words.length === 0 ? '' : `env ${words.join(' ')}`
}
