import { at, found, problem, readBoolean, readInteger, readMap } from './fields.ts'
import type { Fields, Problems } from './fields.ts'
import type { ServiceHealth, ServiceLiveness, ServiceStartup } from './manifest.ts'

const port = { min: 1, max: 65_535 }
const seconds = { min: 1 }

const readPath = (path: string, value: unknown, problems: Problems): string | undefined => {
  if (value === undefined) return undefined
  return typeof value === 'string' && value.startsWith('/') ? value : problem(problems, path, `must be a path that begins with /, not ${found(value)}.`)
}

const readPort = (path: string, fields: Fields | undefined, problems: Problems): { readonly port?: number } => {
  const number = readInteger(at(path, 'port'), fields?.get('port'), problems, port)
  return number === undefined ? {} : { port: number }
}

const healthKeys = { supported: ['path', 'interval', 'grace', 'timeout', 'port', 'disable'] }

/** `health:` as a path or a map. Defaults: path /, interval 5, grace = interval, timeout = interval - 1, at least 1 (Convox, pkg/manifest). */
export const readHealth = (path: string, value: unknown, problems: Problems): ServiceHealth => {
  const isMap = value !== undefined && typeof value !== 'string'
  const fields = isMap ? readMap(path, value, problems, 'a path or a map', healthKeys) : undefined
  const interval = readInteger(at(path, 'interval'), fields?.get('interval'), problems, seconds) ?? 5
  return {
    path: (isMap ? readPath(at(path, 'path'), fields?.get('path'), problems) : readPath(path, value, problems)) ?? '/',
    interval,
    grace: readInteger(at(path, 'grace'), fields?.get('grace'), problems, { min: 0 }) ?? interval,
    timeout: readInteger(at(path, 'timeout'), fields?.get('timeout'), problems, seconds) ?? Math.max(1, interval - 1),
    ...readPort(path, fields, problems),
    disable: readBoolean(at(path, 'disable'), fields?.get('disable'), problems) ?? false,
  }
}

const livenessKeys = { supported: ['path', 'grace', 'interval', 'timeout', 'successThreshold', 'failureThreshold', 'port'] }

type Timings = Pick<ServiceLiveness, 'grace' | 'interval' | 'timeout' | 'successThreshold' | 'failureThreshold'>

const livenessDefaults: Timings = { grace: 10, interval: 5, timeout: 5, successThreshold: 1, failureThreshold: 3 }

const readTimings = (path: string, fields: Fields, defaults: Timings, problems: Problems): Timings => {
  const number = (key: string, min: number) => readInteger(at(path, key), fields.get(key), problems, { min })
  return {
    grace: number('grace', 0) ?? defaults.grace,
    interval: number('interval', 1) ?? defaults.interval,
    timeout: number('timeout', 1) ?? defaults.timeout,
    // Kubernetes allows nothing but 1 here.
    successThreshold: readInteger(at(path, 'successThreshold'), fields.get('successThreshold'), problems, { min: 1, max: 1 }) ?? 1,
    failureThreshold: number('failureThreshold', 1) ?? defaults.failureThreshold,
  }
}

/** `liveness:`, only in force with a path. Defaults: grace 10, interval 5, timeout 5, successThreshold 1, failureThreshold 3 (Convox, pkg/manifest). */
export const readLiveness = (path: string, value: unknown, problems: Problems): ServiceLiveness | undefined => {
  if (value === undefined) return undefined
  const fields = readMap(path, value, problems, 'a map with a path', livenessKeys)
  if (fields === undefined) return undefined
  if (!fields.has('path')) return problem(problems, path, 'needs a `path`.')
  return { path: readPath(at(path, 'path'), fields.get('path'), problems) ?? '/', ...readTimings(path, fields, livenessDefaults, problems), ...readPort(path, fields, problems) }
}

const startupKeys = { supported: [...livenessKeys.supported, 'tcpSocketPort'] }

/** `startupProbe:` with a path or a tcpSocketPort; what it does not say, it has from the liveness check (Convox, pkg/manifest). */
export const readStartup = (path: string, value: unknown, live: ServiceLiveness | undefined, problems: Problems): ServiceStartup | undefined => {
  if (value === undefined) return undefined
  const fields = readMap(path, value, problems, 'a map with a path or a tcpSocketPort', startupKeys)
  if (fields === undefined) return undefined
  if (fields.has('path') === fields.has('tcpSocketPort')) return problem(problems, path, 'needs a `path` or a `tcpSocketPort`, one of the two.')
  if (fields.has('tcpSocketPort') && fields.has('port')) problem(problems, at(path, 'port'), 'says nothing beside `tcpSocketPort`.')
  const timings = readTimings(path, fields, live ?? livenessDefaults, problems)
  const tcpSocketPort = readInteger(at(path, 'tcpSocketPort'), fields.get('tcpSocketPort'), problems, port)
  if (fields.has('tcpSocketPort')) return tcpSocketPort === undefined ? undefined : { tcpSocketPort, ...timings }
  return { path: readPath(at(path, 'path'), fields.get('path'), problems) ?? '/', ...timings, ...readPort(path, fields, problems) }
}
