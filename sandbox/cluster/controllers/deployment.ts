import { Failure } from '../failure.ts'
import { templateHash } from '../hash.ts'
import { at, canonical, copy, mapAt, mapsAt, numberAt, same, textAt, type JsonMap } from '../json.ts'
import { annotationsOf, controllerOf, controllerReference, deletedAt, generationOf, namespaceOf, type KubeObject } from '../object.ts'
import { resourceNamed } from '../resources.ts'
import { conditionOf, withCondition } from './conditions.ts'
import { keyOf, manager, ownedBy, splitKey, type Controller, type ControllerContext } from './context.ts'
import { calculated, deadlineOf, deploymentCondition, isComplete, rolloutStatus, sameStatus, untilDeadline } from './deployment-status.ts'
import { desiredAnnotation, isRolling, maxAnnotation, maxSurge, maxUnavailable, newSize, proportion, replicasOf, statusNumber, sum } from './rollout-sizes.ts'

// A port of k8s.io/kubernetes v1.36.1 pkg/controller/deployment: sync.go, rolling.go, recreate.go.

const deployments = resourceNamed('deployments.apps')
const replicaSets = resourceNamed('replicasets.apps')
const revisionAnnotation = 'deployment.kubernetes.io/revision'
const historyAnnotation = 'deployment.kubernetes.io/revision-history'
const hashLabel = 'pod-template-hash'
const notCopied = new Set(['kubectl.kubernetes.io/last-applied-configuration', revisionAnnotation, historyAnnotation, desiredAnnotation, maxAnnotation, 'deprecated.deployment.rollback.to'])

const templateOf = (object: KubeObject): JsonMap => {
  const template = copy(mapAt(object, 'spec', 'template'))
  const labels = mapAt(template, 'metadata', 'labels')
  delete labels[hashLabel]
  return template
}

const byCreation = (left: KubeObject, right: KubeObject): number => {
  const [a, b] = [left, right].map((set) => `${set.metadata.creationTimestamp} ${set.metadata.name}`)
  return (a ?? '') < (b ?? '') ? -1 : 1
}

const revisionOf = (object: KubeObject): number => Number(annotationsOf(object)[revisionAnnotation] ?? '0') || 0
const isActive = (set: KubeObject): boolean => replicasOf(set) > 0

