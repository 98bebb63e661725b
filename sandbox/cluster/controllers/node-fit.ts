import { at, listAt, mapsAt, textAt, textsAt, type JsonMap } from '../json.ts'
import { labelsOf, type KubeObject } from '../object.ts'

// Which node a pod may run on: selector, required node affinity, taints (k8s.io/component-helpers v0.36.1 scheduling/corev1).

export const isNodeReady = (node: KubeObject): boolean => mapsAt(node, 'status', 'conditions').some((condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True')

export interface Taint {
  key: string
  value: string
  effect: string
}

/** Its taints, with those that a cloudless control plane would add: a node that is not ready takes no pods. */
export const taintsOf = (node: KubeObject): Taint[] => {
  const taints = mapsAt(node, 'spec', 'taints').map((taint) => ({ key: textAt(taint, 'key'), value: textAt(taint, 'value'), effect: textAt(taint, 'effect') }))
  if (!isNodeReady(node)) taints.push({ key: 'node.kubernetes.io/not-ready', value: '', effect: 'NoSchedule' })
  return taints
}

export const cordoned: Taint = { key: 'node.kubernetes.io/unschedulable', value: '', effect: 'NoSchedule' }

export const tolerates = (spec: JsonMap, taint: Taint): boolean =>
  mapsAt(spec, 'tolerations').some((toleration) => {
    const key = textAt(toleration, 'key')
    const effect = textAt(toleration, 'effect')
    if (effect !== '' && effect !== taint.effect) return false
    if (textAt(toleration, 'operator') === 'Exists') return key === '' || key === taint.key
    return key === taint.key && textAt(toleration, 'value') === taint.value
  })

const holds = (requirement: JsonMap, values: Readonly<Record<string, string>>): boolean => {
  const actual = values[textAt(requirement, 'key')]
  const wanted = listAt(requirement, 'values').filter((value) => typeof value === 'string')
  switch (textAt(requirement, 'operator')) {
    case 'In':
      return actual !== undefined && wanted.includes(actual)
    case 'NotIn':
      return actual === undefined || !wanted.includes(actual)
    case 'Exists':
      return actual !== undefined
    case 'DoesNotExist':
      return actual === undefined
    case 'Gt':
      return actual !== undefined && Number(actual) > Number(wanted[0])
    case 'Lt':
      return actual !== undefined && Number(actual) < Number(wanted[0])
    default:
      return false
  }
}

const required = ['affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms']

/** The nodes that the affinity names outright (a DaemonSet's pods), else undefined. */
export const namedNodes = (spec: JsonMap): string[] | undefined => {
  const fields = mapsAt(spec, ...required).flatMap((term) => mapsAt(term, 'matchFields'))
  return fields.length === 0 ? undefined : fields.flatMap((field) => listAt(field, 'values').filter((value) => typeof value === 'string'))
}

/** Whether selector and required affinity of a pod's spec let it run there. */
export const matchesNode = (spec: JsonMap, node: KubeObject): boolean => {
  const labels = labelsOf(node)
  if (!Object.entries(textsAt(spec, 'nodeSelector')).every(([key, value]) => labels[key] === value)) return false
  if (at(spec, ...required) === undefined) return true
  const fields = { 'metadata.name': node.metadata.name }
  // One term of many is enough; a term without anything matches nothing.
  return mapsAt(spec, ...required).some((term) => {
    const [expressions, names] = [mapsAt(term, 'matchExpressions'), mapsAt(term, 'matchFields')]
    return expressions.length + names.length > 0 && expressions.every((each) => holds(each, labels)) && names.every((each) => holds(each, fields))
  })
}
