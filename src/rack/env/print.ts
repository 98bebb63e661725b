import { quote } from './text.ts'
import type { Env } from './text.ts'

/** Sorted `KEY=****` lines; with `reveal` the values, JSON-quoted where they hold a line break. */
export const printEnv = (env: Env, options: { readonly reveal?: boolean } = {}): string =>
  Object.keys(env).sort().map((key) => `${key}=${options.reveal === true ? quote(env[key] ?? '') : '****'}`).join('\n')
