import { at, numberAt, textAt, type Json } from '../json.ts'
import { annotationsOf, type KubeObject } from '../object.ts'

// The arithmetic of k8s.io/kubernetes v1.36.1 pkg/controller/deployment/util.

export const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas'
export const maxAnnotation = 'deployment.kubernetes.io/max-replicas'

export const replicasOf = (object: KubeObject): number => numberAt(object, 'spec', 'replicas') ?? 0
export const statusNumber = (object: KubeObject, field: string): number => numberAt(object, 'status', field) ?? 0
export const sum = (objects: KubeObject[], value: (object: KubeObject) => number): number => objects.reduce((total, object) => total + value(object), 0)

/** `25%` of `total`, or the number itself. */
export const scaled = (value: Json | undefined, total: number, round: (value: number) => number): number =>
  typeof value === 'string' ? round((Number.parseInt(value, 10) * total) / 100) : typeof value === 'number' ? value : 0

export const isRolling = (deployment: KubeObject): boolean => textAt(deployment, 'spec', 'strategy', 'type') === 'RollingUpdate'

const fenceposts = (deployment: KubeObject): { surge: number; unavailable: number } => {
  const rolling = at(deployment, 'spec', 'strategy', 'rollingUpdate')
  const total = replicasOf(deployment)
  const surge = scaled(at(rolling, 'maxSurge'), total, Math.ceil)
  const unavailable = scaled(at(rolling, 'maxUnavailable'), total, Math.floor)
  // Rounded down to nothing on both sides, one may go missing: otherwise nothing could ever move.
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable }
}

export const maxSurge = (deployment: KubeObject): number => (isRolling(deployment) ? fenceposts(deployment).surge : 0)

export const maxUnavailable = (deployment: KubeObject): number => {
  if (!isRolling(deployment) || replicasOf(deployment) === 0) return 0
  return Math.min(fenceposts(deployment).unavailable, replicasOf(deployment))
}

/** How large the new ReplicaSet may be now. */
export const newSize = (deployment: KubeObject, all: KubeObject[], current: number): number => {
  const wanted = replicasOf(deployment)
  if (!isRolling(deployment)) return wanted
  const total = sum(all, replicasOf)
  const most = wanted + scaled(at(deployment, 'spec', 'strategy', 'rollingUpdate', 'maxSurge'), wanted, Math.ceil)
  return total >= most ? current : current + Math.min(most - total, wanted - current)
}

const fraction = (set: KubeObject, deployment: KubeObject): number => {
  if (replicasOf(deployment) === 0) return -replicasOf(set)
  const before = Number(annotationsOf(set)[maxAnnotation] ?? '') || statusNumber(deployment, 'replicas')
  if (before === 0) return 0
  return Math.round((replicasOf(set) * (replicasOf(deployment) + maxSurge(deployment))) / before) - replicasOf(set)
}

/** This ReplicaSet's share of `toAdd` (negative: to remove), `added` being given away already. */
export const proportion = (set: KubeObject, deployment: KubeObject, toAdd: number, added: number): number => {
  if (replicasOf(set) === 0 || toAdd === 0 || toAdd === added) return 0
  const share = fraction(set, deployment)
  return toAdd > 0 ? Math.min(share, toAdd - added) : Math.max(share, toAdd - added)
}
