import { parseCronJob, parseJob } from '../rollout/decode-batch.ts'
import { parseNamespace, parseNode } from '../rollout/decode-node.ts'
import { parseDaemonSet, parseDeployment, parseEvent, parsePod, parseReplicaSet } from '../rollout/decode.ts'
import { rememberPod } from '../rollout/remember.ts'
import { rememberDaemonSet, rememberDeployment, rememberJob, rememberReplicaSet } from '../rollout/remember-workload.ts'
import { uidOf, type ObjectFacts } from './fact-lists.ts'

const parsers: Readonly<Record<string, (raw: unknown) => ObjectFacts | undefined>> = {
  deployments: parseDeployment, daemonsets: parseDaemonSet, cronjobs: parseCronJob, jobs: parseJob, replicasets: parseReplicaSet,
  pods: parsePod, nodes: parseNode, namespaces: parseNamespace, events: parseEvent,
}

const remember = (before: ObjectFacts | undefined, next: ObjectFacts, at: Date): ObjectFacts => {
  switch (next.kind) {
    case 'Deployment': return rememberDeployment(before?.kind === next.kind ? before : undefined, next, at)
    case 'DaemonSet': return rememberDaemonSet(before?.kind === next.kind ? before : undefined, next, at)
    case 'Job': return rememberJob(before?.kind === next.kind ? before : undefined, next, at)
    case 'ReplicaSet': return rememberReplicaSet(before?.kind === next.kind ? before : undefined, next, at)
    case 'Pod': return rememberPod(before?.kind === next.kind ? before : undefined, next, at)
    default: return next
  }
}

/** What a recorded watch has shown so far, read and remembered as the rack's own cache does. */
export interface WatchStore {
  readonly objects: ReadonlyMap<string, ObjectFacts>
  /** False when the line could not be read. */
  take(line: { readonly kind: string; readonly type: string; readonly object: unknown }, at: Date): boolean
}

export const createWatchStore = (): WatchStore => {
  const objects = new Map<string, ObjectFacts>()
  return {
    objects,
    take: ({ kind, type, object }, at) => {
      const next = parsers[kind]?.(object)
      if (next === undefined) return type === 'BOOKMARK'
      const uid = uidOf(next)
      if (type === 'DELETED') objects.delete(uid)
      else objects.set(uid, remember(objects.get(uid), next, at))
      return true
    },
  }
}
