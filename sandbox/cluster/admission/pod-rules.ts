import { isMap, listAt, mapAt, mapsAt, numberAt, textAt, textsAt, type Json, type JsonMap } from '../json.ts'
import type { FieldProblem } from '../failure.ts'
import { quantity } from './quantity.ts'

// Wording: k8s.io/kubernetes v1.36.1 pkg/apis/core/validation/validation.go, k8s.io/apimachinery pkg/util/validation.

export const required = (field: string, more = ''): FieldProblem => ({ kind: 'required', field, body: more === '' ? 'Required value' : `Required value: ${more}` })
export const invalidValue = (field: string, value: Json | undefined, why: string): FieldProblem => ({ kind: 'invalid', field, body: `Invalid value: ${JSON.stringify(value ?? null)}: ${why}` })
export const forbiddenField = (field: string, why: string): FieldProblem => ({ kind: 'forbidden', field, body: `Forbidden: ${why}` })
export const duplicate = (field: string, value: Json): FieldProblem => ({ kind: 'duplicate', field, body: `Duplicate value: ${JSON.stringify(value)}` })
export const unsupported = (field: string, value: string, values: string[]): FieldProblem => ({
  kind: 'unsupported',
  field,
  body: `Unsupported value: ${JSON.stringify(value)}: supported values: ${values.map((known) => JSON.stringify(known)).join(', ')}`,
})

const dnsLabel = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const dnsSubdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const labelValue = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
const qualifiedName = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

const nameRules = {
  label: { pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, max: 63, text: dnsLabel },
  subdomain: { pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, max: 253, text: dnsSubdomain },
} as const

export const nameProblems = (kind: keyof typeof nameRules, field: string, name: string): FieldProblem[] => {
  const rule = nameRules[kind]
  const problems: FieldProblem[] = []
  if (name.length > rule.max) problems.push(invalidValue(field, name, `must be no more than ${rule.max} bytes`))
  if (!rule.pattern.test(name)) problems.push(invalidValue(field, name, rule.text))
  return problems
}

export const labelProblems = (field: string, labels: JsonMap): FieldProblem[] =>
  Object.entries(labels).flatMap(([key, value]) => {
    const name = key.slice(key.indexOf('/') + 1)
    const problems: FieldProblem[] = []
    if (!/^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/.test(name)) problems.push(invalidValue(field, key, qualifiedName))
    if (name.length > 63) problems.push(invalidValue(field, key, 'name part must be no more than 63 bytes'))
    if (typeof value === 'string' && value.length > 63) problems.push(invalidValue(field, value, 'must be no more than 63 bytes'))
    if (typeof value === 'string' && !/^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value)) problems.push(invalidValue(field, value, labelValue))
    return problems
  })

export const nonNegative = (field: string, value: Json | undefined): FieldProblem[] => (typeof value === 'number' && value < 0 ? [invalidValue(field, value, 'must be greater than or equal to 0')] : [])

const portProblems = (field: string, port: Json | undefined): FieldProblem[] =>
  typeof port === 'number' && (port < 1 || port > 65_535) ? [invalidValue(field, port, 'must be between 1 and 65535, inclusive')] : []

const resourceProblems = (path: string, resources: JsonMap): FieldProblem[] => {
  const problems: FieldProblem[] = []
  const limits = mapAt(resources, 'limits')
  for (const side of ['limits', 'requests']) {
    for (const [name, amount] of Object.entries(mapAt(resources, side))) {
      const parsed = typeof amount === 'string' || typeof amount === 'number' ? quantity(amount) : undefined
      if (parsed !== undefined && parsed < 0) problems.push(invalidValue(`${path}.${side}[${name}]`, String(amount), 'must be greater than or equal to 0'))
    }
  }
  for (const [name, amount] of Object.entries(textsAt(resources, 'requests'))) {
    const limit = textAt(limits, name)
    const most = quantity(limit)
    const asked = quantity(amount)
    if (most !== undefined && asked !== undefined && asked > most) problems.push(invalidValue(`${path}.requests`, amount, `must be less than or equal to ${name} limit of ${limit}`))
  }
  return problems
}

const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep']

