import type { Service, ServiceHealth, ServiceLiveness, ServiceStartup } from '../manifest/manifest.ts'
import { environmentField, fieldChange, type FieldChange } from './field-change.ts'

const listText = (words: readonly string[]): string | null => (words.length === 0 ? null : words.join(', '))

const withUnit = (value: number | undefined, unit: string): string | null => (value === undefined ? null : `${value}${unit}`)

const yesNo = (value: boolean): string => (value ? 'yes' : 'no')

/** `2`, or `2-5` where it may vary. */
export const countText = ({ scale }: Service): string => (scale.min === scale.max ? String(scale.min) : `${scale.min}-${scale.max}`)

const runsAs = (service: Service): string => (service.agent ? 'agent, one on each node' : `service, scale ${countText(service)}`)

const sourceText = (service: Service): string => service.image ?? `build ${service.build?.path ?? '.'} (${service.build?.manifest ?? 'Dockerfile'})`

const portText = ({ port }: Service): string | null => {
  if (port === undefined) return null
  return port.scheme === 'http' ? String(port.port) : `${port.scheme}:${port.port}`
}

const initText = ({ initContainer }: Service): string | null =>
  initContainer === undefined ? null : [initContainer.image ?? 'the same image', initContainer.command ?? 'its own command'].join(': ')

const targetsText = ({ scale: { targets } }: Service): string | null =>
  listText([...(targets?.cpu === undefined ? [] : [`cpu ${targets.cpu}%`]), ...(targets?.memory === undefined ? [] : [`memory ${targets.memory}%`])])

const volumeText = ({ from, shared, path }: Service['mounts']['volumes'][number]): string => (shared ? `${from} at ${path}` : path)

const emptyDirText = ({ id, path, memory, sizeLimit }: Service['mounts']['emptyDirs'][number]): string =>
  `${id} at ${path}${memory ? ' in memory' : ''}${sizeLimit === undefined ? '' : ` up to ${sizeLimit}`}`

interface Field {
  readonly name: string
  readonly of: (service: Service) => string | null
  readonly important?: true
  readonly callout?: 'scale'
  /** Not said of a service that becomes an agent or stops being one: it follows from that. */
  readonly ofServicesOnly?: true
}

/** Every field that changes what runs, as text; the checks and the environment's keys are told apart below. */
const fields: readonly Field[] = [
  { name: 'image', of: sourceText },
  { name: 'build args', of: ({ build }) => listText(build?.args ?? []) },
  { name: 'command', of: ({ command }) => command ?? null },
  { name: 'port', of: portText },
  { name: 'ports', of: ({ ports }) => listText(ports.map(({ port, protocol }) => `${port}/${protocol}`)) },
  { name: 'domain', of: ({ domains }) => listText(domains), important: true },
  { name: 'internal', of: ({ internal }) => yesNo(internal), important: true },
  { name: 'scale', of: countText, callout: 'scale', ofServicesOnly: true },
  { name: 'scale.targets', of: targetsText, callout: 'scale', ofServicesOnly: true },
  { name: 'scale.cpu', of: ({ scale }) => `${scale.cpu}m`, callout: 'scale' },
  { name: 'scale.memory', of: ({ scale }) => `${scale.memory}Mi`, callout: 'scale' },
  { name: 'scale.limit.cpu', of: ({ scale }) => withUnit(scale.limit.cpu, 'm'), callout: 'scale' },
  { name: 'scale.limit.memory', of: ({ scale }) => withUnit(scale.limit.memory, 'Mi'), callout: 'scale' },
  { name: 'initContainer', of: initText },
  { name: 'lifecycle.preStop', of: ({ lifecycle }) => lifecycle.preStop?.command ?? null },
  { name: 'lifecycle.postStart', of: ({ lifecycle }) => lifecycle.postStart?.command ?? null },
  { name: 'volumes', of: ({ mounts }) => listText(mounts.volumes.map(volumeText)) },
  { name: 'volumeOptions', of: ({ mounts }) => listText(mounts.emptyDirs.map(emptyDirText)) },
  { name: 'configMounts', of: ({ mounts }) => listText(mounts.configs.map(({ id, dir, filename }) => `${id} at ${dir}/${filename}`)) },
  { name: 'deployment.minimum', of: ({ deployment }) => `${deployment.minimum}%` },
  { name: 'deployment.maximum', of: ({ deployment }) => `${deployment.maximum}%` },
  { name: 'deployment.progressDeadline', of: ({ deployment }) => withUnit(deployment.progressDeadline, 's') },
  { name: 'deployment.crashRestartLimit', of: ({ deployment }) => withUnit(deployment.crashRestartLimit, '') },
  { name: 'singleton', of: ({ singleton }) => yesNo(singleton) },
  { name: 'termination.grace', of: ({ termination }) => `${termination.grace}s` },
]

