import type { Problems } from './fields.ts'
import { at, problem } from './fields.ts'
import type { Manifest, Service } from './manifest.ts'

/** Convox's own form; anything else with a dollar sign stays as it is. */
const variable = /\$\{([0-9A-Za-z_]*)\}/g

/** Replaces each `${VAR}` by the release's value; a key that is not set becomes empty, as in Convox. */
export const interpolate = (text: string, env: Readonly<Record<string, string>>): string =>
  text.replace(variable, (_whole, name: string) => (Object.hasOwn(env, name) ? (env[name] ?? '') : ''))

/** The release's env keys that a service's manifest asks for and the release does not set, sorted. */
const missingOf = (service: Service, env: Readonly<Record<string, string>>): readonly string[] =>
  service.environment.filter((entry) => entry.default === undefined && !Object.hasOwn(env, entry.key)).map((entry) => entry.key)

/** Keys declared as `KEY` that the env lacks, over all services: sorted, each once. Empty means it may be promoted. */
export const requiredEnv = (manifest: Manifest, env: Readonly<Record<string, string>>): readonly string[] =>
  [...new Set(manifest.services.flatMap((service) => missingOf(service, env)))].sort()

/** `required env: A, B`, Convox's words for what `requiredEnv` returns. */
export const describeRequiredEnv = (keys: readonly string[]): string => `required env: ${keys.join(', ')}`

/** The manifest's defaults for one service with `${VAR}` replaced; a later entry wins. */
export const environmentDefaults = (service: Service, env: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(service.environment.flatMap((entry) => (entry.default === undefined ? [] : [[entry.key, interpolate(entry.default, env)] as const])))

const isEnvironment = (path: string): boolean => /^(services\.[^.]+\.)?environment$/.test(path)

/** Refuses `${VAR}` everywhere but in `environment:` (design 5): elsewhere it would put an env value into a Deployment for all to read. */
export const refuseInterpolation = (path: string, value: unknown, problems: Problems): void => {
  if (isEnvironment(path)) return
  if (value instanceof Map) for (const [key, entry] of value) refuseInterpolation(at(path, String(key)), entry, problems)
  else if (Array.isArray(value)) for (const entry of value) refuseInterpolation(path, entry, problems)
  else if (typeof value === 'string') {
    const names = [...new Set(value.match(variable))]
    const shown = names.map((name) => `\`${name}\``).join(', ')
    if (names.length > 0) problem(problems, path, `holds ${shown}: env values may only stand in a service's \`environment:\`.`)
  }
}
