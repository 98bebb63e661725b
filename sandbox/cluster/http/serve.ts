import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { asFailure, type Api } from '../api/api.ts'
import type { Patch } from '../api/patch.ts'
import { Failure, forbidden, methodNotAllowed, qualified } from '../failure.ts'
import { selected } from '../fields/selectors.ts'
import type { JsonMap } from '../json.ts'
import type { KubeObject } from '../object.ts'
import { apiVersionOf, resources } from '../resources.ts'
import type { Store } from '../store.ts'
import { discovery } from './discovery.ts'
import { answer, answerFailure, answerText, contentType, readBody, type Exchange } from './exchange.ts'
import { createPages, versionAsked, waitFor } from './list.ts'
import { applyRefusal, removalOptions, writeOptions } from './options.ts'
import { targetOf, type Target } from './route.ts'
import { serveReview, type Access } from './reviews.ts'
import { serveBinding, serveEviction, serveLog, serveScale } from './subresources.ts'
import { serveWatch, type WatchOptions } from './watch.ts'

/** Whether the path lies under a group and version served here. */
const servedGroup = (path: string): boolean => resources.some((resource) => path.startsWith(resource.group === '' ? `/api/${resource.version}/` : `/apis/${apiVersionOf(resource)}/`))

export interface ServeOptions {
  api: Api
  store: Store
  token: string
  now: () => number
  /** host:port */
  address: () => string
  /** True refuses with 403, and the reviews of one's own rights say so. Everything is allowed without it. */
  denied: ((access: Access) => boolean) | undefined
  log: (entry: { method: string; path: string; userAgent: string; at: number }) => void
  watch: WatchOptions
  pages: ReturnType<typeof createPages>
}

const open = new Set(['/livez', '/readyz', '/healthz', '/version'])
const verbs: Record<string, string> = { GET: 'get', HEAD: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }

const patchKind: Record<string, Patch['kind']> = { 'application/json-patch+json': 'json', 'application/merge-patch+json': 'merge', 'application/strategic-merge-patch+json': 'strategic' }
const applyType = 'application/apply-patch+yaml'

const orphaning = 'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning'

const isWatch = (exchange: Exchange): boolean => ['true', '1'].includes(exchange.query.get('watch') ?? '')

const accessOf = (exchange: Exchange, target: Target): Access => {
  const plain = verbs[exchange.method] ?? ''
  const verb = target.name !== '' ? plain : plain === 'get' ? (isWatch(exchange) ? 'watch' : 'list') : plain === 'delete' ? 'deletecollection' : plain
  const { resource, subresource, namespace, name } = target
  return { verb, group: resource.group, resource: resource.plural, subresource, namespace, name }
}

