import { diffConfigs, diffReleaseCommand, diffTimers } from './diff-parts.ts'
import type { ManifestChange } from './diff-parts.ts'
import type { ServiceHealth, Manifest, Service, ServiceLiveness, ServiceStartup } from './manifest.ts'

const none = 'none'

const countText = ({ scale }: Service): string => (scale.min === scale.max ? String(scale.min) : `${scale.min}-${scale.max}`)

const limitText = (value: number | undefined, unit: string): string => (value === undefined ? none : `${value}${unit}`)

const portText = ({ port }: Service): string => (port === undefined ? none : port.scheme === 'http' ? String(port.port) : `${port.scheme}:${port.port}`)

const sourceText = (service: Service): string => service.image ?? `build ${service.build?.path ?? '.'} (${service.build?.manifest ?? 'Dockerfile'})`

const timesText = (probe: Pick<ServiceHealth, 'interval' | 'grace' | 'timeout' | 'port'>): string =>
  `every ${probe.interval}s, grace ${probe.grace}s, timeout ${probe.timeout}s${probe.port === undefined ? '' : `, port ${probe.port}`}`

const healthText = ({ health, port }: Service): string => {
  if (port === undefined) return none
  return health.disable ? 'disabled' : `${health.path} (${timesText(health)})`
}

const livenessText = (liveness: ServiceLiveness | undefined): string =>
  liveness === undefined ? none : `${liveness.path} (${timesText(liveness)}, fails after ${liveness.failureThreshold})`

const startupText = (probe: ServiceStartup | undefined): string =>
  probe === undefined ? none : `${probe.path ?? `tcp ${probe.tcpSocketPort}`} (${timesText(probe)}, fails after ${probe.failureThreshold})`

const listText = (words: readonly string[]): string => words.join(', ') || none

const initText = ({ initContainer }: Service): string =>
  initContainer === undefined ? none : [initContainer.image ?? 'the same image', initContainer.command ?? 'its own command'].join(': ')

const targetsText = ({ scale: { targets } }: Service): string =>
  listText([...(targets?.cpu === undefined ? [] : [`cpu ${targets.cpu}%`]), ...(targets?.memory === undefined ? [] : [`memory ${targets.memory}%`])])

const volumeText = ({ from, shared, path }: Service['mounts']['volumes'][number]): string => (shared ? `${from} at ${path}` : path)

const emptyDirText = ({ id, path, memory, sizeLimit }: Service['mounts']['emptyDirs'][number]): string =>
  `${id} at ${path}${memory ? ' in memory' : ''}${sizeLimit === undefined ? '' : ` up to ${sizeLimit}`}`

interface Field {
  readonly name: string
  readonly of: (service: Service) => string
  readonly important: boolean
}

