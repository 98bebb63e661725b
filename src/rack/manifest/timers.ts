import { readCommand } from './command.ts'
import { at, found, nameProblem, problem, readInteger, readMap, readSeconds, readWord } from './fields.ts'
import type { Problems } from './fields.ts'
import { concurrencies } from './manifest.ts'
import type { ReleaseCommand, Service, Timer } from './manifest.ts'
import { readSchedule } from './schedule.ts'

/** A CronJob's name has 52 characters (Kubernetes adds eleven for its Jobs), and ours begins with `timer-`. */
export const timerNameLimit = 46

const timerKeys = {
  supported: ['schedule', 'command', 'service', 'concurrency', 'parallelCount'],
  unsupported: { annotations: 'objects carry the labels and annotations of Slipway alone', parallelism: 'write `parallelCount`' },
}

const readServiceOf = (path: string, value: unknown, says: string, services: readonly Service[], problems: Problems): string => {
  if (typeof value !== 'string' || value === '') {
    problem(problems, at(path, 'service'), `must name a service, not ${found(value)}.`)
    return ''
  }
  if (!services.some(({ name }) => name === value)) problems.push(`${says} references a service that does not exist: ${value}`)
  return value
}

const readTimer = (name: string, value: unknown, services: readonly Service[], problems: Problems): Timer => {
  const path = at('timers', name)
  const why = nameProblem(name, timerNameLimit)
  if (why !== undefined) problems.push(`timer name ${name} invalid, ${why}`)
  const fields = readMap(path, value, problems, 'a map of schedule, command and service', timerKeys) ?? new Map<string, unknown>()
  const command = readCommand(at(path, 'command'), fields.get('command'), problems)
  if (!fields.has('command')) problem(problems, path, 'needs a `command`.')
  return {
    name,
    service: readServiceOf(path, fields.get('service'), `timer ${name}`, services, problems),
    schedule: readSchedule(at(path, 'schedule'), fields.get('schedule'), problems) ?? '',
    command: command?.command ?? '',
    args: command?.args ?? [],
    concurrency: readWord(at(path, 'concurrency'), fields.get('concurrency'), concurrencies, problems) ?? 'Allow',
    parallelCount: readInteger(at(path, 'parallelCount'), fields.get('parallelCount'), problems, { min: 1, max: 100 }) ?? 1,
  }
}

/** `timers:`, a map by name. Defaults: concurrency Allow, parallelCount 1 (Convox, pkg/manifest). */
export const readTimers = (value: unknown, services: readonly Service[], problems: Problems): readonly Timer[] => {
  if (value === undefined || value === null) return []
  const fields = readMap('timers', value, problems, 'a map of timers')
  return [...(fields ?? [])].map(([name, timer]) => readTimer(name, timer, services, problems))
}

/** Ours: as long as a whole rollout has by default; Heroku and Convox leave a migration to itself for an hour and more, and hold up all that follows. */
const releaseDeadline = 600

/** `release:`, the command that runs before any service moves. Its deadline is 10 minutes unless it says otherwise, up to a day. */
export const readReleaseCommand = (value: unknown, services: readonly Service[], problems: Problems): ReleaseCommand | undefined => {
  if (value === undefined || value === null) return undefined
  const fields = readMap('release', value, problems, 'a map of service and command', { supported: ['service', 'command', 'deadline'] })
  if (fields === undefined) return undefined
  const command = readCommand('release.command', fields.get('command'), problems)
  if (!fields.has('command')) problem(problems, 'release', 'needs a `command`.')
  return {
    service: readServiceOf('release', fields.get('service'), 'release', services, problems),
    command: command?.command ?? '',
    args: command?.args ?? [],
    deadline: readSeconds('release.deadline', fields.get('deadline'), problems, 1, 86_400) ?? releaseDeadline,
  }
}
