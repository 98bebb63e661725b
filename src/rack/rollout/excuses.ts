import type { NodeFacts, PodFacts } from './facts.ts'
import { kubeletCatchesUp, nodeTrouble, runtimeTrouble } from './node-trouble.ts'
import { exitsOf, isSidecar, places, restartsOf } from './places.ts'
import { runtimeReasons } from './rules/cannot-create.ts'
import type { ServiceView } from './service-view.ts'

/**
 * Why a pod does not count against the release: its status, its node, or that it is being stopped. `PodFailed`: a pod that always restarts its
 * containers fails as a whole only by its node (`OutOfcpu`, `NodeAffinity`, …), and the ReplicaSet makes another.
 */
export const podExcuses = [
  'Evicted', 'Preempting', 'NodeLost', 'NodeShutdown', 'Shutdown', 'Terminated', 'DisruptionTarget', 'PodFailed', 'NodeNotReady', 'NodeCordoned', 'Stopping',
] as const
export type PodExcuse = (typeof podExcuses)[number]

/** Why one trouble of a pod that is judged did not count: the kubelet catches up with a Secret, the runtime of its node failed, or a sidecar restarted. */
export const containerExcuses = ['KubeletCatchesUp', 'NodeTrouble', 'SidecarRestarted'] as const
export type ContainerExcuse = (typeof containerExcuses)[number]

/** A process, and why what happened to it was not held against the release. */
export interface Excused {
  readonly pod: string
  readonly why: PodExcuse | ContainerExcuse
}

/** Enough to explain; a drained node may excuse hundreds. */
const mostTold = 10

const podReasons: readonly PodExcuse[] = ['Evicted', 'Preempting', 'NodeLost', 'NodeShutdown', 'Shutdown', 'Terminated']

/** Of a pod that is not being stopped. `ends`: its containers are not started again, so that its failure is its own (a timer's). */
export const excuseOf = (pod: PodFacts, nodes: readonly NodeFacts[], ends: boolean): PodExcuse | undefined => {
  if (pod.conditions.some((condition) => condition.type === 'DisruptionTarget' && condition.status === 'True')) return 'DisruptionTarget'
  const said = podReasons.find((excuse) => excuse === pod.reason)
  if (said !== undefined) return said
  if (pod.phase === 'Failed' && !ends) return 'PodFailed'
  const node = nodes.find(({ name }) => name === pod.node)
  if (node === undefined) return undefined
  if (node.deletedAt !== undefined || (node.ready !== '' && node.ready !== 'True')) return 'NodeNotReady'
  return node.unschedulable ? 'NodeCordoned' : undefined
}

/** What was not held against a service, by pod name; at most ten. */
export const excusedIn = (view: ServiceView): readonly Excused[] => {
  const pods = [...view.excused.map(({ pod, excuse }): Excused => ({ pod: pod.meta.name, why: excuse })), ...view.stopping.map((pod): Excused => ({ pod: pod.meta.name, why: 'Stopping' }))]
  const containers = places(view).flatMap((place): Excused[] => {
    const { pod, container } = place
    const told: ContainerExcuse[] = []
    if (container.waiting && kubeletCatchesUp(container.waiting.message)) told.push('KubeletCatchesUp')
    if (exitsOf(view, place).some(nodeTrouble) || (runtimeReasons.has(container.waiting?.reason ?? '') && runtimeTrouble(container.waiting?.message))) told.push('NodeTrouble')
    if (isSidecar(view, place) && restartsOf(view, place) > 0) told.push('SidecarRestarted')
    return told.map((why) => ({ pod: pod.meta.name, why }))
  })
  return [...pods, ...containers].toSorted((a, b) => (a.pod + a.why < b.pod + b.why ? -1 : 1)).slice(0, mostTold)
}