const probeProblems = (path: string, probe: Json | undefined): FieldProblem[] => {
  if (!isMap(probe)) return []
  const problems: FieldProblem[] = []
  const used = handlers.filter((handler) => probe[handler] !== undefined)
  if (used.length === 0) problems.push(required(path, 'must specify a handler type'))
  for (const extra of used.slice(1)) problems.push(forbiddenField(`${path}.${extra}`, 'may not specify more than 1 handler type'))
  for (const field of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold']) problems.push(...nonNegative(`${path}.${field}`, probe[field]))
  problems.push(...portProblems(`${path}.httpGet.port`, mapAt(probe, 'httpGet')['port']))
  if (path.endsWith('livenessProbe') && (numberAt(probe, 'successThreshold') ?? 1) !== 1) problems.push(invalidValue(`${path}.successThreshold`, probe['successThreshold'], 'must be 1'))
  return problems
}

const environmentProblems = (path: string, container: JsonMap): FieldProblem[] => {
  const problems: FieldProblem[] = []
  for (const [index, entry] of mapsAt(container, 'env').entries()) {
    const name = textAt(entry, 'name')
    const field = `${path}.env[${index}]`
    if (name === '') problems.push(required(`${field}.name`))
    else if (!/^[ -<>-~]+$/.test(name)) problems.push(invalidValue(`${field}.name`, name, "a valid environment variable name must consist only of printable ASCII characters other than '='"))
    if (textAt(entry, 'value') !== '' && entry['valueFrom'] !== undefined) problems.push(invalidValue(`${field}.valueFrom`, '', 'may not be specified when `value` is not empty'))
  }
  for (const [index, source] of mapsAt(container, 'envFrom').entries()) {
    const field = `${path}.envFrom[${index}]`
    if (source['secretRef'] === undefined && source['configMapRef'] === undefined) problems.push(invalidValue(`${path}.envFrom`, '', 'must specify one of: `configMapRef` or `secretRef`'))
    for (const reference of ['secretRef', 'configMapRef']) if (isMap(source[reference]) && textAt(source, reference, 'name') === '') problems.push(required(`${field}.${reference}.name`))
  }
  return problems
}

const containerProblems = (path: string, container: JsonMap, volumes: Set<string>, grace: number): FieldProblem[] => {
  const name = textAt(container, 'name')
  const problems: FieldProblem[] = name === '' ? [required(`${path}.name`)] : nameProblems('label', `${path}.name`, name)
  if (textAt(container, 'image') === '') problems.push(required(`${path}.image`))
  const seen = new Set<string>()
  for (const [index, port] of mapsAt(container, 'ports').entries()) {
    const field = `${path}.ports[${index}]`
    if (port['containerPort'] === undefined) problems.push(required(`${field}.containerPort`))
    problems.push(...portProblems(`${field}.containerPort`, port['containerPort']))
    const portName = textAt(port, 'name')
    if (portName !== '' && seen.has(portName)) problems.push(duplicate(`${field}.name`, portName))
    seen.add(portName)
  }
  problems.push(...environmentProblems(path, container))
  for (const [index, mount] of mapsAt(container, 'volumeMounts').entries()) {
    const volume = textAt(mount, 'name')
    if (!volumes.has(volume)) problems.push({ kind: 'notFound', field: `${path}.volumeMounts[${index}].name`, body: `Not found: ${JSON.stringify(volume)}` })
    if (textAt(mount, 'mountPath') === '') problems.push(required(`${path}.volumeMounts[${index}].mountPath`))
  }
  problems.push(...resourceProblems(`${path}.resources`, mapAt(container, 'resources')))
  for (const kind of ['livenessProbe', 'readinessProbe', 'startupProbe']) problems.push(...probeProblems(`${path}.${kind}`, container[kind]))
  const policy = textAt(container, 'imagePullPolicy')
  if (!['Always', 'IfNotPresent', 'Never'].includes(policy)) problems.push(unsupported(`${path}.imagePullPolicy`, policy, ['Always', 'IfNotPresent', 'Never']))
  const sleep = numberAt(container, 'lifecycle', 'preStop', 'sleep', 'seconds')
  if (sleep !== undefined && (sleep < 0 || sleep > grace)) {
    problems.push(invalidValue(`${path}.lifecycle.preStop.sleep`, sleep, `must be non-negative and less than terminationGracePeriodSeconds (${grace})`))
  }
  return problems
}

/** Everything wrong with a pod's spec, `path` being `spec` or `spec.template.spec`. */
export const podSpecProblems = (path: string, spec: JsonMap): FieldProblem[] => {
  const problems: FieldProblem[] = []
  const volumes = new Set<string>()
  for (const [index, volume] of mapsAt(spec, 'volumes').entries()) {
    const name = textAt(volume, 'name')
    problems.push(...(name === '' ? [required(`${path}.volumes[${index}].name`)] : nameProblems('label', `${path}.volumes[${index}].name`, name)))
    if (volumes.has(name)) problems.push(duplicate(`${path}.volumes[${index}].name`, name))
    volumes.add(name)
  }
  if (listAt(spec, 'containers').length === 0) problems.push(required(`${path}.containers`))
  const names = new Set<string>()
  for (const list of ['containers', 'initContainers']) {
    for (const [index, container] of mapsAt(spec, list).entries()) {
      const field = `${path}.${list}[${index}]`
      problems.push(...containerProblems(field, container, volumes, numberAt(spec, 'terminationGracePeriodSeconds') ?? 30))
      const name = textAt(container, 'name')
      if (name !== '' && names.has(name)) problems.push(duplicate(`${field}.name`, name))
      names.add(name)
    }
  }
  const policy = textAt(spec, 'restartPolicy')
  if (!['Always', 'OnFailure', 'Never'].includes(policy)) problems.push(unsupported(`${path}.restartPolicy`, policy, ['Always', 'OnFailure', 'Never']))
  return problems
}
