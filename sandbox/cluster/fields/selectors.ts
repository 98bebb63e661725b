import { badRequest } from '../failure.ts'
import { at, isMap, mapsAt, listAt, textAt, textsAt, type Json, type JsonMap } from '../json.ts'
import { labelsOf, type KubeObject } from '../object.ts'

export type Test = (object: KubeObject) => boolean
type LabelTest = (labels: Record<string, string>) => boolean

const listed = (text: string): string[] => text.split(',').map((item) => item.trim())

const requirement = (text: string): LabelTest => {
  const set = /^\s*([^\s!=,()]+)\s+(in|notin)\s*\(([^)]*)\)\s*$/.exec(text)
  if (set) {
    const [, key = '', operator, values = ''] = set
    const wanted = listed(values)
    return (labels) => {
      const value = labels[key]
      return operator === 'in' ? value !== undefined && wanted.includes(value) : value === undefined || !wanted.includes(value)
    }
  }
  const equality = /^\s*([^\s!=,()]+)\s*(==|!=|=)\s*([^\s!=,()]*)\s*$/.exec(text)
  if (equality) {
    const [, key = '', operator, wanted = ''] = equality
    return operator === '!=' ? (labels) => labels[key] !== wanted : (labels) => labels[key] === wanted
  }
  const existence = /^\s*(!?)\s*([^\s!=,()]+)\s*$/.exec(text)
  if (existence) {
    const [, not = '', key = ''] = existence
    return (labels) => (labels[key] === undefined) === (not === '!')
  }
  const [, , rest] = /^\s*(\S+)\s+(\S+)/.exec(text) ?? []
  if (rest !== undefined) throw badRequest(`unable to parse requirement: found '${rest}', expected: in, notin, =, ==, !=, gt, lt`)
  throw badRequest(`unable to parse requirement: found '${text.trim()}', expected: identifier`)
}

/** `a=b,c!=d,e in (f,g),!h` over labels. Throws 400. */
export const labelSelector = (text: string): LabelTest => {
  if (text.trim() === '') return () => true
  const tests = (text.match(/(?:[^,(]|\([^)]*\))+/g) ?? []).map(requirement)
  return (labels) => tests.every((test) => test(labels))
}

/** `{ matchLabels, matchExpressions }`; nothing at all matches nothing. */
export const objectSelector = (selector: Json | undefined): LabelTest => {
  if (!isMap(selector)) return () => false
  const wanted = Object.entries(textsAt(selector, 'matchLabels'))
  const expressions = mapsAt(selector, 'matchExpressions')
  return (labels) =>
    wanted.every(([key, value]) => labels[key] === value) &&
    expressions.every((expression) => {
      const value = labels[textAt(expression, 'key')]
      const values = listAt(expression, 'values')
      const operator = textAt(expression, 'operator')
      if (operator === 'In') return value !== undefined && values.includes(value)
      if (operator === 'NotIn') return value === undefined || !values.includes(value)
      return (value !== undefined) === (operator === 'Exists')
    })
}

const everywhere = ['metadata.name', 'metadata.namespace']
const involved = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map((field) => `involvedObject.${field}`)

/** What may be selected by field, per resource, besides name and namespace. */
const selectable: Record<string, string[]> = {
  pods: ['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName', 'status.phase', 'status.podIP'],
  events: [...involved, 'reason', 'reportingComponent', 'source', 'type'],
  secrets: ['type'],
  namespaces: ['status.phase'],
  nodes: ['spec.unschedulable'],
  'replicasets.apps': ['status.replicas'],
  'jobs.batch': ['status.successful'],
}

/** `type=Warning,involvedObject.kind=Pod`. Throws 400 for a field that cannot be selected by. */
export const fieldSelector = (resource: string, text: string): ((object: JsonMap) => boolean) => {
  if (text.trim() === '') return () => true
  const tests = listed(text).map((part) => {
    const [, field = '', operator = '', value = ''] = /^([^=!]+)(==|!=|=)(.*)$/.exec(part) ?? []
    if (operator === '') throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`)
    if (![...everywhere, ...(selectable[resource] ?? [])].includes(field)) throw badRequest(`field label not supported: ${field}`)
    const path = field === 'source' ? ['source', 'component'] : field.split('.')
    return (object: JsonMap) => {
      const found = at(object, ...path)
      const printed = found === undefined || found === null ? '' : String(found)
      return operator === '!=' ? printed !== value : printed === value
    }
  })
  return (object) => tests.every((test) => test(object))
}

/** Both selectors of a request as one test. */
export const selected = (resource: string, labels: string, fields: string): Test => {
  const byLabel = labelSelector(labels)
  const byField = fieldSelector(resource, fields)
  return (object) => byLabel(labelsOf(object)) && byField(object)
}