const refuseAccess = (target: Target, access: Access): Failure => {
  const what = access.subresource === '' ? access.resource : `${access.resource}/${access.subresource}`
  const where = access.namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(access.namespace)}`
  return forbidden(target.resource, target.name, `User "sandbox" cannot ${access.verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(access.group)} ${where}`)
}

/** A reading client may ask for metadata only. */
const metadataOnly = (exchange: Exchange): boolean => /as=PartialObjectMetadata/.test(exchange.headers.accept ?? '')
const partial = (object: KubeObject): JsonMap => ({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata })

const serveCollection = async (target: Target, exchange: Exchange, options: ServeOptions): Promise<void> => {
  const { api, store } = options
  const { resource, namespace } = target
  if (exchange.method === 'GET' || exchange.method === 'HEAD') {
    if (isWatch(exchange)) {
      await serveWatch(store, target, exchange, options.watch)
      return
    }
    await waitFor(store, versionAsked(exchange.query))
    answer(exchange, 200, options.pages.read(store, target, exchange.query))
    return
  }
  if (resource.namespaced && namespace === '') throw methodNotAllowed()
  if (exchange.method === 'POST') {
    const write = writeOptions(exchange, 'CreateOptions')
    answer(exchange, 201, api.create(resource, namespace, (await readBody(exchange)) ?? null, write))
    return
  }
  if (exchange.method !== 'DELETE') throw methodNotAllowed()
  const removal = removalOptions(exchange, await readBody(exchange))
  const matches = selected(resource.key, exchange.query.get('labelSelector') ?? '', exchange.query.get('fieldSelector') ?? '')
  const gone = store.list(resource.key, namespace).filter(matches).map((object) => api.remove(resource, namespace, object.metadata.name, removal).object)
  answer(exchange, 200, { ...options.pages.read(store, target, new URLSearchParams({ fieldSelector: 'metadata.name=' })), items: gone })
}

const servePatch = async (target: Target, exchange: Exchange, options: ServeOptions): Promise<void> => {
  const { api } = options
  const { resource, namespace, name } = target
  const type = contentType(exchange)
  const write = writeOptions(exchange, 'PatchOptions')
  const subresource = target.subresource === 'status' ? { subresource: 'status' as const } : {}
  const force = exchange.query.get('force') === 'true'
  if (type === applyType) {
    if (write.asked === '') throw applyRefusal('fieldManager', 'Required value: is required for apply patch')
    const body = await readBody(exchange)
    const { object, created } = api.apply(resource, namespace, name, body ?? null, force, { ...write, ...subresource })
    answer(exchange, created ? 201 : 200, object)
    return
  }
  const kind = patchKind[type]
  if (!kind) {
    throw new Failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})
  }
  if (exchange.query.has('force')) throw applyRefusal('force', 'Forbidden: may not be specified for non-apply patch')
  const patch = { kind, body: (await readBody(exchange)) ?? null }
  if (target.subresource === 'scale') serveScale(api, target, exchange, undefined, patch)
  else answer(exchange, 200, api.patch(resource, namespace, name, patch, { ...write, ...subresource }))
}

const serveObject = async (target: Target, exchange: Exchange, options: ServeOptions): Promise<void> => {
  const { api } = options
  const { resource, namespace, name, subresource } = target
  const { method } = exchange
  if (method === 'GET' || method === 'HEAD') {
    const found = api.get(resource, namespace, name)
    if (subresource === 'scale') serveScale(api, target, exchange, undefined, undefined)
    else answer(exchange, 200, metadataOnly(exchange) ? partial(found) : found)
  } else if (method === 'PATCH') await servePatch(target, exchange, options)
  else if (method === 'PUT') {
    const body = await readBody(exchange)
    const write = writeOptions(exchange, 'UpdateOptions')
    if (subresource === 'scale') serveScale(api, target, exchange, body, undefined)
    else answer(exchange, 200, api.update(resource, namespace, name, body ?? null, { ...write, ...(subresource === 'status' && { subresource: 'status' as const }) }))
  } else if (method === 'DELETE' && subresource === '') {
    const removal = removalOptions(exchange, await readBody(exchange))
    if (resource.key === 'jobs.batch' && removal.propagation === undefined) exchange.warnings.push(orphaning)
    const { object, waiting } = api.remove(resource, namespace, name, removal)
    const details = { name, ...(resource.group !== '' && { group: resource.group }), kind: resource.plural, uid: object.metadata.uid }
    const whole = waiting || resource.key === 'pods' || resource.key === 'services'
    answer(exchange, 200, whole ? object : { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details })
  } else throw methodNotAllowed()
}

const dispatch = async (exchange: Exchange, options: ServeOptions): Promise<void> => {
  const { api, store, now } = options
  const known = discovery(exchange.path, options.address())
  if (known) {
    answer(exchange, 200, known)
    return
  }
  const target = /^\/apis?\//.test(exchange.path) ? targetOf(exchange.path) : undefined
  if (!target) {
    if (servedGroup(exchange.path)) throw new Failure(404, 'NotFound', 'the server could not find the requested resource', {})
    answerText(exchange, 404, '404 page not found\n')
    return
  }
  const access = accessOf(exchange, target)
  if (options.denied?.(access) === true) throw refuseAccess(target, access)
  const { resource, subresource } = target
  if (resource.type === '') {
    if (exchange.method !== 'POST') throw methodNotAllowed()
    await serveReview(resource, exchange, options.denied)
  } else if (target.name === '') await serveCollection(target, exchange, options)
  else if (subresource === '' || (subresource === 'status' && resource.status) || (subresource === 'scale' && resource.scale)) await serveObject(target, exchange, options)
  else if (resource.key === 'pods' && subresource === 'log') await serveLog(api, store, target, exchange)
  else if (resource.key === 'pods' && subresource === 'binding' && exchange.method === 'POST') serveBinding(api, store, target, exchange, await readBody(exchange), now())
  else if (resource.key === 'pods' && subresource === 'eviction' && exchange.method === 'POST') serveEviction(api, target, exchange, await readBody(exchange), now)
  else throw new Failure(404, 'NotFound', `the server could not find the requested resource (${exchange.method.toLowerCase()} ${qualified(resource)} ${target.name})`)
}

/** One request, from token to answer. Never rejects. */
export const serve = async (request: Http2ServerRequest, response: Http2ServerResponse, options: ServeOptions): Promise<void> => {
  const url = new URL(request.url, 'https://sandbox')
  const exchange: Exchange = { method: request.method, path: url.pathname.replace(/(.)\/$/, '$1'), query: url.searchParams, headers: request.headers, request, response, warnings: [] }
  options.log({ method: exchange.method, path: request.url, userAgent: request.headers['user-agent'] ?? '', at: options.now() })
  try {
    const { authorization = '' } = request.headers
    // What is open is for who says no name, not for who says a wrong one.
    if (authorization !== `Bearer ${options.token}` && (authorization !== '' || !open.has(exchange.path))) throw new Failure(401, 'Unauthorized', 'Unauthorized')
    if (exchange.path !== '/version' && open.has(exchange.path)) answerText(exchange, 200, 'ok')
    else await dispatch(exchange, options)
  } catch (error) {
    if (response.headersSent) response.end()
    else answerFailure(exchange, asFailure(error))
  }
}
