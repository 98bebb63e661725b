import type { Cause } from '../cause.ts'
import type { ServiceNote, ServiceProgress } from '../progress.ts'
import { excusedIn } from './excuses.ts'
import { isSidecar, places, type Place } from './places.ts'
import { isReady, readyPods } from './service-view.ts'
import type { ServiceView } from './service-view.ts'
import { provenBy } from './rules/exits-once-ready.ts'

/** Field managers that may ask for no process and mean it: Kubernetes' own autoscaler, and KEDA, whose zero is a queue without work. */
const autoscalers: readonly string[] = ['kube-controller-manager', 'keda']

/**
 * Somebody took every process of a release that wants some: nothing of it can fail any more, and nothing proves it. `by`: their field manager, where the
 * Deployment tells. Undefined where it has processes, where the release wants none, and where an autoscaler decides.
 */
export const scaledAway = ({ deployment, expected, ourManager }: ServiceView): { readonly by?: string } | undefined => {
  if (deployment === undefined || deployment.replicas > 0 || (expected.replicas ?? 0) === 0) return undefined
  const owners = deployment.managers.filter((entry) => entry.ownsReplicas && entry.manager !== ourManager).map(({ manager }) => manager)
  if (owners.some((owner) => autoscalers.includes(owner))) return undefined
  const [by] = owners
  return by === undefined ? {} : { by }
}

const deploymentRuns = (view: ServiceView): boolean => {
  const { deployment, replicaSet } = view
  if (scaledAway(view) !== undefined) return false
  if (!deployment || !replicaSet || deployment.templateKey !== view.expected.templateKey) return false
  const { status, replicas } = deployment
  const counted =
    status.observedGeneration >= deployment.meta.generation
    && status.updated === replicas
    && status.replicas === status.updated
    && status.available === status.updated
    && replicaSet.status.available >= replicas
    && readyPods(view).length >= replicas
  // Nothing is asked for: nothing of it may be left either.
  return counted && (replicas > 0 || (replicaSet.replicas === 0 && view.pods.length + view.excused.length === 0))
}

/** On every node that takes it; on a cluster without such nodes that is nowhere. */
const daemonSetRuns = ({ daemonSet, expected }: ServiceView): boolean => {
  if (!daemonSet || daemonSet.templateKey !== expected.templateKey) return false
  const { observedGeneration, desired, current, updated, available } = daemonSet.status
  return observedGeneration >= daemonSet.meta.generation && updated === desired && available === desired && current === desired
}

/**
 * All that was applied runs, and nothing else does (rollouts.md 2, "Success"): compared with the live number, which a person or an autoscaler may move
 * meanwhile; a person not to none (`scaledAway`). The pods are counted too, because the watch tells of a pod before the Deployment's counters do. A timer is there as it was applied.
 */
export const isComplete = (view: ServiceView): boolean => {
  const { workload, templateKey } = view.expected
  if (workload === 'CronJob') return view.cronJob !== undefined && view.cronJob.templateKey === templateKey && view.cronJob.meta.deletedAt === undefined
  return workload === 'DaemonSet' ? daemonSetRuns(view) : deploymentRuns(view)
}

/** A readiness or a startup check that passes is a proof; a container without either is ready the moment it runs, which says nothing. */
const isChecked = ({ spec }: Place): boolean => spec?.readiness !== undefined || spec?.startup !== undefined

/**
 * Milliseconds (our clock) from when on a service may be called proven; 0 when it may be at once. What has no check has to live: its present run has to have
 * lasted for ten seconds, however short the window is. This holds on the way back as well, unless the cluster answered with the very template with which
 * that release was proven before: that its processes live is no news then, and nobody should wait for it while they are needed.
 */
export const provenFrom = (view: ServiceView): number => {
  if (view.expected.workload === 'CronJob' || view.expected.proven === true) return 0
  const living = places(view).flatMap((place) => {
    const since = Date.parse(place.pod.memory?.containers[place.container.name]?.since ?? '')
    return place.container.init || isSidecar(view, place) || isChecked(place) || Number.isNaN(since) ? [] : [since + provenBy * 1000]
  })
  return Math.max(0, ...living)
}

/** The release that most of a service's ready pods run, as they are labelled. */
const releaseOf = (view: ServiceView): string | undefined => {
  const sets = view.replicaSets.toSorted((a, b) => b.status.ready - a.status.ready || (a.meta.uid < b.meta.uid ? -1 : 1))
  const running = sets[0] && sets[0].status.ready > 0 ? sets[0] : undefined
  return running?.meta.labels['release'] ?? (view.daemonSet ? [...view.oldPods, ...view.pods].find(isReady)?.meta.labels['release'] : undefined)
}

const stateOf = (view: ServiceView, cause: Cause | undefined): ServiceProgress['state'] => {
  if (cause) return 'failed'
  if (isComplete(view)) {
    if (view.deployment?.replicas === 0) return 'scaled_to_zero'
    return view.expected.unchanged ? 'unchanged' : 'ready'
  }
  return view.pods.length + view.excused.length > 0 ? 'going' : 'waiting'
}

const noteOf = (view: ServiceView): ServiceNote | undefined => {
  const { deployment, daemonSet } = view
  if (deployment?.paused) {
    const by = pausedBy(view)
    return by === undefined ? { kind: 'paused' } : { kind: 'paused', by }
  }
  const away = scaledAway(view)
  if (away !== undefined) return { kind: 'scaled_to_zero', ...away }
  if (view.expected.workload === 'CronJob') return { kind: 'timer' }
  return daemonSet && isComplete(view) && daemonSet.status.desired === 0 ? { kind: 'no_node' } : undefined
}

/** Field manager that paused the Deployment, where it tells. */
export const pausedBy = ({ deployment }: ServiceView): string | undefined => deployment?.managers.find((entry) => entry.ownsPaused)?.manager

/** How a service stands, for its line on the card. */
export const progressOf = (view: ServiceView, cause?: Cause): ServiceProgress => {
  const release = isComplete(view) ? (view.replicaSet?.meta.labels['release'] ?? view.expected.release) : releaseOf(view)
  const note = noteOf(view)
  const excused = excusedIn(view)
  return {
    service: view.expected.service,
    state: stateOf(view, cause),
    ready: view.expected.workload === 'CronJob' ? 0 : readyPods(view).length,
    desired: view.desired,
    oldRunning: view.oldPods.filter(isReady).length,
    oldStopping: view.oldPods.filter((pod) => pod.meta.deletedAt !== undefined).length,
    ...(release === undefined ? {} : { release }),
    ...(note === undefined ? {} : { note }),
    ...(excused.length === 0 ? {} : { excused }),
    ...(cause ? { cause } : {}),
  }
}
