import { findReleaseAnywhere } from '../db/releases.ts'
import { requireRole } from './authorize.ts'
import type { Rack } from './context.ts'
import { buildOf } from './digest.ts'
import { requireApp } from './find.ts'
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

const commandsOf = async (rack: Rack, releases: readonly string[]): Promise<Map<string, string>> => {
  const commands = new Map<string, string>()
  for (const id of new Set(releases)) {
    const release = await findReleaseAnywhere(rack.db, id)
    const build = release === undefined ? undefined : await buildOf(rack.db, release)
    const parsed = build === undefined ? undefined : parseManifest(build.manifest)
    if (parsed?.ok === true) for (const service of parsed.manifest.services) commands.set(`${id}/${service.name}`, service.command ?? '')
  }
  return commands
}

const podsOf = async (rack: Rack, caller: Caller, app: string): Promise<{ app: string; pods: { pod: PodFacts; row: ProcessRow }[] }> => {
  requireRole(caller, 'viewer', 'listing processes')
  const found = await requireApp(rack.db, rack.name, app)
  const blind = rack.cluster.blindSince()
  if (blind !== null) refuse({ code: 'cluster_unreachable', since: blind })
  const pods = rack.cluster.facts(found.namespace).pods.filter((pod) => pod.meta.labels['service'] !== undefined)
  const commands = await commandsOf(rack, pods.map((pod) => pod.meta.labels['release'] ?? ''))
  const rows = pods.map((pod) => {
    const [service, release] = [pod.meta.labels['service'] ?? '', pod.meta.labels['release'] ?? '']
    return { pod, row: { id: pod.meta.name, service, release, status: processStatus(pod), started: startedOf(pod), command: commands.get(`${release}/${service}`) ?? '' } }
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
