import { objectSelector } from '../fields/selectors.ts'
import type { FieldProblem } from '../failure.ts'
import { at, listAt, mapAt, mapsAt, numberAt, same, textAt, textsAt, type Json, type JsonMap } from '../json.ts'
import { annotationsOf } from '../object.ts'
import type { Resource } from '../resources.ts'
import { parseSchedule } from '../schedule.ts'
import { forbiddenField, invalidValue, labelProblems, nameProblems, nonNegative, podSpecProblems, required, unsupported } from './pod-rules.ts'

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

const selectorProblems = (kind: string, spec: JsonMap): FieldProblem[] => {
  const selector = spec['selector']
  if (selector === undefined) return [required('spec.selector')]
  const labels = textsAt(spec, 'template', 'metadata', 'labels')
  if (Object.keys(mapAt(selector, 'matchLabels')).length + listAt(selector, 'matchExpressions').length === 0) return [invalidValue('spec.selector', selector, `empty selector is invalid for ${kind}`)]
  return objectSelector(selector)(labels) ? [] : [invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')]
}

const templateProblems = (spec: JsonMap, policies: string[], path = 'spec'): FieldProblem[] => {
  const problems = labelProblems(`${path}.template.labels`, mapAt(spec, 'template', 'metadata', 'labels'))
  problems.push(...podSpecProblems(`${path}.template.spec`, mapAt(spec, 'template', 'spec')))
  const policy = textAt(spec, 'template', 'spec', 'restartPolicy')
  if (!policies.includes(policy)) problems.push(unsupported(`${path}.template.spec.restartPolicy`, policy, policies))
  return problems
}

const jobProblems = (spec: JsonMap, path = 'spec'): FieldProblem[] => {
  const numbers = ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished']
  const problems = [...numbers.flatMap((field) => nonNegative(`${path}.${field}`, spec[field])), ...templateProblems(spec, ['Always', 'OnFailure', 'Never'], path)]
  if (textAt(spec, 'template', 'spec', 'restartPolicy') === 'Always') problems.push(required(`${path}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"'))
  return problems
}

const scheduleProblems = (spec: JsonMap): FieldProblem[] => {
  const schedule = textAt(spec, 'schedule')
  if (schedule === '') return [required('spec.schedule')]
  if (schedule.includes('TZ')) return [invalidValue('spec.schedule', schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead')]
  const zone = spec['timeZone'] === undefined ? 'UTC' : textAt(spec, 'timeZone')
  try {
    parseSchedule(schedule)
  } catch (error) {
    return [invalidValue('spec.schedule', schedule, error instanceof Error ? error.message : String(error))]
  }
  try {
    parseSchedule(schedule, zone)
  } catch (error) {
    if (zone === '') return [invalidValue('spec.timeZone', zone, 'timeZone must be nil or non-empty string')]
    return error instanceof Error ? [invalidValue('spec.timeZone', zone, `unknown time zone ${zone}`)] : []
  }
  return []
}

const policies = ['Allow', 'Forbid', 'Replace']

const cronJobProblems = (spec: JsonMap, object: JsonMap): FieldProblem[] => {
  const problems = [...scheduleProblems(spec), ...nonNegative('spec.startingDeadlineSeconds', spec['startingDeadlineSeconds'])]
  const policy = textAt(spec, 'concurrencyPolicy')
  if (!policies.includes(policy)) problems.push(unsupported('spec.concurrencyPolicy', policy, policies))
  problems.push(...jobProblems(mapAt(spec, 'jobTemplate', 'spec'), 'spec.jobTemplate.spec'))
  for (const field of ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit']) problems.push(...nonNegative(`spec.${field}`, spec[field]))
  const name = textAt(object, 'metadata', 'name')
  // A Job's name is that of its CronJob with eleven characters more.
  if (name.length > 52) problems.push(invalidValue('metadata.name', name, 'must be no more than 52 characters'))
  return problems
}

const zero = (value: Json | undefined): boolean => value === 0 || value === '0%' || value === '0'

const fencepost = (field: string, value: Json | undefined): FieldProblem[] => {
  if (typeof value === 'string' && !/^\d+%$/.test(value)) return [invalidValue(field, value, "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')")]
  return nonNegative(field, value)
}

const deploymentProblems = (spec: JsonMap): FieldProblem[] => {
  const problems = [...nonNegative('spec.replicas', spec['replicas']), ...selectorProblems('deployment', spec), ...templateProblems(spec, ['Always'])]
  const type = textAt(spec, 'strategy', 'type')
  const rolling = at(spec, 'strategy', 'rollingUpdate')
  if (!['Recreate', 'RollingUpdate'].includes(type)) {
    const printed = JSON.stringify({ Type: type, RollingUpdate: rolling ?? null })
    problems.push({ kind: 'unsupported', field: 'spec.strategy', body: `Unsupported value: ${printed}: supported values: "Recreate", "RollingUpdate"` })
  }
  if (type === 'Recreate' && rolling !== undefined) problems.push(forbiddenField('spec.strategy.rollingUpdate', "may not be specified when strategy `type` is 'Recreate'"))
  if (type === 'RollingUpdate') {
    const path = 'spec.strategy.rollingUpdate'
    const surge = at(rolling, 'maxSurge')
    const unavailable = at(rolling, 'maxUnavailable')
    problems.push(...fencepost(`${path}.maxUnavailable`, unavailable), ...fencepost(`${path}.maxSurge`, surge))
    if (typeof unavailable === 'string' && Number.parseInt(unavailable, 10) > 100) problems.push(invalidValue(`${path}.maxUnavailable`, unavailable, 'must not be greater than 100%'))
    if (zero(surge) && zero(unavailable)) problems.push(invalidValue(`${path}.maxUnavailable`, unavailable, 'may not be 0 when `maxSurge` is 0'))
  }
  for (const field of ['minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds']) problems.push(...nonNegative(`spec.${field}`, spec[field]))
  const deadline = numberAt(spec, 'progressDeadlineSeconds')
  if (deadline !== undefined && deadline <= (numberAt(spec, 'minReadySeconds') ?? 0)) problems.push(invalidValue('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'))
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
  'replicasets.apps': (spec) => [...nonNegative('spec.replicas', spec['replicas']), ...selectorProblems('deployment', spec), ...templateProblems(spec, ['Always'])],
  'daemonsets.apps': (spec) => [...selectorProblems('daemonset', spec), ...templateProblems(spec, ['Always'])],
  'jobs.batch': (spec) => jobProblems(spec),
  'cronjobs.batch': cronJobProblems,
  services: serviceProblems,
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
