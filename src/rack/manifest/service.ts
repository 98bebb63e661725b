import { parseReference } from '../registry/reference.ts'
import { readCommand } from './command.ts'
import { readDeployment } from './deployment.ts'
import { readRouting } from './domain.ts'
import { readEnvironment } from './environment.ts'
import { at, nameProblem, problem, readBoolean, readInteger, readMap, readText } from './fields.ts'
import type { Fields, Problems } from './fields.ts'
import type { AppConfig, EnvironmentEntry, Service, ServiceBuild, ServiceInit } from './manifest.ts'
import { readMounts } from './mounts.ts'
import { readExtraPorts, readServicePort } from './port.ts'
import { readHealth, readLiveness, readStartup } from './probes.ts'
import { refuseServiceResources } from './resources.ts'
import { readScale } from './scale.ts'
import { unsupportedInit, unsupportedService } from './unsupported.ts'

const serviceKeys = {
  supported: [
    'build', 'image', 'command', 'environment', 'port', 'ports', 'agent', 'health', 'liveness', 'startupProbe', 'initContainer', 'lifecycle', 'domain', 'internal',
    'volumes', 'volumeOptions', 'configMounts', 'deployment', 'singleton', 'scale', 'termination', 'drain',
  ],
  refused: ['resources'],
  unsupported: unsupportedService,
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
  const image = readImage(at(path, 'image'), fields.get('image'), problems)
  if (fields.has('image') && fields.has('build')) problem(problems, path, 'has both build and image: give one of the two.')
  if (image !== undefined) return { image }
  return { build: fields.has('build') ? readBuild(at(path, 'build'), fields.get('build'), problems) : { path: '.', manifest: 'Dockerfile', args: [] } }
}

const readGrace = (path: string, fields: Fields, problems: Problems): number => {
  const termination = fields.get('termination')
  const inner = termination === undefined ? undefined : readMap(at(path, 'termination'), termination, problems, 'a map of grace', { supported: ['grace'] })
  const grace = readInteger(at(path, 'termination.grace'), inner?.get('grace'), problems, { min: 0 })
  return grace ?? readInteger(at(path, 'drain'), fields.get('drain'), problems, { min: 0 }) ?? 30
}

/** `agent: true`, or as a map; its ports are the service's (Convox's own words for that). */
const readAgent = (path: string, value: unknown, problems: Problems): boolean => {
  if (!(value instanceof Map)) return readBoolean(path, value, problems) ?? false
  const fields = readMap(path, value, problems, 'true, false or a map of enabled', { supported: ['enabled'], refused: ['ports'] })
  if (fields?.has('ports') === true) problem(problems, at(path, 'ports'), 'is not supported: agent ports are now specified at the service level.')
  return readBoolean(at(path, 'enabled'), fields?.get('enabled'), problems) ?? true
}

const readImage = (path: string, value: unknown, problems: Problems): string | undefined => {
  const image = readText(path, value, problems)
  const parsed = image === undefined || image.includes('${') ? undefined : parseReference(image)
  if (parsed?.ok === false) problem(problems, path, `is not an image reference: ${parsed.why}.`)
  return image
}

const readInit = (path: string, value: unknown, problems: Problems): ServiceInit | undefined => {
  if (value === undefined || value === null) return undefined
  const fields = readMap(path, value, problems, 'a map of image and command', { supported: ['image', 'command'], unsupported: unsupportedInit })
  if (fields === undefined) return undefined
  if (!fields.has('image') && !fields.has('command')) problem(problems, path, 'needs a `command`, an `image` or both.')
  const image = readImage(at(path, 'image'), fields.get('image'), problems)
  return { ...(image === undefined ? {} : { image }), args: [], ...readCommand(at(path, 'command'), fields.get('command'), problems) }
}

const readLifecycle = (path: string, value: unknown, problems: Problems): Service['lifecycle'] => {
  if (value === undefined || value === null) return {}
  const fields = readMap(path, value, problems, 'a map of preStop and postStart', { supported: ['preStop', 'postStart'] })
  const preStop = readCommand(at(path, 'preStop'), fields?.get('preStop'), problems)
  const postStart = readCommand(at(path, 'postStart'), fields?.get('postStart'), problems)
  return { ...(preStop === undefined ? {} : { preStop }), ...(postStart === undefined ? {} : { postStart }) }
}

