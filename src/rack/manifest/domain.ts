import { at, found, problem, readBoolean } from './fields.ts'
import type { Fields, Problems } from './fields.ts'
import type { Service } from './manifest.ts'

/** A host as an Ingress takes it: lower case, its first part perhaps `*` (Kubernetes, DNS-1123 subdomain). */
const host = /^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/

const isHost = (text: string): boolean => text.length <= 253 && host.test(text) && text.split('.').every((part) => part.length <= 63)

const readDomains = (path: string, value: unknown, problems: Problems): readonly string[] => {
  if (value === undefined || value === null) return []
  const given: readonly unknown[] = Array.isArray(value) ? value : [value]
  const domains = given.flatMap((each): readonly string[] => {
    if (typeof each === 'string') return each.split(',').map((word) => word.trim().toLowerCase()).filter((word) => word !== '')
    problem(problems, path, `must be a domain, several with commas between them, or a list, not ${found(each)}.`)
    return []
  })
  for (const domain of domains) if (!domain.includes('${') && !isHost(domain)) problem(problems, path, `has "${domain}", which is not a domain.`)
  return [...new Set(domains)]
}

/** `domain:` as a text with commas or a list, and `internal:`. Only what has a port and is not internal can be reached from outside. */
export const readRouting = (path: string, fields: Fields, problems: Problems): Pick<Service, 'domains' | 'internal'> => {
  const domains = readDomains(at(path, 'domain'), fields.get('domain'), problems)
  const internal = readBoolean(at(path, 'internal'), fields.get('internal'), problems) ?? false
  if (domains.length > 0 && internal) problem(problems, path, 'has domain, which opens it to the outside, and internal, which closes it: give one of the two.')
  if (domains.length > 0 && !fields.has('port')) problem(problems, at(path, 'domain'), 'needs a `port` in its service.')
  return { domains, internal }
}
