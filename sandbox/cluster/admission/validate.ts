import type { FieldProblem } from '../failure.ts'
import { at, mapAt, mapsAt, numberAt, same, textAt, textsAt, type Json, type JsonMap } from '../json.ts'
import { annotationsOf } from '../object.ts'
import type { Resource } from '../resources.ts'
import { autoscalerProblems } from './autoscaler-rules.ts'
import { claimChange, claimProblems } from './claim-rules.ts'
import { ingressProblems } from './ingress-rules.ts'
import { forbiddenField, invalidValue, labelProblems, nameProblems, podSpecProblems, required } from './pod-rules.ts'
import { cronJobProblems, daemonSetProblems, deploymentProblems, jobProblems, replicaSetProblems } from './workload-rules.ts'

/** 1 MiB: core.MaxSecretSize. */
export const secretLimit = 1_048_576

const nameKinds: Record<string, 'label'> = { namespaces: 'label', services: 'label' }
/** These allow colons and more (path segments). */
const freelyNamed = new Set(['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'])

const metadataProblems = (resource: Resource, object: JsonMap): FieldProblem[] => {
  const name = textAt(object, 'metadata', 'name')
  const problems = freelyNamed.has(resource.plural) ? [] : nameProblems(nameKinds[resource.key] ?? 'subdomain', 'metadata.name', name)
  problems.push(...labelProblems('metadata.labels', mapAt(object, 'metadata', 'labels')))
  const size = Object.entries(annotationsOf(object)).reduce((sum, [key, value]) => sum + key.length + value.length, 0)
  if (size > 262_144) problems.push({ kind: 'tooLong', field: 'metadata.annotations', body: 'Too long: may not be more than 262144 bytes' })
  return problems
}

const dataProblems = (object: JsonMap): FieldProblem[] => {
  const problems: FieldProblem[] = []
  let size = 0
  for (const [key, value] of [...Object.entries(textsAt(object, 'data')), ...Object.entries(textsAt(object, 'binaryData'))]) {
    if (!/^[-._a-zA-Z0-9]+$/.test(key)) problems.push(invalidValue(`data[${key}]`, key, "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"))
    size += textAt(object, 'kind') === 'Secret' ? Buffer.byteLength(value, 'base64') : Buffer.byteLength(value)
  }
  if (size > secretLimit) problems.push({ kind: 'tooLong', field: 'data', body: `Too long: may not be more than ${secretLimit} bytes` })
  return problems
}

const serviceProblems = (spec: JsonMap): FieldProblem[] => {
  const problems: FieldProblem[] = []
  const ports = mapsAt(spec, 'ports')
  if (ports.length === 0 && textAt(spec, 'type') !== 'ExternalName' && textAt(spec, 'clusterIP') !== 'None') problems.push(required('spec.ports'))
  for (const [index, port] of ports.entries()) {
    const value = numberAt(port, 'port') ?? 0
    if (value < 1 || value > 65_535) problems.push(invalidValue(`spec.ports[${index}].port`, value, 'must be between 1 and 65535, inclusive'))
    if (ports.length > 1 && textAt(port, 'name') === '') problems.push(required(`spec.ports[${index}].name`))
  }
  return problems
}

/** What a Secret of a known type has to hold. */
const requiredKeys: Record<string, string[]> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
}

const bySpec: Record<string, (spec: JsonMap, object: JsonMap) => FieldProblem[]> = {
  pods: (spec) => podSpecProblems('spec', spec),
  'deployments.apps': deploymentProblems,
  'replicasets.apps': replicaSetProblems,
  'daemonsets.apps': daemonSetProblems,
  'jobs.batch': (spec) => jobProblems(spec),
  'cronjobs.batch': cronJobProblems,
  services: serviceProblems,
  'ingresses.networking.k8s.io': ingressProblems,
  'horizontalpodautoscalers.autoscaling': autoscalerProblems,
  persistentvolumeclaims: claimProblems,
  secrets: (_, object) => [...dataProblems(object), ...(requiredKeys[textAt(object, 'type')] ?? []).filter((key) => !Object.hasOwn(mapAt(object, 'data'), key)).map((key) => required(`data[${key}]`))],
  configmaps: (_, object) => dataProblems(object),
}