type Probe = Partial<ServiceLiveness & ServiceStartup> & Pick<ServiceHealth, 'interval' | 'grace' | 'timeout'>

const probeParts: readonly (readonly [name: string, of: (probe: Probe) => string | null])[] = [
  ['path', ({ path, tcpSocketPort }) => path ?? (tcpSocketPort === undefined ? null : `tcp ${tcpSocketPort}`)],
  ['port', ({ port }) => withUnit(port, '')],
  ['interval', ({ interval }) => `${interval}s`],
  ['grace', ({ grace }) => `${grace}s`],
  ['timeout', ({ timeout }) => `${timeout}s`],
  ['successThreshold', ({ successThreshold }) => withUnit(successThreshold, '')],
  ['failureThreshold', ({ failureThreshold }) => withUnit(failureThreshold, '')],
]

const probeText = (probe: Probe): string => {
  const target = probe.path ?? `tcp ${probe.tcpSocketPort}`
  const port = probe.port === undefined ? '' : `, port ${probe.port}`
  const fails = probe.failureThreshold === undefined ? '' : `, fails after ${probe.failureThreshold}`
  return `${target} (every ${probe.interval}s, grace ${probe.grace}s, timeout ${probe.timeout}s${port}${fails})`
}

/** A check as a whole where it comes, goes or is switched off; else part by part. */
const probeChanges = (name: string, probe: string, before: Probe | string | null, after: Probe | string | null): readonly FieldChange[] => {
  const about = { subject: 'service', name, important: true, callout: 'probes' } as const
  const text = (one: Probe | string | null): string | null => (typeof one === 'object' && one !== null ? probeText(one) : one)
  if (typeof before !== 'object' || typeof after !== 'object' || before === null || after === null) return fieldChange({ ...about, field: probe }, text(before), text(after))
  return probeParts.flatMap(([part, of]) => fieldChange({ ...about, field: `${probe}.${part}` }, of(before), of(after)))
}

const healthOf = ({ health, port }: Service): Probe | string | null => {
  if (port === undefined) return null
  return health.disable ? 'disabled' : health
}

/** Declared env by key alone: a default may be as secret as a value. */
const environmentChanges = (before: Service, after: Service): readonly FieldChange[] => {
  const [old, now] = [before, after].map((service) => new Map(service.environment.map((entry) => [entry.key, entry.default] as const)))
  const wordOf = (entries: ReadonlyMap<string, string | undefined> | undefined, key: string): string | null => {
    if (entries?.has(key) !== true) return null
    return entries.get(key) === undefined ? 'required' : 'with a default'
  }
  const change = (kind: FieldChange['kind'], key: string): FieldChange => {
    const [from, to] = [wordOf(old, key), wordOf(now, key)]
    return { subject: 'service', name: after.name, field: `${environmentField}${key}`, kind, from, to: from === to ? 'with another default' : to, callout: null, important: false }
  }
  const keys = { old: [...(old?.keys() ?? [])].sort(), now: [...(now?.keys() ?? [])].sort() }
  return [
    ...keys.now.filter((key) => old?.has(key) !== true).map((key) => change('added', key)),
    ...keys.now.filter((key) => old?.has(key) === true && old.get(key) !== now?.get(key)).map((key) => change('changed', key)),
    ...keys.old.filter((key) => now?.has(key) !== true).map((key) => change('removed', key)),
  ]
}

/** What one service does otherwise than before, field by field; the names are not compared. Pure. */
export const serviceChanges = (before: Service, after: Service): readonly FieldChange[] => {
  const { name } = after
  const becomes = before.agent !== after.agent
  const kind = becomes ? fieldChange({ subject: 'service', name, field: 'runs as', important: true, callout: 'scale' }, runsAs(before), runsAs(after)) : []
  const plain = fields.filter((field) => !(becomes && field.ofServicesOnly === true)).flatMap((field) =>
    fieldChange({ subject: 'service', name, field: field.name, important: field.important === true || field.callout !== undefined, callout: field.callout ?? null }, field.of(before), field.of(after)))
  return [
    ...kind, ...plain,
    ...probeChanges(name, 'health', healthOf(before), healthOf(after)),
    ...probeChanges(name, 'liveness', before.liveness ?? null, after.liveness ?? null),
    ...probeChanges(name, 'startupProbe', before.startupProbe ?? null, after.startupProbe ?? null),
    ...environmentChanges(before, after),
  ]
}
