import { isIP } from 'node:net'
import type { FieldProblem } from '../failure.ts'
import { at, listAt, mapAt, mapsAt, numberAt, textAt, type Json, type JsonMap } from '../json.ts'
import { invalidValue, nameProblems, required, unsupported } from './pod-rules.ts'

// Wording: k8s.io/kubernetes v1.36.1 pkg/apis/networking/validation.

const wildcard = /^\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const wildcardText = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

const hostProblems = (field: string, host: string): FieldProblem[] => {
  if (!host.includes('*')) return nameProblems('subdomain', field, host)
  return wildcard.test(host) ? [] : [invalidValue(field, host, wildcardText)]
}

const backendProblems = (path: string, backend: Json | undefined): FieldProblem[] => {
  const service = at(backend, 'service')
  if (at(backend, 'resource') !== undefined) return service === undefined ? [] : [invalidValue(path, '', 'cannot set both resource and service backends')]
  if (service === undefined) return [invalidValue(path, '', 'resource or service backend is required')]
  const name = textAt(service, 'name')
  const problems = name === '' ? [required(`${path}.service.name`)] : nameProblems('label', `${path}.service.name`, name)
  const [portName, port] = [textAt(service, 'port', 'name'), numberAt(service, 'port', 'number') ?? 0]
  if (portName !== '' && port !== 0) problems.push(invalidValue(path, '', 'cannot set both port name & port number'))
  else if (portName === '' && port === 0) problems.push(required(path, 'port name or number is required'))
  else if (portName === '' && (port < 1 || port > 65_535)) problems.push(invalidValue(`${path}.service.port.number`, port, 'must be between 1 and 65535, inclusive'))
  return problems
}

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix']

const pathProblems = (path: string, rule: JsonMap): FieldProblem[] => {
  const type = textAt(rule, 'pathType')
  if (type === '') return [required(`${path}.pathType`, 'pathType must be specified')]
  const problems: FieldProblem[] = []
  const value = textAt(rule, 'path')
  if (!pathTypes.includes(type)) problems.push(unsupported(`${path}.pathType`, type, pathTypes))
  else if (!value.startsWith('/') && (value !== '' || type !== 'ImplementationSpecific')) problems.push(invalidValue(`${path}.path`, value, 'must be an absolute path'))
  else if (type !== 'ImplementationSpecific') {
    for (const sequence of ['//', '/./', '/../', '%2f', '%2F']) if (value.includes(sequence)) problems.push(invalidValue(`${path}.path`, value, `must not contain '${sequence}'`))
    for (const end of ['/..', '/.']) if (value.endsWith(end)) problems.push(invalidValue(`${path}.path`, value, `cannot end with '${end}'`))
  }
  return [...problems, ...backendProblems(`${path}.backend`, rule['backend'])]
}

export const ingressProblems = (spec: JsonMap): FieldProblem[] => {
  const problems: FieldProblem[] = []
  const rules = mapsAt(spec, 'rules')
  if (rules.length === 0 && spec['defaultBackend'] === undefined) problems.push(invalidValue('spec', null, 'either `defaultBackend` or `rules` must be specified'))
  if (spec['defaultBackend'] !== undefined) problems.push(...backendProblems('spec.defaultBackend', spec['defaultBackend']))
  for (const [index, rule] of rules.entries()) {
    const path = `spec.rules[${index}]`
    const host = textAt(rule, 'host')
    if (isIP(host) !== 0) problems.push(invalidValue(`${path}.host`, host, 'must be a DNS name, not an IP address'))
    if (host !== '') problems.push(...hostProblems(`${path}.host`, host))
    if (rule['http'] === undefined) continue
    const paths = mapsAt(rule, 'http', 'paths')
    if (paths.length === 0) problems.push(required(`${path}.http.paths`))
    problems.push(...paths.flatMap((each, place) => pathProblems(`${path}.http.paths[${place}]`, each)))
  }
  for (const [index, tls] of mapsAt(spec, 'tls').entries()) {
    for (const [place, host] of listAt(tls, 'hosts').entries()) if (typeof host === 'string') problems.push(...hostProblems(`spec.tls[${index}].hosts[${place}]`, host))
    const secret = textAt(tls, 'secretName')
    if (secret !== '') problems.push(...nameProblems('subdomain', `spec.tls[${index}].secretName`, secret))
  }
  const name = mapAt(spec)['ingressClassName']
  return typeof name === 'string' ? [...problems, ...nameProblems('subdomain', 'spec.ingressClassName', name)] : problems
}
