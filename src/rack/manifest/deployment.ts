import { at, problem, readInteger, readMap, readSeconds } from './fields.ts'
import type { Problems } from './fields.ts'
import type { ServiceDeployment } from './manifest.ts'

const keys = { supported: ['minimum', 'maximum', 'progressDeadline', 'crashRestartLimit'] }

/** Convox's bounds of `progressDeadline`, in seconds; 0 switches it off (convox PR 1090). */
const [leastProgress, mostProgress] = [30, 21_600]

/** Convox's `crashRestartLimit` for none (convox PR 1090). */
const noLimit = -1

/** `deployment:`. Defaults: minimum 50, maximum 200; 0 and 100 for what must not run twice at one place (Convox, pkg/manifest). */
export const readDeployment = (name: string, path: string, value: unknown, once: 'singleton' | 'agent' | undefined, problems: Problems): ServiceDeployment => {
  const fields = value === undefined ? undefined : readMap(path, value, problems, 'a map of minimum and maximum', keys)
  const minimum = readInteger(at(path, 'minimum'), fields?.get('minimum'), problems) ?? (once === undefined ? 50 : 0)
  const maximum = readInteger(at(path, 'maximum'), fields?.get('maximum'), problems) ?? (once === undefined ? 200 : 100)
  if (minimum < 0) problems.push(`service ${name} deployment minimum can not be less than 0`)
  if (minimum > 100) problems.push(`service ${name} deployment minimum can not be greater than 100`)
  if (maximum < 100) problems.push(`service ${name} deployment maximum can not be less than 100`)
  if (maximum > 200) problems.push(`service ${name} deployment maximum can not be greater than 200`)
  if (minimum === 100 && maximum === 100) problem(problems, path, 'has minimum and maximum 100, so no process could ever be replaced.')
  if (once === 'agent' && maximum > 100) problem(problems, at(path, 'maximum'), 'must be 100 for an agent: a node runs it once.')
  const given = fields?.get('progressDeadline')
  const progressDeadline = given === 0 ? undefined : readSeconds(at(path, 'progressDeadline'), given, problems, leastProgress, mostProgress)
  const limit = fields?.get('crashRestartLimit')
  const crashRestartLimit = limit === noLimit ? noLimit : readInteger(at(path, 'crashRestartLimit'), limit, problems, { min: 1 })
  return {
    minimum, maximum,
    ...(progressDeadline === undefined ? {} : { progressDeadline }),
    ...(crashRestartLimit === undefined ? {} : { crashRestartLimit }),
  }
}
