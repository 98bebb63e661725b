import type { FieldProblem } from '../failure.ts'
import { mapsAt, numberAt, textAt, type JsonMap } from '../json.ts'
import { forbiddenField, invalidValue, required } from './pod-rules.ts'

// Wording: k8s.io/kubernetes v1.36.1 pkg/apis/autoscaling/validation.

export const autoscalerProblems = (spec: JsonMap): FieldProblem[] => {
  const problems: FieldProblem[] = []
  const least = numberAt(spec, 'minReplicas') ?? 1
  const most = numberAt(spec, 'maxReplicas') ?? 0
  if (least < 1) problems.push(invalidValue('spec.minReplicas', least, 'must be greater than or equal to 1'))
  if (most === 0) problems.push(required('spec.maxReplicas', 'must be set and greater than 0'))
  else if (most < 0) problems.push(invalidValue('spec.maxReplicas', most, 'must be greater than or equal to 1'))
  if (most < least) problems.push(invalidValue('spec.maxReplicas', most, 'must be greater than or equal to `minReplicas`'))
  for (const field of ['kind', 'name']) if (textAt(spec, 'scaleTargetRef', field) === '') problems.push(required(`spec.scaleTargetRef.${field}`))
  const version = textAt(spec, 'scaleTargetRef', 'apiVersion')
  if (!version.includes('/')) problems.push(invalidValue('spec.scaleTargetRef.apiVersion', version, 'apiVersion must specify API group'))
  for (const [index, metric] of mapsAt(spec, 'metrics').entries()) {
    const path = `spec.metrics[${index}]`
    const type = textAt(metric, 'type')
    const target = mapsAt([metric['resource'] ?? {}])[0]
    if (type === '') problems.push(required(`${path}.type`, 'must specify a metric source type'))
    if (type !== 'Resource') continue
    if (textAt(target, 'name') === '') problems.push(required(`${path}.resource.name`, 'must specify a resource name'))
    const share = numberAt(target, 'target', 'averageUtilization')
    if (share !== undefined && share < 1) problems.push(invalidValue(`${path}.resource.target.averageUtilization`, share, 'must be greater than 0'))
  }
  const external = mapsAt(spec, 'metrics').some((metric) => ['Object', 'External'].includes(textAt(metric, 'type')))
  if (least === 0 && !external) problems.push(forbiddenField('spec.metrics', 'must specify at least one Object or External metric to support scaling to zero replicas'))
  return problems
}