const checkAgent = (path: string, fields: Fields, service: Service, problems: Problems): void => {
  if (!service.agent) return
  const scale = fields.get('scale')
  const counted = scale !== undefined && (!(scale instanceof Map) || ['count', 'min', 'max', 'targets'].some((key) => scale.has(key)))
  if (counted) problem(problems, at(path, 'scale'), 'counts processes, but an agent runs once on every node: leave count, min, max and targets out.')
  if (service.singleton) problem(problems, at(path, 'singleton'), 'contradicts agent: an agent runs once on every node.')
}

const checkProbesHavePort = (path: string, fields: Fields, service: Service, problems: Problems): void => {
  const { startupProbe } = service
  if (startupProbe?.path !== undefined && startupProbe.port === undefined && service.port === undefined && !fields.has('port')) {
    problem(problems, at(path, 'startupProbe'), 'needs a `port`, its own or its service\'s.')
  }
  if (service.port !== undefined || fields.has('port')) return
  if (fields.has('health') && !service.health.disable) problem(problems, at(path, 'health'), 'needs a `port` in its service.')
  if (fields.has('liveness')) problem(problems, at(path, 'liveness'), 'needs a `port` in its service.')
}

/** What the top of the file gives to every service. */
export interface Shared {
  readonly environment: readonly EnvironmentEntry[]
  readonly configs: readonly AppConfig[]
}

/** Reads one service with its defaults. Every error goes to `problems`; the value is only meant to be used when there are none. */
export const readService = (name: string, value: unknown, shared: Shared, problems: Problems): Service => {
  const path = at('services', name)
  const why = nameProblem(name, 63)
  if (why !== undefined) problems.push(`service name ${name} invalid, ${why}`)
  // `web:` with nothing under it is a service with all defaults.
  const fields = readMap(path, value ?? new Map(), problems, 'a map', serviceKeys) ?? new Map<string, unknown>()
  refuseServiceResources(path, fields.get('resources'), problems)
  const singleton = readBoolean(at(path, 'singleton'), fields.get('singleton'), problems) ?? false
  const port = readServicePort(at(path, 'port'), fields.get('port'), problems)
  const liveness = readLiveness(at(path, 'liveness'), fields.get('liveness'), problems)
  const startupProbe = readStartup(at(path, 'startupProbe'), fields.get('startupProbe'), liveness, problems)
  const initContainer = readInit(at(path, 'initContainer'), fields.get('initContainer'), problems)
  const agent = readAgent(at(path, 'agent'), fields.get('agent'), problems)
  const service: Service = {
    name,
    ...readSource(path, fields, problems),
    args: [],
    ...readCommand(at(path, 'command'), fields.get('command'), problems),
    environment: [...shared.environment, ...readEnvironment(at(path, 'environment'), fields.get('environment'), problems)],
    ...(port === undefined ? {} : { port }),
    ports: readExtraPorts(at(path, 'ports'), fields.get('ports'), port, problems),
    agent,
    health: readHealth(at(path, 'health'), fields.get('health'), problems),
    ...(liveness === undefined ? {} : { liveness }),
    ...(startupProbe === undefined ? {} : { startupProbe }),
    ...(initContainer === undefined ? {} : { initContainer }),
    lifecycle: readLifecycle(at(path, 'lifecycle'), fields.get('lifecycle'), problems),
    ...readRouting(path, fields, problems),
    mounts: readMounts(path, fields, shared.configs, problems),
    deployment: readDeployment(name, at(path, 'deployment'), fields.get('deployment'), agent ? 'agent' : singleton ? 'singleton' : undefined, problems),
    singleton,
    scale: readScale(name, at(path, 'scale'), fields.get('scale'), problems),
    termination: { grace: readGrace(path, fields, problems) },
  }
  checkProbesHavePort(path, fields, service, problems)
  checkAgent(path, fields, service, problems)
  return service
}
