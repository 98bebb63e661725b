import { Failure } from '../failure.ts'
import { labelSelector } from '../fields/selectors.ts'
import { copy, mapAt, mapsAt, numberAt, same, textsAt, type JsonMap } from '../json.ts'
import { controllerOf, controllerReference, deletedAt, generationOf, labelsOf, namespaceOf, timestamp, type KubeObject } from '../object.ts'
import { resourceNamed } from '../resources.ts'
import { conditionOf, counters, withCondition, withoutCondition } from './conditions.ts'
import { keyOf, manager, ownedBy, splitKey, type Controller, type ControllerContext } from './context.ts'
import { deletionOrder, isAvailable, isEnding, isLive, isReady, nodeOf, readySince } from './pod-order.ts'

// A port of k8s.io/kubernetes v1.36.1 pkg/controller/replicaset.

const replicaSets = resourceNamed('replicasets.apps')
const pods = resourceNamed('pods')
const burst = 500

/** Whether the namespace is going: then creating fails for good and nothing is said. */
export const namespaceGone = (failure: Failure): boolean => mapsAt(failure.details, 'causes').some((cause) => cause['reason'] === 'NamespaceTerminating')

/** The pod a template makes. */
export const podFrom = (owner: KubeObject): JsonMap => {
  const template = copy(mapAt(owner, 'spec', 'template'))
  const metadata = mapAt(template, 'metadata')
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${owner.metadata.name}-`,
      ...(metadata['labels'] !== undefined && { labels: metadata['labels'] }),
      ...(metadata['annotations'] !== undefined && { annotations: metadata['annotations'] }),
      ...(metadata['finalizers'] !== undefined && { finalizers: metadata['finalizers'] }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: mapAt(template, 'spec'),
  }
}

export const createReplicaSetController = (context: ControllerContext): Controller => {
  const { api, store, queue, now } = context
  const recorder = context.recorder('replicaset-controller')

  const createPods = (set: KubeObject, count: number): Failure | undefined => {
    // Slow start: one, then two, then four … so that a full quota is met once, not `count` times.
    for (let batch = 1, left = count; left > 0; batch *= 2) {
      let failure: Failure | undefined
      for (let index = 0; index < Math.min(batch, left); index += 1) {
        try {
          const pod = api.create(pods, namespaceOf(set), podFrom(set), { manager })
          recorder.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`)
        } catch (error) {
          if (!(error instanceof Failure)) throw error
          if (namespaceGone(error)) return undefined
          recorder.event(set, 'Warning', 'FailedCreate', `Error creating: ${error.message}`)
          failure = error
        }
      }
      if (failure) return failure
      left -= Math.min(batch, left)
    }
    return undefined
  }

  const deletePods = (set: KubeObject, live: KubeObject[], count: number): void => {
    const related = store.list('pods', namespaceOf(set)).filter((pod) => isReady(pod) && controllerOf(pod)?.uid === set.metadata.uid)
    const readyOnNode = (pod: KubeObject): number => related.filter((other) => nodeOf(other) === nodeOf(pod)).length
    const order = count < live.length ? [...live].sort(deletionOrder(now(), readyOnNode)) : live
    for (const pod of order.slice(0, count)) {
      api.remove(pods, namespaceOf(pod), pod.metadata.name, {})
      recorder.event(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)
    }
  }

  const statusOf = (set: KubeObject, live: KubeObject[], ending: KubeObject[], failure: Failure | undefined, at: number): JsonMap => {
    const minReady = numberAt(set, 'spec', 'minReadySeconds') ?? 0
    const wanted = Object.entries(textsAt(set, 'spec', 'template', 'metadata', 'labels')).map(([key, value]) => `${key}=${value}`)
    const labelled = labelSelector(wanted.join(','))
    const before = mapAt(set, 'status')
    const conditions = mapsAt(before, 'conditions')
    const failed = conditionOf(before, 'ReplicaFailure')
    let next = conditions
    if (failure && !failed) {
      const reason = live.length < (numberAt(set, 'spec', 'replicas') ?? 0) ? 'FailedCreate' : 'FailedDelete'
      next = withCondition(conditions, { type: 'ReplicaFailure', status: 'True', lastTransitionTime: timestamp(at), reason, message: failure.message })
    } else if (!failure && failed) next = withoutCondition(conditions, 'ReplicaFailure')
    const counts = counters(
      {
        replicas: live.length,
        fullyLabeledReplicas: live.filter((pod) => labelled(labelsOf(pod))).length,
        readyReplicas: live.filter(isReady).length,
        availableReplicas: live.filter((pod) => isAvailable(pod, minReady, at)).length,
        terminatingReplicas: ending.length,
        observedGeneration: generationOf(set),
      },
      ['replicas', 'terminatingReplicas'],
    )
    return { ...counts, ...(next.length > 0 && { conditions: next }) }
  }

  const worker = queue.controller('replicaset', (key) => {
    const set = store.get(replicaSets.key, ...splitKey(key))
    if (!set) return
    const owned = ownedBy(store, 'pods', set)
    const live = owned.filter(isLive)
    const missing = (numberAt(set, 'spec', 'replicas') ?? 0) - live.length
    let failure: Failure | undefined
    if (deletedAt(set) === '') {
      if (missing > 0) failure = createPods(set, Math.min(missing, burst))
      else if (missing < 0) deletePods(set, live, Math.min(-missing, burst))
    }
    // One moment for the status and for the next look: a pod that became available in between would be seen by neither.
    const at = now()
    const status = statusOf(set, live, owned.filter(isEnding), failure, at)
    if (!same(mapAt(set, 'status'), status)) api.update(replicaSets, namespaceOf(set), set.metadata.name, { ...set, status }, { manager, subresource: 'status' })
    if (failure) throw failure
    const minReady = numberAt(set, 'spec', 'minReadySeconds') ?? 0
    const next = live.filter((pod) => isReady(pod) && !isAvailable(pod, minReady, at)).map((pod) => readySince(pod) + minReady * 1000 - at)
    if (next.length > 0) worker.addAfter(key, Math.max(Math.min(...next), 1))
  })

  return {
    changed: ({ resource, type, object }) => {
      if (resource === replicaSets.key && type !== 'DELETED') worker.add(keyOf(object))
      const owner = resource === 'pods' ? controllerOf(object) : undefined
      if (owner?.kind === 'ReplicaSet') worker.add(`${namespaceOf(object)}/${owner.name}`)
    },
  }
}

