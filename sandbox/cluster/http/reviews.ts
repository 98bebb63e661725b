import { badRequest, Failure } from '../failure.ts'
import { isMap, mapAt, textAt, type Json, type JsonMap } from '../json.ts'
import { resources, type Resource } from '../resources.ts'
import { answer, readBody, type Exchange } from './exchange.ts'

/** What a request wants to do, as access rules see it. */
export interface Access {
  verb: string
  group: string
  resource: string
  subresource: string
  namespace: string
  name: string
}

type Denied = ((access: Access) => boolean) | undefined

const review = (exchange: Exchange, kind: string, group: string, more: JsonMap): void =>
  answer(exchange, 201, { kind, apiVersion: `${group}/v1`, metadata: { creationTimestamp: null }, ...more })

const accessAsked = (asked: Json | undefined): Access => ({
  verb: textAt(asked, 'verb'),
  group: textAt(asked, 'group'),
  resource: textAt(asked, 'resource'),
  subresource: textAt(asked, 'subresource'),
  namespace: textAt(asked, 'namespace'),
  name: textAt(asked, 'name'),
})

/** Whether one thing is allowed. Paths that are no resources are open to everybody. */
const serveAccess = (exchange: Exchange, spec: JsonMap, denied: Denied): void => {
  const [resource, path] = [spec['resourceAttributes'], spec['nonResourceAttributes']]
  if (isMap(resource) === isMap(path)) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
    const body = `Invalid value: ${isMap(path) ? JSON.stringify(path) : 'null'}: ${why}`
    throw new Failure(422, 'Invalid', `.authorization.k8s.io "" is invalid: spec.resourceAttributes: ${body}`, {
      group: 'authorization.k8s.io',
      causes: [{ reason: 'FieldValueInvalid', message: body, field: 'spec.resourceAttributes' }],
    })
  }
  const allowed = !isMap(resource) || denied?.(accessAsked(resource)) !== true
  const reason = allowed && denied ? { reason: 'RBAC: allowed by ClusterRoleBinding "sandbox" of ClusterRole "sandbox" to User "sandbox"' } : {}
  review(exchange, 'SelfSubjectAccessReview', 'authorization.k8s.io', { spec, status: { allowed, ...reason } })
}

const openPaths = { verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'] }

/** Everything that is allowed in one namespace, resource by resource. */
const serveRules = (exchange: Exchange, spec: JsonMap, denied: Denied): void => {
  const namespace = textAt(spec, 'namespace')
  if (namespace === '') throw badRequest('no namespace on request')
  const rule = (resource: Resource, subresource: string, verbs: readonly string[]): JsonMap[] => {
    const allowed = verbs.filter((verb) => denied?.({ verb, group: resource.group, resource: resource.plural, subresource, namespace, name: '' }) !== true)
    return allowed.length === 0 ? [] : [{ verbs: allowed, apiGroups: [resource.group], resources: [subresource === '' ? resource.plural : `${resource.plural}/${subresource}`] }]
  }
  const resourceRules = denied
    ? resources.flatMap((resource) => [
        ...rule(resource, '', resource.verbs),
        ...(resource.status ? rule(resource, 'status', ['get', 'patch', 'update']) : []),
        ...(resource.scale ? rule(resource, 'scale', ['get', 'patch', 'update']) : []),
        ...(resource.key === 'pods' ? [...rule(resource, 'log', ['get']), ...rule(resource, 'eviction', ['create'])] : []),
      ])
    : [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]
  // The API prints the spec of this one empty.
  review(exchange, 'SelfSubjectRulesReview', 'authorization.k8s.io', { spec: {}, status: { resourceRules, nonResourceRules: [openPaths], incomplete: false } })
}

/** The reviews of one's own rights and name: every token of this server is its one user's. */
export const serveReview = async (resource: Resource, exchange: Exchange, denied: Denied): Promise<void> => {
  const body = await readBody(exchange)
  if (!isMap(body)) throw badRequest(`the body is not a ${resource.kind}`)
  if (resource.kind === 'SelfSubjectAccessReview') serveAccess(exchange, mapAt(body, 'spec'), denied)
  else if (resource.kind === 'SelfSubjectRulesReview') serveRules(exchange, mapAt(body, 'spec'), denied)
  else review(exchange, 'SelfSubjectReview', 'authentication.k8s.io', { status: { userInfo: { username: 'sandbox', uid: 'sandbox', groups: ['system:masters', 'system:authenticated'] } } })
}
