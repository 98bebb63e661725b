import { parseReference } from '../registry/reference.ts'
import { splitCommand } from './command.ts'
import { readEnvironment } from './environment.ts'
import { at, problem, readBoolean, readInteger, readMap, readText } from './fields.ts'
import type { Fields, Problems } from './fields.ts'
import type { EnvironmentEntry, Service, ServiceBuild, ServiceDeployment } from './manifest.ts'
import { readServicePort } from './port.ts'
import { readHealth, readLiveness } from './probes.ts'
import { refuseServiceResources } from './resources.ts'
import { readScale } from './scale.ts'

const serviceKeys = {
  supported: [
    'build', 'image', 'command', 'environment', 'port', 'health', 'liveness', 'deployment', 'singleton', 'scale', 'termination', 'drain',
  ],
  refused: ['resources'],
  unsupported: [
    'ports', 'startupProbe', 'grpcHealthEnabled', 'agent', 'init', 'initContainer', 'lifecycle', 'domain', 'internal', 'internalRouter', 'tls',
    'sticky', 'timeout', 'whitelist', 'certificate', 'volumes', 'volumeOptions', 'configMounts', 'privileged', 'securityContext',
    'nodeSelectorLabels', 'nodeAffinityLabels', 'dnsConfig', 'imagePullSecrets', 'accessControl', 'disableHostUsers', 'annotations', 'labels',
    'ingressAnnotations', 'test',
  ],
}

const checkName = (name: string, problems: Problems): void => {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) problems.push(`service name ${name} invalid, must contain only lowercase alphanumeric and dashes`)
  else if (name.endsWith('-')) problems.push(`service name ${name} invalid, must not end with a dash`)
  else if (name.length > 63) problems.push(`service name ${name} invalid, must not be longer than 63 characters`)
}

const readBuild = (path: string, value: unknown, problems: Problems): ServiceBuild => {
  if (typeof value === 'string') return { path: value, manifest: 'Dockerfile', args: [] }
  const fields = readMap(path, value, problems, 'a path or a map of path, manifest and args', { supported: ['path', 'manifest', 'args'] })
  const args = fields?.get('args')
  const list: readonly unknown[] = Array.isArray(args) ? args : []
  if (args !== undefined && !Array.isArray(args)) problem(problems, at(path, 'args'), 'must be a list.')
  return {
    path: readText(at(path, 'path'), fields?.get('path'), problems) ?? '.',
    manifest: readText(at(path, 'manifest'), fields?.get('manifest'), problems) ?? 'Dockerfile',
    args: list.map(String),
  }
}

const readSource = (path: string, fields: Fields, problems: Problems): Pick<Service, 'build' | 'image'> => {
  const image = readText(at(path, 'image'), fields.get('image'), problems)
  if (fields.has('image') && fields.has('build')) problem(problems, path, 'has both build and image: give one of the two.')
  if (image !== undefined && !image.includes('${')) {
    const parsed = parseReference(image)
    if (!parsed.ok) problem(problems, at(path, 'image'), `is not an image reference: ${parsed.why}.`)
  }
  if (image !== undefined) return { image }
  return { build: fields.has('build') ? readBuild(at(path, 'build'), fields.get('build'), problems) : { path: '.', manifest: 'Dockerfile', args: [] } }
}

const readDeployment = (name: string, path: string, value: unknown, singleton: boolean, problems: Problems): ServiceDeployment => {
  const keys = { supported: ['minimum', 'maximum'], unsupported: ['progressDeadline', 'crashRestartLimit'] }
  const fields = value === undefined ? undefined : readMap(path, value, problems, 'a map of minimum and maximum', keys)
  const minimum = readInteger(at(path, 'minimum'), fields?.get('minimum'), problems) ?? (singleton ? 0 : 50)
  const maximum = readInteger(at(path, 'maximum'), fields?.get('maximum'), problems) ?? (singleton ? 100 : 200)
  if (minimum < 0) problems.push(`service ${name} deployment minimum can not be less than 0`)
  if (minimum > 100) problems.push(`service ${name} deployment minimum can not be greater than 100`)
  if (maximum < 100) problems.push(`service ${name} deployment maximum can not be less than 100`)
  if (maximum > 200) problems.push(`service ${name} deployment maximum can not be greater than 200`)
  if (minimum === 100 && maximum === 100) problem(problems, path, 'has minimum and maximum 100, so no process could ever be replaced.')
  return { minimum, maximum }
}

const readGrace = (path: string, fields: Fields, problems: Problems): number => {
  const termination = fields.get('termination')
  const inner = termination === undefined ? undefined : readMap(at(path, 'termination'), termination, problems, 'a map of grace', { supported: ['grace'] })
  const grace = readInteger(at(path, 'termination.grace'), inner?.get('grace'), problems, { min: 0 })
  return grace ?? readInteger(at(path, 'drain'), fields.get('drain'), problems, { min: 0 }) ?? 30
}

const readCommand = (path: string, value: unknown, problems: Problems): Pick<Service, 'command' | 'args'> => {
  const command = readText(path, value, problems)
  return command === undefined ? { args: [] } : { command, args: splitCommand(path, command, problems) }
}

const checkProbesHavePort = (path: string, fields: Fields, service: Service, problems: Problems): void => {
  if (service.port !== undefined || fields.has('port')) return
  if (fields.has('health') && !service.health.disable) problem(problems, at(path, 'health'), 'needs a `port` in its service.')
  if (fields.has('liveness')) problem(problems, at(path, 'liveness'), 'needs a `port` in its service.')
}

/** Reads one service with its defaults. Every error goes to `problems`; the value is only meant to be used when there are none. */
export const readService = (name: string, value: unknown, shared: readonly EnvironmentEntry[], problems: Problems): Service => {
  const path = at('services', name)
  checkName(name, problems)
  // `web:` with nothing under it is a service with all defaults.
  const fields = readMap(path, value ?? new Map(), problems, 'a map', serviceKeys) ?? new Map<string, unknown>()
  refuseServiceResources(path, fields.get('resources'), problems)
  const singleton = readBoolean(at(path, 'singleton'), fields.get('singleton'), problems) ?? false
  const port = readServicePort(at(path, 'port'), fields.get('port'), problems)
  const liveness = readLiveness(at(path, 'liveness'), fields.get('liveness'), problems)
  const service: Service = {
    name,
    ...readSource(path, fields, problems),
    ...readCommand(at(path, 'command'), fields.get('command'), problems),
    environment: [...shared, ...readEnvironment(at(path, 'environment'), fields.get('environment'), problems)],
    ...(port === undefined ? {} : { port }),
    health: readHealth(at(path, 'health'), fields.get('health'), problems),
    ...(liveness === undefined ? {} : { liveness }),
    deployment: readDeployment(name, at(path, 'deployment'), fields.get('deployment'), singleton, problems),
    singleton,
    scale: readScale(name, at(path, 'scale'), fields.get('scale'), problems),
    termination: { grace: readGrace(path, fields, problems) },
  }
  checkProbesHavePort(path, fields, service, problems)
  return service
}
