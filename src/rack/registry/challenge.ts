/** What a registry asks for in `WWW-Authenticate` (RFC 9110 11.6.1; distribution spec, token authentication). */
export type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service?: string; readonly scope?: string }

const parameter = /([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi

const parametersOf = (text: string): ReadonlyMap<string, string> =>
  new Map([...text.matchAll(parameter)].map((match) => [(match[1] ?? '').toLowerCase(), match[2]?.replaceAll(/\\(.)/g, '$1') ?? match[3] ?? ''] as const))

/** The parameters of one scheme: everything up to the next scheme, a word followed by a space and no `=`. */
const sectionOf = (header: string, scheme: string): string | undefined => {
  const start = new RegExp(`(?:^|,)\\s*${scheme}(?=\\s|$|,)`, 'i').exec(header)
  if (start === null) return undefined
  const rest = header.slice(start.index + start[0].length)
  const next = /,\s*[a-z][a-z0-9-]*\s+[a-z_]+\s*=/i.exec(rest)
  return next === null ? rest : rest.slice(0, next.index)
}

/** A token is asked for where both are offered. Undefined when the header holds nothing we can answer. */
export const parseChallenge = (header: string): Challenge | undefined => {
  const bearer = sectionOf(header, 'bearer')
  if (bearer !== undefined) {
    const parameters = parametersOf(bearer)
    const [realm, service, scope] = [parameters.get('realm'), parameters.get('service'), parameters.get('scope')]
    if (realm) return { scheme: 'bearer', realm, ...(service === undefined ? {} : { service }), ...(scope === undefined ? {} : { scope }) }
  }
  return sectionOf(header, 'basic') === undefined ? undefined : { scheme: 'basic' }
}
