import { findResource, type Resource } from '../resources.ts'

/** What a path under /api or /apis asks for. */
export interface Target {
  resource: Resource
  namespace: string
  name: string
  subresource: string
}

/** `/apis/apps/v1/namespaces/x/deployments/web/status` taken apart; undefined when nothing is served there. */
export const targetOf = (path: string): Target | undefined => {
  const parts = path.split('/').slice(1).map(decodeURIComponent)
  const core = parts[0] === 'api'
  const group = core ? '' : (parts[1] ?? '')
  const version = (core ? parts[1] : parts[2]) ?? ''
  let rest = parts.slice(core ? 2 : 3)
  let namespace = ''
  // `namespaces/x` alone, and its status and finalize, are the namespace itself.
  if (rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2] ?? '')) {
    namespace = rest[1] ?? ''
    rest = rest.slice(2)
  }
  const [plural = '', name = '', ...sub] = rest
  const resource = findResource(group, version, plural)
  if (!resource || sub.length > 1 || (namespace !== '' && !resource.namespaced)) return undefined
  return { resource, namespace, name, subresource: sub[0] ?? '' }
}
