/** Host of a `host:port`, without brackets. */
const hostname = (host: string): string => (host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.replace(/:\d+$/, '')).toLowerCase()

/** This machine: only it is ever spoken to in plain http without being named in PLAIN_HTTP_REGISTRIES. */
export const isLoopback = (host: string): boolean => {
  const name = hostname(host)
  return name === 'localhost' || name === '::1' || /^127(?:\.\d{1,3}){3}$/.test(name)
}

/** Docker Hub answers under another name than images carry. */
export const apiHost = (registry: string): string => (registry === 'docker.io' ? 'registry-1.docker.io' : registry)

const isAddress = (name: string): boolean => /^[\d.]+$/.test(name) || name.includes(':')

/** `registry.example.co.uk` -> `example.co.uk`: a short second level under a country's own ending belongs to the ending. */
const domainOf = (name: string): string => {
  const labels = name.split('.')
  const last = labels.at(-1) ?? ''
  const second = labels.at(-2) ?? ''
  return labels.slice(last.length === 2 && second.length <= 3 ? -3 : -2).join('.')
}

/** Whether credentials of a registry may be sent to its token realm: the same host, or one of the same domain (auth.docker.io for docker.io). */
export const isSameSite = (registry: string, realm: string): boolean => {
  const [own, other] = [hostname(registry), hostname(realm)]
  if (own === other) return true
  if (isAddress(own) || isAddress(other) || !own.includes('.') || !other.includes('.')) return false
  return domainOf(own) === domainOf(other)
}
