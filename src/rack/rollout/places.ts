import type { ContainerFacts, EventFacts, PodFacts } from './facts.ts'
import type { Exit } from './remember.ts'
import type { ServiceView } from './service-view.ts'
import type { ContainerSpec } from './template.ts'

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

/** Not the service's own container: one beside it in the template, or one that somebody's webhook put into the pod. */
export const isSidecar = (view: ServiceView, { spec }: Place): boolean => (spec === undefined ? view.expected.containers.length > 0 : spec.sidecar === true)

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

/** Events about one pod, or about the workload or ReplicaSet with that uid. */
export const eventsOf = (view: ServiceView, uid: string): readonly EventFacts[] => view.events.filter((event) => event.involved.uid === uid)
