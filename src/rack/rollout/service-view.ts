import type { ContainerFacts, DeploymentFacts, EventFacts, PodFacts, ReplicaSetFacts } from './facts.ts'
import type { Exit } from './remember.ts'
import type { Baseline, ExpectedService, RolloutFacts } from './rollout-facts.ts'
import type { ContainerSpec } from './template.ts'

const revision = 'deployment.kubernetes.io/revision'

/**
 * Why a pod does not count against the release. The last: a pod that always restarts its containers fails as a whole only by its node
 * (`OutOfcpu`, `NodeAffinity`, …), and the ReplicaSet makes another.
 */
export const excuses = ['Evicted', 'Preempting', 'NodeLost', 'NodeShutdown', 'Shutdown', 'Terminated', 'DisruptionTarget', 'PodFailed'] as const
export type Excuse = (typeof excuses)[number]

/** One service's part of the facts, sorted out by who belongs to the new release. */
export interface ServiceView {
  readonly expected: ExpectedService
  /** The live one, once the watch shows at least the generation we were answered. */
  readonly deployment?: DeploymentFacts
  /** The ReplicaSet whose template is ours and whose revision is the Deployment's. */
  readonly replicaSet?: ReplicaSetFacts
  /** New pods that are judged, oldest first: not terminating, not excused. */
  readonly pods: readonly PodFacts[]
  readonly excused: readonly { readonly pod: PodFacts; readonly excuse: Excuse }[]
  /** Pods of the Deployment's other ReplicaSets. */
  readonly oldPods: readonly PodFacts[]
  readonly replicaSets: readonly ReplicaSetFacts[]
  readonly events: readonly EventFacts[]
  readonly baseline: Baseline
  /** Milliseconds, our clock. */
  readonly startedAt: number
}

const controllerUid = (owned: PodFacts | ReplicaSetFacts): string | undefined => owned.meta.owners.find((owner) => owner.controller)?.uid

const excuseOf = (pod: PodFacts): Excuse | undefined => {
  if (pod.conditions.some((condition) => condition.type === 'DisruptionTarget' && condition.status === 'True')) return 'DisruptionTarget'
  return excuses.find((excuse) => excuse === pod.reason) ?? (pod.phase === 'Failed' ? 'PodFailed' : undefined)
}

const byAge = (a: PodFacts, b: PodFacts): number => {
  if (a.meta.createdAt !== b.meta.createdAt) return a.meta.createdAt < b.meta.createdAt ? -1 : 1
  return a.meta.name < b.meta.name ? -1 : 1
}

/** What the facts hold of one service, in an order that does not depend on theirs. */
export const viewService = (facts: RolloutFacts, expected: ExpectedService): ServiceView => {
  const live = facts.deployments.find((deployment) => deployment.meta.uid === expected.uid)
  const deployment = live && live.meta.generation >= expected.generation ? live : undefined
  const replicaSets = facts.replicaSets.filter((set) => controllerUid(set) === expected.uid)
  const replicaSet = deployment && replicaSets
    .filter((set) => set.templateKey === expected.templateKey && set.meta.annotations[revision] === deployment.meta.annotations[revision])
    .toSorted((a, b) => (a.meta.uid < b.meta.uid ? -1 : 1))[0]
  const others = new Set(replicaSets.filter((set) => set.meta.uid !== replicaSet?.meta.uid).map((set) => set.meta.uid))
  const sorted = facts.pods.toSorted(byAge)
  const ours = sorted.filter((pod) => replicaSet !== undefined && controllerUid(pod) === replicaSet.meta.uid && pod.meta.deletedAt === undefined)
  const excused = ours.flatMap((pod) => {
    const excuse = excuseOf(pod)
    return excuse === undefined ? [] : [{ pod, excuse }]
  })
  return {
    expected, deployment, replicaSet, excused, replicaSets,
    pods: ours.filter((pod) => excuseOf(pod) === undefined),
    oldPods: sorted.filter((pod) => others.has(controllerUid(pod) ?? '')),
    events: facts.events.toSorted((a, b) => (a.uid < b.uid ? -1 : 1)),
    baseline: facts.baseline,
    startedAt: Date.parse(facts.startedAt),
  }
}

/** True when the pod is ready and stays. */
export const isReady = (pod: PodFacts): boolean =>
  pod.meta.deletedAt === undefined && pod.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True')

/** A container with the pod it is in. */
export interface Place {
  readonly pod: PodFacts
  readonly container: ContainerFacts
  readonly spec?: ContainerSpec
}

/** Every container of the new pods. */
export const places = (view: ServiceView): Place[] =>
  view.pods.flatMap((pod) =>
    pod.containers.map((container) => ({ pod, container, spec: view.expected.containers.find((spec) => spec.name === container.name) })))

const before = (view: ServiceView, place: Place): number | undefined => view.baseline[`${place.pod.meta.uid}/${place.container.name}`]

/** Restarts since the rollout began. */
export const restartsOf = (view: ServiceView, place: Place): number => Math.max(place.container.restartCount - (before(view, place) ?? 0), 0)

/** Ended runs since the rollout began, oldest first (at most as many as are remembered). */
export const exitsOf = (view: ServiceView, place: Place): readonly Exit[] => {
  const exits = place.pod.memory?.containers[place.container.name]?.exits ?? []
  const baseline = before(view, place)
  return baseline === undefined ? exits : exits.filter((exit) => exit.run >= baseline && Date.parse(exit.seenAt) >= view.startedAt)
}

/** Milliseconds since when the container is in its present state, by our clock; never before the rollout began. */
export const sinceOf = (view: ServiceView, place: Place): number =>
  Math.max(Date.parse(place.pod.memory?.containers[place.container.name]?.since ?? place.pod.meta.createdAt), view.startedAt)

/** Events about one pod, or about the ReplicaSet with that uid. */
export const eventsOf = (view: ServiceView, uid: string): readonly EventFacts[] => view.events.filter((event) => event.involved.uid === uid)
