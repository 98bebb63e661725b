import { at, mapAt, mapsAt, numberAt, textAt, type JsonMap } from '../json.ts'
import { deletedAt, finalizersOf, timestamp, type KubeObject } from '../object.ts'
import { conditionOf } from './conditions.ts'
import { isEnding, phaseOf } from './pod-order.ts'

// What the Job controller reads off pods and Jobs (k8s.io/kubernetes v1.36.1 pkg/controller/job).

/** Keeps a pod until its end is counted in the Job's status. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking'

export const isTracked = (pod: KubeObject): boolean => finalizersOf(pod).includes(trackingFinalizer)

export const isFinishedJob = (job: KubeObject): boolean => ['Complete', 'Failed'].some((type) => conditionOf(mapAt(job, 'status'), type)?.['status'] === 'True')

export const isSuspended = (job: KubeObject): boolean => at(job, 'spec', 'suspend') === true

const replacesOnlyFailed = (job: KubeObject): boolean => textAt(job, 'spec', 'podReplacementPolicy') === 'Failed'

/** A pod that is being deleted counts as failed at once, unless only failed ones are replaced. */
export const hasFailed = (job: KubeObject, pod: KubeObject): boolean =>
  phaseOf(pod) === 'Failed' || (!replacesOnlyFailed(job) && deletedAt(pod) !== '' && phaseOf(pod) !== 'Succeeded')

/** How many ending pods hold up their replacements. */
export const holdingUp = (job: KubeObject, pods: readonly KubeObject[]): number => (replacesOnlyFailed(job) ? pods.filter(isEnding).length : 0)

export const jobCondition = (type: string, status: 'True' | 'False', reason: string, message: string, now: number): JsonMap => ({
  type,
  status,
  lastProbeTime: timestamp(now),
  lastTransitionTime: timestamp(now),
  reason,
  message,
})

/** The list with that condition; the same list when it says so already, or when what is false was never there. */
export const withJobCondition = (conditions: JsonMap[], condition: JsonMap): JsonMap[] => {
  const fields = ['type', 'status', 'reason', 'message']
  const current = conditions.find((known) => known['type'] === condition['type'])
  if (!current) return condition['status'] === 'False' ? conditions : [...conditions, condition]
  if (fields.every((field) => current[field] === condition[field])) return conditions
  return conditions.map((known) => (known === current ? condition : known))
}

/** ms since the epoch: when its last container ended, else when it stopped being ready, else when it was deleted or made. */
export const finishedTime = (pod: KubeObject): number => {
  const ends = mapsAt(pod, 'status', 'containerStatuses').map((status) => Date.parse(textAt(status, 'state', 'terminated', 'finishedAt')))
  if (ends.length > 0 && !ends.some(Number.isNaN)) return Math.max(...ends)
  const ready = conditionOf(mapAt(pod, 'status'), 'Ready')
  if (ready?.['status'] === 'False') return Date.parse(textAt(ready, 'lastTransitionTime'))
  if (deletedAt(pod) !== '') return Date.parse(deletedAt(pod)) - (numberAt(pod, 'metadata', 'deletionGracePeriodSeconds') ?? 0) * 1000
  return Date.parse(pod.metadata.creationTimestamp)
}

/** With restartPolicy OnFailure the restarts of its pods count, init containers twice (as the original does). */
export const restartedTooOften = (job: KubeObject, pods: readonly KubeObject[]): boolean => {
  if (textAt(job, 'spec', 'template', 'spec', 'restartPolicy') !== 'OnFailure') return false
  const restarts = (pod: KubeObject, list: string): number => mapsAt(pod, 'status', list).reduce((sum, status) => sum + (numberAt(status, 'restartCount') ?? 0), 0)
  const total = pods
    .filter((pod) => ['Running', 'Pending'].includes(phaseOf(pod)))
    .reduce((sum, pod) => sum + 2 * restarts(pod, 'initContainerStatuses') + restarts(pod, 'containerStatuses'), 0)
  const limit = numberAt(job, 'spec', 'backoffLimit') ?? 6
  return limit === 0 ? total > 0 : total >= limit
}

/** Failures since the last success. */
export interface BackOff {
  failures: number
  /** ms since the epoch */
  last: number
}

/** A failed pod is replaced after 10 s, then 20, 40 … at most 10 minutes (DefaultJobPodFailureBackOff). */
export const backOffLeft = ({ failures, last }: BackOff, now: number): number =>
  failures === 0 ? 0 : Math.max(0, Math.min(10_000 * 2 ** (failures - 1), 600_000) - (now - last))

/** The back-off with the pods that ended since. */
export const backOffAfter = (before: BackOff, succeeded: readonly KubeObject[], failed: readonly KubeObject[]): BackOff => {
  const success = Math.max(-Infinity, ...succeeded.map(finishedTime))
  const later = failed.map(finishedTime).filter((time) => time > success)
  if (succeeded.length === 0 && failed.length === 0) return before
  const failures = (succeeded.length === 0 ? before.failures : 0) + later.length
  return { failures, last: later.length === 0 ? 0 : Math.max(...later) }
}
