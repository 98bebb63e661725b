import { mapAt, mapsAt, numberAt, same, textAt, type JsonMap } from '../json.ts'
import { generationOf, timestamp, type KubeObject } from '../object.ts'
import { conditionOf, counters, withCondition, withoutCondition } from './conditions.ts'
import { maxUnavailable, replicasOf, statusNumber, sum } from './rollout-sizes.ts'

export const deploymentCondition = (type: string, status: 'True' | 'False' | 'Unknown', reason: string, message: string, now: number): JsonMap => ({
  type,
  status,
  lastUpdateTime: timestamp(now),
  lastTransitionTime: timestamp(now),
  reason,
  message,
})

export const deadlineOf = (deployment: KubeObject): number | undefined => {
  const seconds = numberAt(deployment, 'spec', 'progressDeadlineSeconds')
  return seconds === undefined || seconds === 2_147_483_647 ? undefined : seconds
}

const terminating = (sets: KubeObject[]): number | undefined => {
  let total = 0
  for (const set of sets) {
    const count = numberAt(set, 'status', 'terminatingReplicas')
    if (count === undefined && statusNumber(set, 'observedGeneration') !== 0) return undefined
    total += count ?? 0
  }
  return total
}

/** What the ReplicaSets add up to, with the Available condition. */
export const calculated = (deployment: KubeObject, all: KubeObject[], fresh: KubeObject | undefined, now: number): JsonMap => {
  const available = sum(all, (set) => statusNumber(set, 'availableReplicas'))
  const enough = available >= replicasOf(deployment) - maxUnavailable(deployment)
  const condition = enough
    ? deploymentCondition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', now)
    : deploymentCondition('Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.', now)
  const counts = counters(
    {
      observedGeneration: generationOf(deployment),
      replicas: sum(all, (set) => statusNumber(set, 'replicas')),
      updatedReplicas: fresh ? statusNumber(fresh, 'replicas') : 0,
      readyReplicas: sum(all, (set) => statusNumber(set, 'readyReplicas')),
      availableReplicas: available,
      unavailableReplicas: Math.max(sum(all, replicasOf) - available, 0),
      terminatingReplicas: terminating(all),
      collisionCount: numberAt(deployment, 'status', 'collisionCount'),
    },
    ['terminatingReplicas'],
  )
  return { ...counts, conditions: withCondition(mapsAt(deployment, 'status', 'conditions'), condition) }
}

const count = (status: JsonMap, field: string): number => numberAt(status, field) ?? 0

export const isComplete = (deployment: KubeObject, status: JsonMap): boolean =>
  ['updatedReplicas', 'replicas', 'availableReplicas'].every((field) => count(status, field) === replicasOf(deployment)) && count(status, 'observedGeneration') >= generationOf(deployment)

const hasProgressed = (before: JsonMap, after: JsonMap): boolean =>
  count(after, 'updatedReplicas') > count(before, 'updatedReplicas') ||
  count(after, 'replicas') - count(after, 'updatedReplicas') < count(before, 'replicas') - count(before, 'updatedReplicas') ||
  count(after, 'readyReplicas') > count(before, 'readyReplicas') ||
  count(after, 'availableReplicas') > count(before, 'availableReplicas')

const hasTimedOut = (deployment: KubeObject, status: JsonMap, now: number): boolean => {
  const condition = conditionOf(status, 'Progressing')
  const deadline = deadlineOf(deployment)
  if (!condition || deadline === undefined || condition['reason'] === 'NewReplicaSetAvailable') return false
  return condition['reason'] === 'ProgressDeadlineExceeded' || Date.parse(textAt(condition, 'lastUpdateTime')) + deadline * 1000 < now
}

const failureOf = (all: KubeObject[], fresh: KubeObject | undefined): JsonMap | undefined => {
  const found = [...(fresh ? [fresh] : []), ...all].map((set) => conditionOf(mapAt(set, 'status'), 'ReplicaFailure')).find((condition) => condition !== undefined)
  if (!found) return undefined
  const { status = '', reason = '', message = '', lastTransitionTime = '' } = found
  return { type: 'ReplicaFailure', status, lastUpdateTime: lastTransitionTime, lastTransitionTime, reason, message }
}

/** The status during a rollout: counters, progress, time out, and the failures of ReplicaSets (deployment/progress.go, syncRolloutStatus). */
export const rolloutStatus = (deployment: KubeObject, all: KubeObject[], fresh: KubeObject | undefined, now: number): JsonMap => {
  const before = mapAt(deployment, 'status')
  const status = calculated(deployment, all, fresh, now)
  const set = (conditions: JsonMap[]): void => void (status['conditions'] = conditions)
  const conditions = (): JsonMap[] => mapsAt(status, 'conditions')
  if (deadlineOf(deployment) === undefined) set(withoutCondition(conditions(), 'Progressing'))
  const current = conditionOf(before, 'Progressing')
  const settled = count(status, 'replicas') === count(status, 'updatedReplicas') && current?.['reason'] === 'NewReplicaSetAvailable'
  const name = fresh ? `ReplicaSet ${JSON.stringify(fresh.metadata.name)}` : `Deployment ${JSON.stringify(deployment.metadata.name)}`
  if (deadlineOf(deployment) !== undefined && !settled) {
    if (isComplete(deployment, status)) set(withCondition(conditions(), deploymentCondition('Progressing', 'True', 'NewReplicaSetAvailable', `${name} has successfully progressed.`, now)))
    else if (hasProgressed(before, status)) {
      const condition = deploymentCondition('Progressing', 'True', 'ReplicaSetUpdated', `${name} is progressing.`, now)
      // The one condition that is renewed with an equal reason: its update time is the progress clock.
      if (current?.['status'] === 'True') condition['lastTransitionTime'] = current['lastTransitionTime']
      set([...withoutCondition(conditions(), 'Progressing'), condition])
    } else if (hasTimedOut(deployment, status, now)) {
      set(withCondition(conditions(), deploymentCondition('Progressing', 'False', 'ProgressDeadlineExceeded', `${name} has timed out progressing.`, now)))
    }
  }
  const failure = failureOf(all, fresh)
  set(failure ? withCondition(conditions(), failure) : withoutCondition(conditions(), 'ReplicaFailure'))
  return status
}

/** ms until a stuck rollout has to be looked at again; undefined when there is nothing to wait for. */
export const untilDeadline = (deployment: KubeObject, status: JsonMap, now: number): number | undefined => {
  const condition = conditionOf(mapAt(deployment, 'status'), 'Progressing')
  const deadline = deadlineOf(deployment)
  if (!condition || deadline === undefined || isComplete(deployment, status) || condition['reason'] === 'ProgressDeadlineExceeded') return undefined
  return Math.max(Date.parse(textAt(condition, 'lastUpdateTime')) + deadline * 1000 - now, 0) + 1000
}

export const sameStatus = (deployment: KubeObject, status: JsonMap): boolean => same(mapAt(deployment, 'status'), status)
