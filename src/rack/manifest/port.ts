import { at, found, problem, readList, readMap } from './fields.ts'
import type { Problems } from './fields.ts'
import { portSchemes, protocols } from './manifest.ts'
import type { ExtraPort, PortScheme, ServicePort } from './manifest.ts'

const forms = 'a port from 1 to 65535, "scheme:port" or a map of port and scheme'

const schemeOf = (path: string, text: string, problems: Problems): PortScheme | undefined => {
  const scheme = portSchemes.find((known) => known === text.toLowerCase())
  return scheme ?? problem(problems, path, `has the scheme "${text}"; known are ${portSchemes.join(', ')}.`)
}

const readWritten = (path: string, value: unknown, problems: Problems): { readonly port: number; readonly scheme?: PortScheme } | undefined => {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : ''
  const match = /^(?:([a-z]+):)?(\d{1,5})$/i.exec(text)
  const port = Number(match?.[2])
  if (match === null || port < 1 || port > 65_535) return problem(problems, path, `must be ${forms}, not ${found(value)}.`)
  const scheme = match[1] === undefined ? undefined : schemeOf(path, match[1], problems)
  return { port, ...(scheme === undefined ? {} : { scheme }) }
}

/** `port:` as 3000, "https:3000" or `{port, scheme}`; the scheme is http unless it is named. */
export const readServicePort = (path: string, value: unknown, problems: Problems): ServicePort | undefined => {
  if (value === undefined) return undefined
  if (!(value instanceof Map)) {
    const written = readWritten(path, value, problems)
    return written === undefined ? undefined : { port: written.port, scheme: written.scheme ?? 'http' }
  }
  const fields = readMap(path, value, problems, forms, { supported: ['port', 'scheme'] })
  const written = readWritten(at(path, 'port'), fields?.get('port'), problems)
  const named = fields?.get('scheme')
  const scheme = named === undefined ? undefined : schemeOf(at(path, 'scheme'), String(named), problems)
  return written === undefined ? undefined : { port: written.port, scheme: scheme ?? written.scheme ?? 'http' }
}

const extraForms = 'a port from 1 to 65535, "port/udp" or "port/tcp"'

const readExtraPort = (path: string, value: unknown, problems: Problems): readonly ExtraPort[] => {
  const match = /^(\d{1,5})(?:\/([a-z]+))?$/i.exec(typeof value === 'number' || typeof value === 'string' ? String(value) : '')
  const port = Number(match?.[1])
  const protocol = protocols.find((known) => known === (match?.[2] ?? 'tcp').toLowerCase())
  if (match !== null && protocol !== undefined && port >= 1 && port <= 65_535) return [{ port, protocol }]
  problem(problems, path, `must hold ${extraForms}, not ${found(value)}.`)
  return []
}

/** `ports:`, further ones. What is given twice, and the main port over again, counts once (Convox, pkg/manifest). */
export const readExtraPorts = (path: string, value: unknown, main: ServicePort | undefined, problems: Problems): readonly ExtraPort[] => {
  const ports = readList(path, value, problems, extraForms).flatMap((each) => readExtraPort(path, each, problems))
  return ports.filter((one, index) =>
    !(one.protocol === 'tcp' && one.port === main?.port) && ports.findIndex((other) => other.port === one.port && other.protocol === one.protocol) === index)
}
