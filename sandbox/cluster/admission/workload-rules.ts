import { objectSelector } from '../fields/selectors.ts'
import type { FieldProblem } from '../failure.ts'
import { at, listAt, mapAt, numberAt, textAt, textsAt, type Json, type JsonMap } from '../json.ts'
import { parseSchedule } from '../schedule.ts'
import { forbiddenField, invalidValue, labelProblems, nonNegative, podSpecProblems, required, unsupported } from './pod-rules.ts'

// What makes pods. Wording: k8s.io/kubernetes v1.36.1 pkg/apis/apps/validation and pkg/apis/batch/validation.

const selectorProblems = (kind: string, spec: JsonMap): FieldProblem[] => {
  const selector = spec['selector']
  if (selector === undefined) return [required('spec.selector')]
  const labels = textsAt(spec, 'template', 'metadata', 'labels')
  if (Object.keys(mapAt(selector, 'matchLabels')).length + listAt(selector, 'matchExpressions').length === 0) return [invalidValue('spec.selector', selector, `empty selector is invalid for ${kind}`)]
  return objectSelector(selector)(labels) ? [] : [invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')]
}

const templateProblems = (spec: JsonMap, policies: string[] | undefined, path = 'spec'): FieldProblem[] => {
  const problems = labelProblems(`${path}.template.labels`, mapAt(spec, 'template', 'metadata', 'labels'))
  problems.push(...podSpecProblems(`${path}.template.spec`, mapAt(spec, 'template', 'spec')))
  const policy = textAt(spec, 'template', 'spec', 'restartPolicy')
  if (policies && !policies.includes(policy)) problems.push(unsupported(`${path}.template.spec.restartPolicy`, policy, policies))
  return problems
}

export const jobProblems = (spec: JsonMap, path = 'spec'): FieldProblem[] => {
  const numbers = ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished']
  const problems = [...numbers.flatMap((field) => nonNegative(`${path}.${field}`, spec[field])), ...templateProblems(spec, undefined, path)]
  const policy = textAt(spec, 'template', 'spec', 'restartPolicy')
  if (policy === 'Always' || policy === '') problems.push(required(`${path}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"'))
  else if (!['OnFailure', 'Never'].includes(policy)) problems.push(unsupported(`${path}.template.spec.restartPolicy`, policy, ['OnFailure', 'Never']))
  return problems
}

/** Why that schedule cannot be read in that zone, if so. */
const unreadable = (schedule: string, zone?: string): string | undefined => {
  try {
    parseSchedule(schedule, zone)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const scheduleProblems = (spec: JsonMap): FieldProblem[] => {
  const schedule = textAt(spec, 'schedule')
  if (schedule === '') return [required('spec.schedule')]
  const why = unreadable(schedule)
  const problems = why === undefined ? [] : [invalidValue('spec.schedule', schedule, why)]
  if (schedule.includes('TZ')) problems.push(invalidValue('spec.schedule', schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'))
  return problems
}

const zoneProblems = (spec: JsonMap): FieldProblem[] => {
  if (spec['timeZone'] === undefined) return []
  const zone = textAt(spec, 'timeZone')
  if (zone === '') return [invalidValue('spec.timeZone', zone, 'timeZone must be nil or non-empty string')]
  return unreadable('@daily', zone) === undefined ? [] : [invalidValue('spec.timeZone', zone, `unknown time zone ${zone}`)]
}

const policies = ['Allow', 'Forbid', 'Replace']

export const cronJobProblems = (spec: JsonMap, object: JsonMap): FieldProblem[] => {
  const problems = [...scheduleProblems(spec), ...nonNegative('spec.startingDeadlineSeconds', spec['startingDeadlineSeconds']), ...zoneProblems(spec)]
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

export const deploymentProblems = (spec: JsonMap): FieldProblem[] => {
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

export const replicaSetProblems = (spec: JsonMap): FieldProblem[] => [...nonNegative('spec.replicas', spec['replicas']), ...selectorProblems('deployment', spec), ...templateProblems(spec, ['Always'])]

export const daemonSetProblems = (spec: JsonMap): FieldProblem[] => {
  const problems = [...selectorProblems('daemonset', spec), ...templateProblems(spec, ['Always'])]
  if (at(spec, 'template', 'spec', 'activeDeadlineSeconds') !== undefined) problems.push(forbiddenField('spec.template.spec.activeDeadlineSeconds', 'activeDeadlineSeconds in DaemonSet is not Supported'))
  problems.push(...nonNegative('spec.minReadySeconds', spec['minReadySeconds']))
  const type = textAt(spec, 'updateStrategy', 'type')
  const rolling = at(spec, 'updateStrategy', 'rollingUpdate')
  if (!['RollingUpdate', 'OnDelete'].includes(type)) {
    const printed = JSON.stringify({ Type: type, RollingUpdate: rolling ?? null })
    problems.push({ kind: 'unsupported', field: 'spec.updateStrategy', body: `Unsupported value: ${printed}: supported values: "RollingUpdate", "OnDelete"` })
  }
  if (type === 'RollingUpdate') {
    const path = 'spec.updateStrategy.rollingUpdate'
    const [unavailable, surge] = [at(rolling, 'maxUnavailable'), at(rolling, 'maxSurge')]
    problems.push(...fencepost(`${path}.maxUnavailable`, unavailable), ...fencepost(`${path}.maxSurge`, surge))
    if (zero(unavailable) && zero(surge)) problems.push(required(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'))
    if (!zero(unavailable) && !zero(surge)) problems.push(invalidValue(`${path}.maxSurge`, surge, 'may not be set when maxUnavailable is non-zero'))
  }
  return [...problems, ...nonNegative('spec.revisionHistoryLimit', spec['revisionHistoryLimit'])]
}
