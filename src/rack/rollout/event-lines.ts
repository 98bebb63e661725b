import type { EventFacts, PodFacts, ReplicaSetFacts } from './facts.ts'

/** Which events belong in a promotion's thread. */
export interface EventScope {
  readonly deployments: readonly string[]
  /** Pods of this release only: the others' comings and goings explain nothing. */
  readonly release: string
  /** Milliseconds of the cluster's clock, to the second. */
  readonly since: number
  readonly replicaSets: readonly ReplicaSetFacts[]
  readonly pods: readonly PodFacts[]
}

/** Repeats are told at these counts: a loop that goes on for an hour is one fact. */
const told = new Set([1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000])

const setOf = (pod: string): string => pod.slice(0, pod.lastIndexOf('-'))
const deploymentOf = (set: string): string => set.slice(0, set.lastIndexOf('-'))

const isInvolved = ({ involved, reason }: EventFacts, scope: EventScope): boolean => {
  if (involved.kind === 'Deployment') return scope.deployments.includes(involved.name)
  if (involved.kind === 'ReplicaSet') return scope.deployments.includes(deploymentOf(involved.name))
  if (involved.kind !== 'Pod' || reason === 'Killing' || !scope.deployments.includes(deploymentOf(setOf(involved.name)))) return false
  const set = scope.replicaSets.find((each) => each.meta.name === setOf(involved.name))
  const release = scope.pods.find((each) => each.meta.name === involved.name)?.meta.labels['release'] ?? set?.meta.labels['release']
  return release === undefined || release === scope.release
}

/** A line of the thread from an event of the cluster, with a key by which it is said once; undefined when it does not belong there. Pure. */
export const eventLine = (event: EventFacts, scope: EventScope): { key: string; at: string; object: string; text: string; count: number } | undefined => {
  const at = Date.parse(event.lastAt ?? event.firstAt ?? '')
  if (Number.isNaN(at) || at < Math.floor(scope.since / 1000) * 1000 || !told.has(event.count) || !isInvolved(event, scope)) return undefined
  return { key: `${event.uid}/${event.count}`, at: new Date(at).toISOString(), object: event.involved.name, text: event.message, count: event.count }
}
