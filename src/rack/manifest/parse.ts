import { readEnvironment } from './environment.ts'
import { readMap } from './fields.ts'
import type { Problems } from './fields.ts'
import { refuseInterpolation } from './interpolate.ts'
import type { Manifest, Service } from './manifest.ts'
import { readConfigs } from './mounts.ts'
import { refuseResources } from './resources.ts'
import { readService } from './service.ts'
import type { Shared } from './service.ts'
import { readReleaseCommand, readTimers } from './timers.ts'
import { unsupportedTop } from './unsupported.ts'
import { readYaml } from './yaml.ts'

/** A manifest, or every error of its text at once. */
export type ParsedManifest = { readonly ok: true; readonly manifest: Manifest } | { readonly ok: false; readonly errors: readonly string[] }

const topKeys = {
  supported: ['services', 'environment', 'timers', 'configs', 'release'],
  refused: ['resources'],
  unsupported: unsupportedTop,
}

const readServices = (value: unknown, shared: Shared, problems: Problems): readonly Service[] => {
  const fields = readMap('services', value ?? new Map(), problems, 'a map of services')
  if (fields?.size === 0) problems.push('convox.yml: there are no `services`.')
  return [...(fields ?? [])].map(([name, service]) => readService(name, service, shared, problems))
}

/**
 * convox.yml as text -> Manifest, by structure alone: what depends on a release's env (`requiredEnv`, `environmentDefaults`) comes at promote.
 * A field we do not support, and one nobody knows, is an error by name. Never throws.
 */
export const parseManifest = (text: string): ParsedManifest => {
  const yaml = readYaml(text)
  if (!yaml.ok) return yaml
  const problems: Problems = []
  const value = yaml.value ?? new Map()
  if (!(value instanceof Map)) return { ok: false, errors: ['convox.yml: it must be a map with `services`.'] }
  const top = readMap('', value, problems, 'a map', topKeys) ?? new Map<string, unknown>()
  refuseInterpolation('', value, problems)
  refuseResources(top.get('resources'), problems)
  const environment = readEnvironment('environment', top.get('environment'), problems)
  const configs = readConfigs(top.get('configs'), problems)
  const services = readServices(top.get('services'), { environment, configs }, problems)
  const timers = readTimers(top.get('timers'), services, problems)
  const release = readReleaseCommand(top.get('release'), services, problems)
  return problems.length > 0 ? { ok: false, errors: problems } : { ok: true, manifest: { services, timers, configs, ...(release === undefined ? {} : { release }) } }
}

/** Convox's header and the errors, one per line. */
export const validationText = (errors: readonly string[]): string => ['validation errors:', ...errors].join('\n')
