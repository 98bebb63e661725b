import { at, found, problem, readInteger, readMap } from './fields.ts'
import type { Fields, Problems } from './fields.ts'
import type { ServiceScale } from './manifest.ts'
import { unsupportedScale, unsupportedTargets } from './unsupported.ts'

const countForms = 'a number, a range such as "3-10" or a map of min and max'
const scaleKeys = {
  supported: ['count', 'min', 'max', 'cpu', 'memory', 'limit', 'targets'],
  unsupported: unsupportedScale,
}

interface Count {
  readonly min: number
  readonly max: number
}

/** One bound stands for both, except that a lone maximum leaves one process as the minimum. */
const countOf = (min: number | undefined, max: number | undefined): Count => {
  const low = min ?? Math.min(1, max ?? 1)
  return { min: low, max: max ?? low }
}

const readCount = (path: string, value: unknown, problems: Problems): Count | undefined => {
  if (value instanceof Map) {
    const fields = readMap(path, value, problems, countForms, { supported: ['min', 'max'] })
    return countOf(readInteger(at(path, 'min'), fields?.get('min'), problems), readInteger(at(path, 'max'), fields?.get('max'), problems))
  }
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  const match = /^(-?\d{1,9})(?:-(\d{1,9}))?$/.exec(text.trim())
  if (match === null) return problem(problems, path, `must be ${countForms}, not ${found(value)}.`)
  return countOf(Number(match[1]), match[2] === undefined ? undefined : Number(match[2]))
}

const countFrom = (path: string, fields: Fields, problems: Problems): Count => {
  const min = readInteger(at(path, 'min'), fields.get('min'), problems)
  const max = readInteger(at(path, 'max'), fields.get('max'), problems)
  if (!fields.has('count')) return countOf(min, max)
  if (fields.has('min') || fields.has('max')) problem(problems, path, 'has count, and min or max too: give one of the two.')
  return readCount(at(path, 'count'), fields.get('count'), problems) ?? countOf(undefined, undefined)
}

const readLimit = (path: string, value: unknown, problems: Problems): ServiceScale['limit'] => {
  if (value === undefined) return {}
  const fields = readMap(path, value, problems, 'a map of cpu and memory', { supported: ['cpu', 'memory'] })
  const cpu = readInteger(at(path, 'cpu'), fields?.get('cpu'), problems, { min: 1 })
  const memory = readInteger(at(path, 'memory'), fields?.get('memory'), problems, { min: 1 })
  return { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) }
}

const targetKeys = { supported: ['cpu', 'memory'], unsupported: unsupportedTargets }

/** Percent of the request, above 100 too: a process may use more than it asked for. */
const readTargets = (path: string, value: unknown, problems: Problems): Pick<ServiceScale, 'targets'> => {
  if (value === undefined) return {}
  const fields = readMap(path, value, problems, 'a map of cpu and memory', targetKeys)
  if (fields !== undefined && !fields.has('cpu') && !fields.has('memory')) problem(problems, path, 'needs cpu or memory.')
  const cpu = readInteger(at(path, 'cpu'), fields?.get('cpu'), problems, { min: 1, max: 1000 })
  const memory = readInteger(at(path, 'memory'), fields?.get('memory'), problems, { min: 1, max: 1000 })
  return { targets: { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) } }
}

const checkTargets = (path: string, { min, max, targets }: ServiceScale, problems: Problems): void => {
  if (targets === undefined) return
  if (min === max) problem(problems, at(path, 'targets'), `needs a range of processes, such as count: 1-5, not ${min}.`)
  // Kubernetes scales to nothing by a feature gate only (HPAScaleToZero).
  else if (min < 1) problem(problems, at(path, 'targets'), 'needs at least one process as the minimum.')
}

const check = (service: string, path: string, scale: ServiceScale, problems: Problems): void => {
  if (scale.min < 0) problems.push(`service ${service}: scale.min must be >= 0`)
  if (scale.max < 0) problems.push(`service ${service}: scale.max must be >= 0`)
  if (scale.max < scale.min) problems.push(`service ${service}: scale.max must be >= scale.min`)
  if (scale.limit.cpu !== undefined && scale.limit.cpu < scale.cpu) problems.push(`cpu limit can not be less cpu request (${path})`)
  if (scale.limit.memory !== undefined && scale.limit.memory < scale.memory) problems.push(`memory limit can not be less memory request (${path})`)
}

/** `scale:` in all its forms. Defaults 1 process, 250 millicores, 512 MiB, or the limit where only that is given (Convox, pkg/manifest). */
export const readScale = (service: string, path: string, value: unknown, problems: Problems): ServiceScale => {
  const fields = value instanceof Map ? readMap(path, value, problems, countForms, scaleKeys) : undefined
  const short = fields === undefined && value !== undefined ? readCount(path, value, problems) : undefined
  const count = fields === undefined ? short : countFrom(path, fields, problems)
  const limit = readLimit(at(path, 'limit'), fields?.get('limit'), problems)
  const scale = {
    ...(count ?? countOf(undefined, undefined)),
    cpu: readInteger(at(path, 'cpu'), fields?.get('cpu'), problems, { min: 1 }) ?? limit.cpu ?? 250,
    memory: readInteger(at(path, 'memory'), fields?.get('memory'), problems, { min: 1 }) ?? limit.memory ?? 512,
    limit,
    ...readTargets(at(path, 'targets'), fields?.get('targets'), problems),
  }
  check(service, path, scale, problems)
  checkTargets(path, scale, problems)
  return scale
}
