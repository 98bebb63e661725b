import type { JsonMap } from '../json.ts'
import { apiVersionOf, resources, type Resource } from '../resources.ts'

/** What /version answers. */
export const serverVersion: JsonMap = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.1',
  gitCommit: 'simulated',
  gitTreeState: 'clean',
  buildDate: '2026-05-13T12:00:00Z',
  goVersion: 'go1.26',
  compiler: 'gc',
  platform: 'linux/amd64',
}

const described = (resource: Resource): JsonMap[] => {
  const base = { singularName: '', namespaced: resource.namespaced, kind: resource.kind }
  const rows: JsonMap[] = [
    { name: resource.plural, ...base, singularName: resource.singular, verbs: resource.verbs, ...(resource.short.length > 0 && { shortNames: resource.short }) },
  ]
  if (resource.status) rows.push({ name: `${resource.plural}/status`, ...base, verbs: ['get', 'patch', 'update'] })
  if (resource.scale) rows.push({ name: `${resource.plural}/scale`, ...base, group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch', 'update'] })
  if (resource.key === 'pods') {
    rows.push({ name: 'pods/log', ...base, verbs: ['get'] }, { name: 'pods/binding', ...base, kind: 'Binding', verbs: ['create'] }, { name: 'pods/eviction', ...base, group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] })
  }
  return rows
}

const groupOf = (group: string): JsonMap => {
  const versions = [...new Set(resources.filter((resource) => resource.group === group).map((resource) => resource.version))].map((version) => ({ groupVersion: `${group}/${version}`, version }))
  return { name: group, versions, preferredVersion: versions[0] ?? {} }
}

/** The answer to a discovery path; undefined when it is none. */
export const discovery = (path: string, address: string): JsonMap | undefined => {
  const groups = [...new Set(resources.map((resource) => resource.group))].filter((group) => group !== '')
  if (path === '/version') return serverVersion
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }] }
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupOf) }
  const [, group = ''] = /^\/apis\/([^/]+)$/.exec(path) ?? []
  if (groups.includes(group)) return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group) }
  const [, version = ''] = /^\/(?:api|apis)\/(.+)$/.exec(path) ?? []
  const listed = resources.filter((resource) => apiVersionOf(resource) === version)
  if (listed.length === 0 || path !== `${version.includes('/') ? '/apis' : '/api'}/${version}`) return undefined
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: version, resources: listed.flatMap(described) }
}
