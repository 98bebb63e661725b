import { findReleaseAnywhere } from '../db/releases.ts'
import { requireRole } from './authorize.ts'
import type { Rack } from './context.ts'
import { buildOf } from './digest.ts'
import { requireApp } from './find.ts'
import type { Manifest } from './manifest/manifest.ts'
import { parseManifest } from './manifest/parse.ts'
import { nearest } from './nearest.ts'
import type { Caller, ProcessInfo, ProcessRow } from './operations.ts'
import { refuse } from './refusal.ts'
import type { PodFacts } from './rollout/facts.ts'

/** convox.md 1, Process; a pod on its way out is `stopping`. Pure. */
export const processStatus = (pod: PodFacts): ProcessRow['status'] => {
  if (pod.meta.deletedAt !== undefined) return 'stopping'
  if (pod.containers.some((container) => container.waiting?.reason === 'CrashLoopBackOff')) return 'crashed'
  if (pod.phase === 'Succeeded') return 'complete'
  if (pod.phase === 'Failed') return 'failed'
  if (pod.phase === 'Pending') return 'pending'
  if (pod.phase !== 'Running') return 'unknown'
  const ready = pod.conditions.find((condition) => condition.type === 'Ready')
  if (ready?.status === 'True') return 'running'
  return ready?.reason === 'ContainersNotReady' || ready?.reason === 'PodInitializing' || ready?.reason === 'ContainerCreating' ? 'starting' : 'unhealthy'
}

const startedOf = (pod: PodFacts): Date | null => {
  const at = pod.containers.find((container) => !container.init)?.running?.startedAt ?? pod.meta.createdAt
  return at === '' ? null : new Date(at)
}

/** The command of a process, by the labels of render/input.ts: that of its service, or of the timer or release command it runs for. Pure. */
export const processCommand = ({ services, timers, release }: Manifest, labels: PodFacts['meta']['labels']): string => {
  switch (labels['type']) {
    case 'timer': return timers.find(({ name }) => name === labels['name'])?.command ?? ''
    case 'release': return release?.command ?? ''
    default: return services.find(({ name }) => name === labels['service'])?.command ?? ''
  }
}

const manifestsOf = async (rack: Rack, releases: readonly string[]): Promise<Map<string, Manifest>> => {
  const manifests = new Map<string, Manifest>()
  for (const id of new Set(releases)) {
    const release = await findReleaseAnywhere(rack.db, id)
    const build = release === undefined ? undefined : await buildOf(rack.db, release)
    const parsed = build === undefined ? undefined : parseManifest(build.manifest)
    if (parsed?.ok === true) manifests.set(id, parsed.manifest)
  }
  return manifests
}

const podsOf = async (rack: Rack, caller: Caller, app: string): Promise<{ app: string; pods: { pod: PodFacts; row: ProcessRow }[] }> => {
  requireRole(caller, 'viewer', 'listing processes')
  const found = await requireApp(rack.db, rack.name, app)
  const blind = rack.cluster.blindSince()
  if (blind !== null) refuse({ code: 'cluster_unreachable', since: blind })
  const pods = rack.cluster.facts(found.namespace).pods.filter((pod) => pod.meta.labels['service'] !== undefined)
  const manifests = await manifestsOf(rack, pods.map((pod) => pod.meta.labels['release'] ?? ''))
  const rows = pods.map((pod) => {
    const [service, release] = [pod.meta.labels['service'] ?? '', pod.meta.labels['release'] ?? '']
    const manifest = manifests.get(release)
    const command = manifest === undefined ? '' : processCommand(manifest, pod.meta.labels)
    return { pod, row: { id: pod.meta.name, service, release, status: processStatus(pod), started: startedOf(pod), command } }
  })
  return { app: found.name, pods: rows.sort((a, b) => (a.row.service + a.row.id < b.row.service + b.row.id ? -1 : 1)) }
}

/** The running containers of an app, from the shared watch. */
export const listProcesses = async (rack: Rack, caller: Caller, input: { app: string }): Promise<readonly ProcessRow[]> =>
  (await podsOf(rack, caller, input.app)).pods.map(({ row }) => row)

/** One process. */
export const processInfo = async (rack: Rack, caller: Caller, input: { app: string; process: string }): Promise<ProcessInfo> => {
  const { app, pods } = await podsOf(rack, caller, input.app)
  const wanted = input.process.toLowerCase()
  const found = pods.find(({ row }) => row.id === wanted)
  if (found === undefined) return refuse({ code: 'process_not_found', process: wanted, app, nearest: nearest(wanted, pods.map(({ row }) => row.id)) })
  const main = found.pod.containers.find((container) => !container.init)
  return {
    ...found.row, app, instance: found.pod.node ?? null, image: main?.image ?? '', restarts: main?.restartCount ?? 0,
    reason: main?.waiting?.reason ?? main?.terminated?.reason ?? found.pod.reason ?? null,
  }
}
