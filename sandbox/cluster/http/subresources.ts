import { Agent, fetch } from 'undici'
import type { Api } from '../api/api.ts'
import { bind, evict } from '../controllers/scheduler.ts'
import { nonNegative } from '../admission/pod-rules.ts'
import { badRequest, Failure, internal, invalid, methodNotAllowed, notFound } from '../failure.ts'
import { isMap, mapsAt, numberAt, textAt, textsAt, type Json, type JsonMap } from '../json.ts'
import type { KubeObject } from '../object.ts'
import { patched, type Patch } from '../api/patch.ts'
import { shapeOf } from '../schema/schema.ts'
import type { Store } from '../store.ts'
import { answer, answerText, beginStream, type Exchange } from './exchange.ts'
import { removalOptions, writeOptions } from './options.ts'
import type { Target } from './route.ts'

const success = (code: number): JsonMap => ({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code })

/** The Scale of a Deployment or ReplicaSet. */
const scaleOf = (object: KubeObject): JsonMap => {
  const labels = textsAt(object, 'spec', 'selector', 'matchLabels')
  const { name, namespace = '', uid, resourceVersion, creationTimestamp } = object.metadata
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt(object, 'spec', 'replicas') ?? 0 },
    status: {
      replicas: numberAt(object, 'status', 'replicas') ?? 0,
      selector: Object.entries(labels).sort().map(([key, value]) => `${key}=${value}`).join(','),
    },
  }
}

/** GET, PUT and PATCH of …/scale. */
export const serveScale = (api: Api, target: Target, exchange: Exchange, body: Json | undefined, patch: Patch | undefined): void => {
  const before = api.get(target.resource, target.namespace, target.name)
  if (exchange.method === 'GET') {
    answer(exchange, 200, scaleOf(before))
    return
  }
  const written = patch ? patched(shapeOf('autoscaling.v2.HorizontalPodAutoscaler'), scaleOf(before), patch) : body
  if (!isMap(written)) throw badRequest('the body is not a Scale')
  const replicas = numberAt(written, 'spec', 'replicas') ?? 0
  if (replicas < 0) throw invalid({ ...target.resource, group: 'autoscaling', kind: 'Scale' }, target.name, nonNegative('spec.replicas', replicas))
  const version = textAt(written, 'metadata', 'resourceVersion')
  const write = writeOptions(exchange, patch ? 'PatchOptions' : 'UpdateOptions')
  const change = { metadata: version === '' ? {} : { resourceVersion: version }, spec: { replicas } }
  const after = api.patch(target.resource, target.namespace, target.name, { kind: 'merge', body: change }, { ...write, subresource: 'scale' })
  answer(exchange, 200, scaleOf(after))
}

export const serveBinding = (api: Api, store: Store, target: Target, exchange: Exchange, body: Json | undefined, now: number): void => {
  const write = writeOptions(exchange, 'CreateOptions')
  const node = textAt(body, 'target', 'name')
  if (node === '') throw badRequest('binding requires a target name')
  const pod = api.get(target.resource, target.namespace, target.name)
  if (write.dryRun !== true) bind(store, pod, node, now)
  answer(exchange, 201, success(201))
}

export const serveEviction = (api: Api, target: Target, exchange: Exchange, body: Json | undefined, now: () => number): void => {
  const pod = api.get(target.resource, target.namespace, target.name)
  const options = isMap(body) && isMap(body['deleteOptions']) ? body['deleteOptions'] : undefined
  const removal = removalOptions(exchange, options)
  if (removal.dryRun !== true) evict({ api, now }, pod, removal.grace)
  answer(exchange, 201, success(201))
}

/** Kubelets sign their own certificates: the API server does not verify them unless told to. */
const kubelets = new Agent({ connect: { rejectUnauthorized: false }, headersTimeout: 10_000, bodyTimeout: 0 })

const containerOf = (pod: KubeObject, asked: string): string => {
  const names = [...mapsAt(pod, 'spec', 'initContainers'), ...mapsAt(pod, 'spec', 'containers')].map((container) => textAt(container, 'name'))
  const regular = mapsAt(pod, 'spec', 'containers').map((container) => textAt(container, 'name'))
  if (asked === '') {
    const [only = ''] = regular
    if (regular.length === 1) return only
    throw badRequest(`a container name must be specified for pod ${pod.metadata.name}, choose one of: [${regular.join(' ')}]`)
  }
  if (!names.includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${pod.metadata.name}`)
  return asked
}

/** GET …/log: fetched from the kubelet of the pod's node, as the real one does. */
export const serveLog = async (api: Api, store: Store, target: Target, exchange: Exchange): Promise<void> => {
  if (exchange.method !== 'GET') throw methodNotAllowed()
  const pod = api.get(target.resource, target.namespace, target.name)
  const container = containerOf(pod, exchange.query.get('container') ?? '')
  const nodeName = textAt(pod, 'spec', 'nodeName')
  if (nodeName === '') {
    // Seen of a real 1.36: no node, no content.
    exchange.response.writeHead(204)
    exchange.response.end()
    return
  }
  const node = store.get('nodes', '', nodeName)
  if (!node) throw notFound({ ...target.resource, plural: 'nodes', key: 'nodes' }, nodeName)
  const address = textAt(mapsAt(node, 'status', 'addresses').find((item) => textAt(item, 'type') === 'InternalIP'), 'address')
  const port = numberAt(node, 'status', 'daemonEndpoints', 'kubeletEndpoint', 'Port') ?? 10_250
  const query = new URLSearchParams()
  for (const name of ['previous', 'tailLines', 'timestamps', 'follow', 'sinceSeconds', 'sinceTime', 'limitBytes']) {
    const value = exchange.query.get(name)
    if (value !== null && value !== 'false') query.set(name, value)
  }
  const abort = new AbortController()
  exchange.response.on('close', () => abort.abort())
  const url = `https://${address}:${port}/containerLogs/${target.namespace}/${target.name}/${container}?${query}`
  let answered
  try {
    answered = await fetch(url, { dispatcher: kubelets, signal: abort.signal })
  } catch (error) {
    if (abort.signal.aborted) return
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    throw internal(`Get "${url}": ${cause}`)
  }
  if (answered.status !== 200 || !answered.body) {
    const text = await answered.text()
    if (answered.status === 400) throw badRequest(text)
    if (answered.status === 500) throw internal(text)
    throw new Failure(answered.status, answered.status === 404 ? 'NotFound' : '', `the server could not find the requested resource ( pods/log ${target.name})`, { name: target.name, kind: 'pods/log', causes: [{ message: text }] })
  }
  if (query.get('follow') !== 'true') {
    answerText(exchange, 200, await answered.text())
    return
  }
  beginStream(exchange, 'text/plain')
  try {
    for await (const chunk of answered.body) exchange.response.write(chunk)
  } catch (error) {
    if (!abort.signal.aborted) throw error
  }
  exchange.response.end()
}