/** Every field that changes what runs, as text; the environment's keys are told apart below. */
const fields: readonly Field[] = [
  { name: 'image', of: sourceText, important: false },
  { name: 'build args', of: ({ build }) => build?.args.join(' ') || none, important: false },
  { name: 'command', of: ({ command }) => command ?? none, important: false },
  { name: 'port', of: portText, important: false },
  { name: 'ports', of: ({ ports }) => listText(ports.map(({ port, protocol }) => `${port}/${protocol}`)), important: false },
  { name: 'domain', of: ({ domains }) => listText(domains), important: true },
  { name: 'internal', of: ({ internal }) => String(internal), important: false },
  { name: 'agent', of: ({ agent }) => String(agent), important: true },
  { name: 'scale', of: countText, important: true },
  { name: 'scale.targets', of: targetsText, important: true },
  { name: 'scale.cpu', of: ({ scale }) => `${scale.cpu}m`, important: true },
  { name: 'scale.memory', of: ({ scale }) => `${scale.memory}Mi`, important: true },
  { name: 'scale.limit.cpu', of: ({ scale }) => limitText(scale.limit.cpu, 'm'), important: true },
  { name: 'scale.limit.memory', of: ({ scale }) => limitText(scale.limit.memory, 'Mi'), important: true },
  { name: 'health', of: healthText, important: true },
  { name: 'liveness', of: ({ liveness }) => livenessText(liveness), important: true },
  { name: 'startupProbe', of: ({ startupProbe }) => startupText(startupProbe), important: true },
  { name: 'initContainer', of: initText, important: false },
  { name: 'lifecycle.preStop', of: ({ lifecycle }) => lifecycle.preStop?.command ?? none, important: false },
  { name: 'lifecycle.postStart', of: ({ lifecycle }) => lifecycle.postStart?.command ?? none, important: false },
  { name: 'volumes', of: ({ mounts }) => listText(mounts.volumes.map(volumeText)), important: false },
  { name: 'volumeOptions', of: ({ mounts }) => listText(mounts.emptyDirs.map(emptyDirText)), important: false },
  { name: 'configMounts', of: ({ mounts }) => listText(mounts.configs.map(({ id, dir, filename }) => `${id} at ${dir}/${filename}`)), important: false },
  { name: 'deployment.minimum', of: ({ deployment }) => `${deployment.minimum}%`, important: false },
  { name: 'deployment.maximum', of: ({ deployment }) => `${deployment.maximum}%`, important: false },
  { name: 'deployment.progressDeadline', of: ({ deployment }) => limitText(deployment.progressDeadline, 's'), important: false },
  { name: 'deployment.crashRestartLimit', of: ({ deployment }) => limitText(deployment.crashRestartLimit, ''), important: false },
  { name: 'singleton', of: ({ singleton }) => String(singleton), important: false },
  { name: 'termination.grace', of: ({ termination }) => `${termination.grace}s`, important: false },
]

const declared = (service: Service): ReadonlyMap<string, string | undefined> => new Map(service.environment.map((entry) => [entry.key, entry.default]))

/** Declared env by key alone: a default may be as secret as a value. */
const environmentChanges = (before: Service, after: Service): readonly ManifestChange[] => {
  const [old, now] = [declared(before), declared(after)]
  const words = [
    ...[...now.keys()].filter((key) => !old.has(key)).sort().map((key) => `add:${key}`),
    ...[...now.keys()].filter((key) => old.has(key) && old.get(key) !== now.get(key)).sort().map((key) => `change:${key}`),
    ...[...old.keys()].filter((key) => !now.has(key)).sort().map((key) => `remove:${key}`),
  ]
  return words.length === 0 ? [] : [{ text: `${after.name} environment ${words.join(' ')}`, important: false }]
}

const serviceChanges = (before: Service, after: Service): readonly ManifestChange[] => {
  const changes = fields.flatMap((field) => {
    const [old, now] = [field.of(before), field.of(after)]
    return old === now ? [] : [{ text: `${after.name} ${field.name} ${old} → ${now}`, important: field.important }]
  })
  const all = [...changes, ...environmentChanges(before, after)]
  return all.length > 0 ? all : [{ text: `${after.name} no change`, important: false }]
}

/**
 * What a manifest changes against another, by service (in the new file's order, removed ones last) and field, `${VAR}` not replaced; then what belongs to
 * none: timers, configs, the release command.
 * A service without any change says so. `before` is null for a first release: every service is added.
 */
export const diffManifests = (before: Manifest | null, after: Manifest): readonly ManifestChange[] => {
  const old = new Map((before?.services ?? []).map((service) => [service.name, service]))
  const now = new Set(after.services.map((service) => service.name))
  const kept = after.services.flatMap((service) => {
    const earlier = old.get(service.name)
    return earlier === undefined ? [{ text: `${service.name} added, ${service.agent ? 'agent' : `scale ${countText(service)}`}`, important: true }] : serviceChanges(earlier, service)
  })
  const removed = [...old.keys()].filter((name) => !now.has(name)).map((name) => ({ text: `${name} removed`, important: true }))
  return [...kept, ...removed, ...diffTimers(before?.timers ?? [], after.timers), ...diffConfigs(before?.configs ?? [], after.configs), ...diffReleaseCommand(before?.release, after.release)]
}
