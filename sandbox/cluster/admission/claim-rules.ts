import type { FieldProblem } from '../failure.ts'
import { at, listAt, mapAt, same, textAt, type JsonMap } from '../json.ts'
import { forbiddenField, invalidValue, nameProblems, required, unsupported } from './pod-rules.ts'
import { quantity } from './quantity.ts'

// Wording: k8s.io/kubernetes v1.36.1 pkg/apis/core/validation.

/** Keeps a claim while a pod uses it. */
export const protection = 'kubernetes.io/pvc-protection'

const modes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

/** A PersistentVolumeClaim's spec. */
export const claimProblems = (spec: JsonMap): FieldProblem[] => {
  const problems: FieldProblem[] = []
  const asked = listAt(spec, 'accessModes').filter((mode) => typeof mode === 'string')
  if (asked.length === 0) problems.push(required('spec.accessModes', 'at least 1 access mode is required'))
  for (const mode of asked) if (!modes.includes(mode)) problems.push(unsupported('spec.accessModes', mode, modes))
  if (asked.includes('ReadWriteOncePod') && asked.length > 1) problems.push(forbiddenField('spec.accessModes', 'may not use ReadWriteOncePod with other access modes'))
  const storage = at(spec, 'resources', 'requests', 'storage')
  if (storage === undefined) problems.push(required('spec.resources[storage]'))
  else if ((typeof storage === 'string' ? (quantity(storage) ?? 0) : 0) <= 0) problems.push(invalidValue('spec.resources[storage]', storage, 'must be greater than zero'))
  const name = textAt(spec, 'storageClassName')
  return name === '' ? problems : [...problems, ...nameProblems('subdomain', 'spec.storageClassName', name)]
}

/** What may change of a claim: the volume once, more storage once it is bound. */
export const claimChange = (before: JsonMap, after: JsonMap): FieldProblem[] => {
  const bound = textAt(before, 'status', 'phase') === 'Bound'
  const fixed = (claim: JsonMap): JsonMap => ({
    ...mapAt(claim, 'spec'),
    ...(textAt(before, 'spec', 'volumeName') === '' && { volumeName: '' }),
    ...(bound && { resources: {} }),
  })
  const size = (claim: JsonMap): number => quantity(textAt(claim, 'spec', 'resources', 'requests', 'storage')) ?? 0
  const problems = same(fixed(before), fixed(after)) ? [] : [forbiddenField('spec', 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims')]
  if (size(after) < size(before)) problems.push(forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity'))
  return problems
}
