import type { Cause } from '../cause.ts'
import type { ServiceProgress } from '../progress.ts'
import { isReady } from './service-view.ts'
import type { ServiceView } from './service-view.ts'

/**
 * All that was applied runs, and nothing else does (rollouts.md 2, "Success"): compared with the live `spec.replicas`, which a person or an
 * autoscaler may move meanwhile. The pods are counted too, because the watch tells of a pod before the Deployment's counters do.
 */
export const isComplete = (view: ServiceView): boolean => {
  const { deployment, replicaSet } = view
  if (!deployment || !replicaSet || deployment.templateKey !== view.expected.templateKey) return false
  const { status, replicas } = deployment
  return (
    status.observedGeneration >= deployment.meta.generation
    && status.updated === replicas
    && status.replicas === status.updated
    && status.available === status.updated
    && replicaSet.status.available >= replicas
    && view.pods.filter(isReady).length >= replicas
  )
}

/** The release that most of a service's ready pods run, as their ReplicaSets are labelled. */
const releaseOf = (view: ServiceView): string | undefined => {
  const sets = view.replicaSets.toSorted((a, b) => b.status.ready - a.status.ready || (a.meta.uid < b.meta.uid ? -1 : 1))
  const running = sets[0] && sets[0].status.ready > 0 ? sets[0] : undefined
  return running?.meta.labels['release']
}

const stateOf = (view: ServiceView, cause: Cause | undefined): ServiceProgress['state'] => {
  if (cause) return 'failed'
  if (isComplete(view)) {
    if (view.deployment?.replicas === 0) return 'scaled_to_zero'
    return view.expected.unchanged ? 'unchanged' : 'ready'
  }
  return view.pods.length + view.excused.length > 0 ? 'going' : 'waiting'
}

/** How a service stands, for its line on the card. */
export const progressOf = (view: ServiceView, cause?: Cause): ServiceProgress => {
  const release = isComplete(view) ? view.replicaSet?.meta.labels['release'] : releaseOf(view)
  return {
    service: view.expected.service,
    state: stateOf(view, cause),
    ready: view.pods.filter(isReady).length,
    desired: view.deployment?.replicas ?? view.replicaSet?.replicas ?? 0,
    oldRunning: view.oldPods.filter(isReady).length,
    oldStopping: view.oldPods.filter((pod) => pod.meta.deletedAt !== undefined).length,
    ...(release === undefined ? {} : { release }),
    ...(cause ? { cause } : {}),
  }
}