const changed = (field: string, before: Json | undefined, after: Json | undefined): FieldProblem[] => (same(before, after) ? [] : [invalidValue(field, after, 'field is immutable')])

const immutableData = (before: JsonMap, after: JsonMap): FieldProblem[] => {
  if (before['immutable'] !== true) return []
  const text = 'field is immutable when `immutable` is set'
  const problems = after['immutable'] === true ? [] : [forbiddenField('immutable', text)]
  for (const field of ['data', 'binaryData']) if (!same(before[field], after[field])) problems.push(forbiddenField(field, text))
  return problems
}

/** A running pod may change little: images, deadline, added tolerations, a shorter grace. */
const podChange = (before: JsonMap, after: JsonMap): FieldProblem[] => {
  const fixed = (spec: JsonMap): JsonMap => ({
    ...spec,
    activeDeadlineSeconds: undefined,
    tolerations: undefined,
    terminationGracePeriodSeconds: undefined,
    containers: mapsAt(spec, 'containers').map((item) => ({ ...item, image: '' })),
    initContainers: mapsAt(spec, 'initContainers').map((item) => ({ ...item, image: '' })),
  })
  if (same(fixed(mapAt(before, 'spec')), fixed(mapAt(after, 'spec')))) return []
  return [
    forbiddenField(
      'spec',
      'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
    ),
  ]
}

const byChange: Record<string, (before: JsonMap, after: JsonMap) => FieldProblem[]> = {
  pods: podChange,
  'deployments.apps': (before, after) => changed('spec.selector', at(before, 'spec', 'selector'), at(after, 'spec', 'selector')),
  'replicasets.apps': (before, after) => changed('spec.selector', at(before, 'spec', 'selector'), at(after, 'spec', 'selector')),
  'daemonsets.apps': (before, after) => changed('spec.selector', at(before, 'spec', 'selector'), at(after, 'spec', 'selector')),
  'jobs.batch': (before, after) => ['completions', 'selector', 'template', 'completionMode'].flatMap((field) => changed(`spec.${field}`, at(before, 'spec', field), at(after, 'spec', field))),
  secrets: (before, after) => [...changed('type', before['type'], after['type']), ...immutableData(before, after)],
  configmaps: immutableData,
  persistentvolumeclaims: claimChange,
  services: (before, after) => {
    const address = textAt(before, 'spec', 'clusterIP')
    return address === '' || textAt(after, 'spec', 'clusterIP') === address ? [] : [invalidValue('spec.clusterIPs[0]', textAt(after, 'spec', 'clusterIP'), 'may not change once set')]
  },
  'rolebindings.rbac.authorization.k8s.io': (before, after) => (same(before['roleRef'], after['roleRef']) ? [] : [invalidValue('roleRef', after['roleRef'], 'cannot change roleRef')]),
  'clusterrolebindings.rbac.authorization.k8s.io': (before, after) => (same(before['roleRef'], after['roleRef']) ? [] : [invalidValue('roleRef', after['roleRef'], 'cannot change roleRef')]),
}

/** Everything a server would refuse with 422. `before` is the live object of an update. */
export const problemsOf = (resource: Resource, object: JsonMap, before?: JsonMap): FieldProblem[] => [
  ...metadataProblems(resource, object),
  // A Deployment's selector is compared last, everything else first.
  ...(before && resource.group !== 'apps' ? (byChange[resource.key]?.(before, object) ?? []) : []),
  ...(bySpec[resource.key]?.(mapAt(object, 'spec'), object) ?? []),
  ...(before && resource.group === 'apps' ? (byChange[resource.key]?.(before, object) ?? []) : []),
]
