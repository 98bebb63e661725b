import type { Condition, ContainerFacts, PodFacts, Terminated } from './facts.ts'

/** One ended run of a container, and whether it had been ready. */
export interface Exit extends Terminated {
  /** Number of the run: 0 is the first. */
  readonly run: number
  /** Our clock. */
  readonly seenAt: string
  /** Seconds between ready and the exit; absent when that run never was ready, as far as we saw. */
  readonly readyFor?: number
}

/** What we saw of one container. Times are our clock's. */
export interface ContainerMemory {
  /** Class of the present state: waiting reasons that belong together are one class, each run of the container is its own. */
  readonly state: string
  readonly since: string
  readonly readySince?: string
  readonly everReady: boolean
  readonly exits: readonly Exit[]
}

/** What the status of a pod does not tell by itself. Serialisable. */
export interface Memory {
  readonly firstSeen: string
  /** Since when it is not ready any more, having been ready. */
  readonly unreadySince?: string
  readonly containers: Readonly<Record<string, ContainerMemory>>
}

/** Enough for every rule (they ask for two), and a bound for a pod that crashes for days. */
const keptExits = 5

/** `ErrImagePull` and `ImagePullBackOff` take turns every few seconds and are one condition. */
const pullReasons = new Set(['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable', 'ImageInspectError'])

const stateOf = (container: ContainerFacts): string => {
  if (container.waiting) return `waiting/${pullReasons.has(container.waiting.reason) ? 'pull' : container.waiting.reason}`
  if (container.running) return `running/${container.restartCount}`
  return container.terminated ? `terminated/${container.restartCount}` : 'unknown'
}

const sameRun = (a: Terminated, b: Terminated): boolean =>
  a.containerId !== undefined || b.containerId !== undefined ? a.containerId === b.containerId : a.finishedAt === b.finishedAt && a.exitCode === b.exitCode

/**
 * A pod seen for the first time that is not ready now, but was: its Ready condition turned False well after its container had started.
 * The second is the granularity of both times.
 */
const wasReady = (pod: PodFacts, container: ContainerFacts): boolean => {
  const ready = pod.conditions.find((condition) => condition.type === 'Ready')
  const turned = Date.parse(ready?.changedAt ?? '')
  return ready?.status === 'False' && turned > Date.parse(container.running?.startedAt ?? '') + 1000
}

/** Seconds a run was ready: as long as we saw it, but not longer than the run itself, whose end we may have heard of late. */
const readyFor = (readySince: string, end: Terminated, at: Date): number => {
  const seen = (at.getTime() - Date.parse(readySince)) / 1000
  const run = (Date.parse(end.finishedAt ?? '') - Date.parse(end.startedAt ?? '')) / 1000
  return run >= 0 ? Math.min(seen, run) : seen
}

const rememberContainer = (pod: PodFacts, container: ContainerFacts, before: ContainerMemory | undefined, at: Date): ContainerMemory => {
  const now = at.toISOString()
  const state = stateOf(container)
  const ended: { end: Terminated; run: number }[] = []
  // A running container's last run is the one before it; a waiting one's count has not risen yet.
  if (container.last) ended.push({ end: container.last, run: container.running || container.terminated ? container.restartCount - 1 : container.restartCount })
  if (container.terminated) ended.push({ end: container.terminated, run: container.restartCount })
  const exits: Exit[] = [...(before?.exits ?? [])]
  let readySince = before?.readySince
  for (const { end, run } of ended) {
    // An init container that ended well is done, not failed.
    if (container.init && end.exitCode === 0) continue
    if (exits.some((known) => sameRun(known, end))) continue
    exits.push({ ...end, run: Math.max(run, 0), seenAt: now, ...(readySince === undefined ? {} : { readyFor: readyFor(readySince, end, at) }) })
    readySince = undefined
  }
  readySince = container.ready ? (readySince ?? now) : container.running ? readySince : undefined
  return {
    state,
    since: before?.state === state ? before.since : now,
    ...(readySince === undefined ? {} : { readySince }),
    everReady: before?.everReady === true || container.ready || (before === undefined && wasReady(pod, container)),
    exits: exits.slice(-keptExits),
  }
}

const isTrue = (conditions: readonly Condition[], type: string): boolean => conditions.some((condition) => condition.type === type && condition.status === 'True')

/** `next` with what is known from `previous` (the same pod's last version, with its memory) and from seeing it at `at`. */
export const rememberPod = (previous: PodFacts | undefined, next: PodFacts, at: Date): PodFacts => {
  const known = previous?.meta.uid === next.meta.uid ? previous : undefined
  const before = known?.memory
  const containers = next.containers.map((container) => [container.name, rememberContainer(next, container, before?.containers[container.name], at)] as const)
  const wasReadyBefore = known !== undefined && isTrue(known.conditions, 'Ready')
  const unreadySince = isTrue(next.conditions, 'Ready') ? undefined : (before?.unreadySince ?? (wasReadyBefore ? at.toISOString() : undefined))
  return {
    ...next,
    memory: { firstSeen: before?.firstSeen ?? at.toISOString(), ...(unreadySince === undefined ? {} : { unreadySince }), containers: Object.fromEntries(containers) },
  }
}