export const createDeploymentController = (context: ControllerContext): Controller => {
  const { api, store, queue, now } = context
  const recorder = context.recorder('deployment-controller')
  const status = { manager, subresource: 'status' } as const

  /** Writes the status over the version this sync began with: a second write in one sync meets a conflict and is tried again, as with the real one. */
  const writeStatus = (deployment: KubeObject): void => void api.update(deployments, namespaceOf(deployment), deployment.metadata.name, deployment, status)

  const updateSet = (set: KubeObject): KubeObject => api.update(replicaSets, namespaceOf(set), set.metadata.name, set, { manager })

  const annotate = (deployment: KubeObject, set: KubeObject, revision: number, exists: boolean): boolean => {
    const annotations = annotationsOf(set)
    const before = { ...annotations }
    for (const [key, value] of Object.entries(annotationsOf(deployment))) if (!notCopied.has(key)) annotations[key] = value
    const old = annotations[revisionAnnotation]
    if ((Number(old ?? '0') || 0) < revision) {
      annotations[revisionAnnotation] = String(revision)
      // Rolled back to: the numbers it had are kept for history.
      if (old !== undefined) annotations[historyAnnotation] = [...(annotations[historyAnnotation]?.split(',') ?? []), old].join(',').slice(-2000)
    }
    if (!exists) {
      annotations[desiredAnnotation] = String(replicasOf(deployment))
      annotations[maxAnnotation] = String(replicasOf(deployment) + maxSurge(deployment))
    }
    set.metadata['annotations'] = annotations
    return !same(before, annotations)
  }

  const setRevision = (deployment: KubeObject, revision: string): boolean => {
    const annotations = annotationsOf(deployment)
    if (annotations[revisionAnnotation] === revision) return false
    deployment.metadata['annotations'] = { ...annotations, [revisionAnnotation]: revision }
    return true
  }

  const setCondition = (deployment: KubeObject, condition: JsonMap): void => {
    deployment['status'] = { ...mapAt(deployment, 'status'), conditions: withCondition(mapsAt(deployment, 'status', 'conditions'), condition) }
  }

  const createSet = (deployment: KubeObject, old: KubeObject[], revision: number): KubeObject => {
    const collisions = numberAt(deployment, 'status', 'collisionCount')
    const template = templateOf(deployment)
    const hash = templateHash(`${canonical(template)}${collisions ?? ''}`)
    const labels = { ...mapAt(template, 'metadata', 'labels'), [hashLabel]: hash }
    const selector = mapAt(deployment, 'spec', 'selector')
    const minReady = numberAt(deployment, 'spec', 'minReadySeconds')
    const replicas = newSize(deployment, old, 0)
    const body: KubeObject = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: `${deployment.metadata.name}-${hash}`, uid: '', resourceVersion: '', creationTimestamp: '', labels, ownerReferences: [controllerReference(deployment)] },
      spec: {
        replicas,
        ...(minReady !== undefined && minReady > 0 && { minReadySeconds: minReady }),
        selector: { ...selector, matchLabels: { ...mapAt(selector, 'matchLabels'), [hashLabel]: hash } },
        template: { ...template, metadata: { ...mapAt(template, 'metadata'), labels } },
      },
    }
    annotate(deployment, body, revision, false)
    const { name } = body.metadata
    const namespace = namespaceOf(deployment)
    let created: KubeObject
    let existed = false
    try {
      created = api.create(replicaSets, namespace, body, { manager })
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      const present = error.reason === 'AlreadyExists' ? store.get(replicaSets.key, namespace, name) : undefined
      if (present && controllerOf(present)?.uid === deployment.metadata.uid && same(templateOf(present), template)) {
        created = present
        existed = true
      } else {
        if (error.reason === 'AlreadyExists') deployment['status'] = { ...mapAt(deployment, 'status'), collisionCount: (collisions ?? 0) + 1 }
        else {
          const message = `Failed to create new replica set ${JSON.stringify(name)}: ${error.message}`
          if (deadlineOf(deployment) !== undefined) setCondition(deployment, deploymentCondition('Progressing', 'False', 'ReplicaSetCreateError', message, now()))
          recorder.event(deployment, 'Warning', 'ReplicaSetCreateError', message)
        }
        writeStatus(deployment)
        throw error
      }
    }
    if (!existed && replicas > 0) recorder.event(deployment, 'Normal', 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${replicas}`)
    const revised = setRevision(deployment, String(revision))
    if (!existed && deadlineOf(deployment) !== undefined) setCondition(deployment, deploymentCondition('Progressing', 'True', 'NewReplicaSetCreated', `Created new replica set ${JSON.stringify(name)}`, now()))
    if (revised || !existed) writeStatus(deployment)
    return created
  }

  const setsOf = (deployment: KubeObject, sets: KubeObject[], create: boolean): { fresh: KubeObject | undefined; old: KubeObject[] } => {
    const template = templateOf(deployment)
    const existing = [...sets].sort(byCreation).find((set) => same(templateOf(set), template))
    const old = sets.filter((set) => set !== existing)
    const revision = Math.max(0, ...old.map(revisionOf)) + 1
    if (!existing) return { fresh: create ? createSet(deployment, old, revision) : undefined, old }
    const fresh = copy<KubeObject>(existing)
    const changed = annotate(deployment, fresh, revision, true)
    const minReady = numberAt(deployment, 'spec', 'minReadySeconds') ?? 0
    if (changed || (numberAt(fresh, 'spec', 'minReadySeconds') ?? 0) !== minReady) {
      mapAt(fresh, 'spec')['minReadySeconds'] = minReady === 0 ? undefined : minReady
      return { fresh: updateSet(fresh), old }
    }
    let needed = setRevision(deployment, annotationsOf(fresh)[revisionAnnotation] ?? '')
    if (deadlineOf(deployment) !== undefined && !conditionOf(mapAt(deployment, 'status'), 'Progressing')) {
      setCondition(deployment, deploymentCondition('Progressing', 'True', 'FoundNewReplicaSet', `Found new replica set ${JSON.stringify(fresh.metadata.name)}`, now()))
      needed = true
    }
    if (needed) writeStatus(deployment)
    return { fresh, old }
  }

  const resize = (set: KubeObject, size: number, deployment: KubeObject, forced = false): KubeObject | undefined => {
    const before = replicasOf(set)
    if (!forced && before === size) return undefined
    const next = copy<KubeObject>(set)
    mapAt(next, 'spec')['replicas'] = size
    next.metadata['annotations'] = { ...annotationsOf(set), [desiredAnnotation]: String(replicasOf(deployment)), [maxAnnotation]: String(replicasOf(deployment) + maxSurge(deployment)) }
    if (same(next, set)) return undefined
    const stored = updateSet(next)
    if (before === size) return undefined
    recorder.event(deployment, 'Normal', 'ScalingReplicaSet', `Scaled ${before < size ? 'up' : 'down'} replica set ${set.metadata.name} from ${before} to ${size}`)
    return stored
  }

  const cleanUp = (deployment: KubeObject, old: KubeObject[]): void => {
    const limit = numberAt(deployment, 'spec', 'revisionHistoryLimit')
    if (limit === undefined || limit === 2_147_483_647) return
    const alive = old.filter((set) => deletedAt(set) === '').sort((left, right) => revisionOf(left) - revisionOf(right))
    for (const set of alive.slice(0, Math.max(alive.length - limit, 0))) {
      if (statusNumber(set, 'replicas') !== 0 || replicasOf(set) !== 0 || generationOf(set) > statusNumber(set, 'observedGeneration')) continue
      api.remove(replicaSets, namespaceOf(set), set.metadata.name, {})
    }
  }

  const syncRollout = (deployment: KubeObject, key: string, all: KubeObject[], fresh: KubeObject | undefined): void => {
    const next = rolloutStatus(deployment, all, fresh, now())
    if (!sameStatus(deployment, next)) {
      writeStatus({ ...deployment, status: next })
      return
    }
    const wait = untilDeadline(deployment, next, now())
    if (wait !== undefined) worker.addAfter(key, wait)
  }

  const reconcileOld = (deployment: KubeObject, fresh: KubeObject, old: KubeObject[]): boolean => {
    let sets = old.filter(isActive).sort(byCreation)
    if (sets.length === 0) return false
    const least = replicasOf(deployment) - maxUnavailable(deployment)
    const missing = replicasOf(fresh) - statusNumber(fresh, 'availableReplicas')
    const most = sum([...old, fresh], replicasOf) - least - missing
    if (most <= 0) return false
    // Unhealthy ones first: they would block the rollout and cost no availability.
    let cleaned = 0
    sets = sets.map((set) => {
      const unhealthy = replicasOf(set) - statusNumber(set, 'availableReplicas')
      if (cleaned >= most || unhealthy <= 0) return set
      const down = Math.min(most - cleaned, unhealthy)
      cleaned += down
      return resize(set, replicasOf(set) - down, deployment) ?? set
    })
    const spare = sum([...sets, fresh], (set) => statusNumber(set, 'availableReplicas')) - least
    let removed = 0
    for (const set of sets) {
      if (removed >= spare || replicasOf(set) === 0) continue
      const down = Math.min(replicasOf(set), spare - removed)
      removed += down
      resize(set, replicasOf(set) - down, deployment)
    }
    return cleaned + removed > 0
  }

  const rollingUpdate = (deployment: KubeObject, key: string, sets: KubeObject[]): void => {
    const { fresh, old } = setsOf(deployment, sets, true)
    if (!fresh) return
    const all = [...old, fresh]
    const wanted = replicasOf(fresh) > replicasOf(deployment) ? replicasOf(deployment) : newSize(deployment, all, replicasOf(fresh))
    const moved = replicasOf(fresh) !== replicasOf(deployment) && resize(fresh, wanted, deployment) !== undefined
    if (!moved && !reconcileOld(deployment, fresh, old) && isComplete(deployment, mapAt(deployment, 'status'))) cleanUp(deployment, old)
    syncRollout(deployment, key, all, fresh)
  }

  const recreate = (deployment: KubeObject, key: string, sets: KubeObject[]): void => {
    let { fresh, old } = setsOf(deployment, sets, false)
    const shrunk = old.filter(isActive).map((set) => resize(set, 0, deployment))
    const running =
      sum(old, (set) => statusNumber(set, 'replicas')) > 0 ||
      old.some((set) => store.list('pods', namespaceOf(set)).some((pod) => controllerOf(pod)?.uid === set.metadata.uid && !['Failed', 'Succeeded'].includes(textAt(pod, 'status', 'phase'))))
    if (shrunk.some((set) => set !== undefined) || running) {
      syncRollout(deployment, key, fresh ? [...old, fresh] : old, fresh)
      return
    }
    if (!fresh) ({ fresh, old } = setsOf(deployment, sets, true))
    if (!fresh) return
    resize(fresh, replicasOf(deployment), deployment)
    if (isComplete(deployment, mapAt(deployment, 'status'))) cleanUp(deployment, old)
    syncRollout(deployment, key, [...old, fresh], fresh)
  }

  const scale = (deployment: KubeObject, fresh: KubeObject | undefined, old: KubeObject[]): void => {
    const all = [...old, ...(fresh ? [fresh] : [])]
    const active = all.filter(isActive)
    const only = active.length > 1 ? undefined : (active[0] ?? fresh ?? [...old].sort(byCreation).at(-1))
    if (only) {
      resize(only, replicasOf(deployment), deployment)
      return
    }
    const saturated =
      fresh !== undefined &&
      replicasOf(fresh) === replicasOf(deployment) &&
      Number(annotationsOf(fresh)[desiredAnnotation] ?? 'NaN') === replicasOf(deployment) &&
      statusNumber(fresh, 'availableReplicas') === replicasOf(deployment)
    if (saturated) {
      for (const set of old.filter(isActive)) resize(set, 0, deployment)
      return
    }
    if (!isRolling(deployment) || active.length === 0) return
    const allowed = replicasOf(deployment) > 0 ? replicasOf(deployment) + maxSurge(deployment) : 0
    const toAdd = allowed - sum(active, replicasOf)
    // Larger first; among equals newer when growing, older when shrinking.
    active.sort((left, right) => replicasOf(right) - replicasOf(left) || (toAdd > 0 ? byCreation(right, left) : byCreation(left, right)))
    let added = 0
    const sizes = active.map((set) => {
      const share = proportion(set, deployment, toAdd, added)
      added += share
      return replicasOf(set) + share
    })
    for (const [index, set] of active.entries()) resize(set, Math.max((sizes[index] ?? 0) + (index === 0 ? toAdd - added : 0), 0), deployment, true)
  }

  const scaleOnly = (deployment: KubeObject, sets: KubeObject[]): void => {
    const { fresh, old } = setsOf(deployment, sets, false)
    if (deletedAt(deployment) === '') {
      scale(deployment, fresh, old)
      if (at(deployment, 'spec', 'paused') === true) cleanUp(deployment, old)
    }
    const next = calculated(deployment, [...old, ...(fresh ? [fresh] : [])], fresh, now())
    if (!sameStatus(deployment, next)) writeStatus({ ...deployment, status: next })
  }

  const markPaused = (deployment: KubeObject): void => {
    const condition = conditionOf(mapAt(deployment, 'status'), 'Progressing')
    if (deadlineOf(deployment) === undefined || condition?.['reason'] === 'ProgressDeadlineExceeded') return
    const paused = at(deployment, 'spec', 'paused') === true
    const marked = condition?.['reason'] === 'DeploymentPaused'
    if (paused === marked) return
    setCondition(deployment, deploymentCondition('Progressing', 'Unknown', paused ? 'DeploymentPaused' : 'DeploymentResumed', `Deployment is ${paused ? 'paused' : 'resumed'}`, now()))
    writeStatus(deployment)
  }

  const worker = queue.controller('deployment', (key) => {
    const found = store.get(deployments.key, ...splitKey(key))
    if (!found) return
    const deployment = copy<KubeObject>(found)
    const sets = ownedBy(store, replicaSets.key, deployment)
    if (deletedAt(deployment) !== '') {
      scaleOnly(deployment, sets)
      return
    }
    markPaused(deployment)
    if (at(deployment, 'spec', 'paused') === true) {
      scaleOnly(deployment, sets)
      return
    }
    const { fresh, old } = setsOf(deployment, sets, false)
    const rescaled = [...old, ...(fresh ? [fresh] : [])].filter(isActive).some((set) => {
      const desired = annotationsOf(set)[desiredAnnotation]
      return desired !== undefined && Number(desired) !== replicasOf(deployment)
    })
    if (rescaled) scaleOnly(deployment, sets)
    else if (isRolling(deployment)) rollingUpdate(deployment, key, sets)
    else recreate(deployment, key, sets)
  })

  const ownerKey = (object: KubeObject): string | undefined => {
    const owner = controllerOf(object)
    return owner?.kind === 'Deployment' ? `${namespaceOf(object)}/${owner.name}` : undefined
  }

  return {
    changed: ({ resource, type, object }) => {
      if (resource === deployments.key && type !== 'DELETED') worker.add(keyOf(object))
      if (resource === replicaSets.key) {
        const key = ownerKey(object)
        if (key !== undefined) worker.add(key)
      }
      if (resource === 'pods' && type === 'DELETED') {
        const owner = controllerOf(object)
        const set = owner?.kind === 'ReplicaSet' ? store.get(replicaSets.key, namespaceOf(object), owner.name) : undefined
        const key = set && ownerKey(set)
        // Only "Recreate" waits for pods to be gone.
        const deployment = key === undefined ? undefined : store.get(deployments.key, ...splitKey(key))
        if (key !== undefined && deployment && !isRolling(deployment)) worker.add(key)
      }
    },
  }
}
