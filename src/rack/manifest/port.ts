import { at, found, problem, readMap } from './fields.ts'
import type { Problems } from './fields.ts'
import { portSchemes } from './manifest.ts'
import type { PortScheme, ServicePort } from './manifest.ts'

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
