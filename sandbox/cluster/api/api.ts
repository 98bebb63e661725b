import { randomUUID } from 'node:crypto'
import { admitPod } from '../admission/pod-admission.ts'
import { applyDefaults } from '../admission/defaults.ts'
import { quotaRefusal } from '../admission/quota.ts'
import { problemsOf } from '../admission/validate.ts'
import { alreadyExists, badRequest, conflict, forbidden, Failure, internal, invalid, notFound, preconditionFailed } from '../failure.ts'
import { protection } from '../admission/claim-rules.ts'
import { ownAfterApply, ownAfterUpdate, type Writer } from '../fields/managed-fields.ts'
import { refuseDuplicates, KeyProblem } from '../fields/typed.ts'
import { suffix } from '../hash.ts'
import { at, copy, isMap, mapAt, numberAt, same, textAt, type Json, type JsonMap } from '../json.ts'
import { annotationsOf, asKubeObject, deletedAt, finalizersOf, generationOf, timestamp, type KubeObject } from '../object.ts'
import { apiVersionOf, resources, resourceNamed, type Resource } from '../resources.ts'
import { pruneUnknown, schemaProblems, shapeOf } from '../schema/schema.ts'
import type { Store } from '../store.ts'
import { patched, type Patch } from './patch.ts'

/** How a write is made. `manager` owns what it changes. */
export interface Write {
  manager: string
  subresource?: 'status' | 'scale'
  dryRun?: boolean
  /** Strict refuses unknown fields, Warn (the default) drops them and says so through `warn`. */
  validation?: 'Strict' | 'Warn' | 'Ignore'
  warn?: (text: string) => void
}

export interface Removal {
  uid?: string
  resourceVersion?: string
  propagation?: 'Background' | 'Foreground' | 'Orphan'
  /** Seconds. */
  grace?: number
  dryRun?: boolean
}

export interface ApiOptions {
  store: Store
  now: () => number
  /** A stand-in for an admission webhook: the reason to refuse the object. */
  refuse?: (object: JsonMap) => string | undefined
  /** A stand-in for a mutating admission webhook: changes a new object in place, before its defaults are filled in. */
  amend?: (object: JsonMap) => void
  /** Given to claims that name none (the admission plugin DefaultStorageClass). */
  defaultStorageClass?: string
  /** Address for the next Service. */
  clusterAddress?: () => string
}

/** The API without HTTP: what handlers and controllers call. Every method throws Failure. */
export interface Api {
  get(resource: Resource, namespace: string, name: string): KubeObject
  create(resource: Resource, namespace: string, body: Json, write: Write): KubeObject
  update(resource: Resource, namespace: string, name: string, body: Json, write: Write): KubeObject
  patch(resource: Resource, namespace: string, name: string, patch: Patch, write: Write): KubeObject
  /** Server-side apply. Also says whether it made the object. */
  apply(resource: Resource, namespace: string, name: string, body: Json, force: boolean, write: Write): { object: KubeObject; created: boolean }
  /** What is left of it: the object itself while it waits for finalizers or a kubelet. */
  remove(resource: Resource, namespace: string, name: string, removal: Removal): { object: KubeObject; waiting: boolean }
}

/** What the API prints of a status that nobody has written: fields that Go never leaves out. */
const firstStatus: Record<string, JsonMap> = {
  'replicasets.apps': { replicas: 0 },
  'daemonsets.apps': { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  'ingresses.networking.k8s.io': { loadBalancer: {} },
  'horizontalpodautoscalers.autoscaling': { desiredReplicas: 0, currentMetrics: null },
}

const templateCounter = 'deprecated.daemonset.template.generation'

/** A DaemonSet counts the changes of its template in an annotation that nobody can take from it (pkg/registry/apps/daemonset). */
const countTemplate = (object: JsonMap, before: KubeObject | undefined): void => {
  const last = before ? Number(annotationsOf(before)[templateCounter] ?? '0') : 0
  const changed = !before || !same(at(before, 'spec', 'template'), at(object, 'spec', 'template'))
  const metadata = mapAt(object, 'metadata')
  metadata['annotations'] = { ...mapAt(metadata, 'annotations'), [templateCounter]: String(changed ? last + 1 : last) }
}

const kubernetesFinalizers: Record<string, string> = { Foreground: 'foregroundDeletion', Orphan: 'orphan' }

export const createApi = (options: ApiOptions): Api => {
  const { store, now } = options
  const warnAll = (write: Write, texts: string[]): void => texts.forEach((text) => write.warn?.(text))

  const live = (resource: Resource, namespace: string, name: string): KubeObject => {
    const found = store.get(resource.key, namespace, name)
    if (!found) throw notFound(resource, name)
    return found
  }

  const writer = (resource: Resource, write: Write): Writer => ({ manager: write.manager, apiVersion: apiVersionOf(resource), subresource: write.subresource ?? '', time: timestamp(now()) })

  const decoded = (resource: Resource, body: Json, write: Write): JsonMap => {
    if (!isMap(body)) throw badRequest(`the object provided is unrecognized (must be of type ${resource.kind}): couldn't get version/kind; json parse error: json: cannot unmarshal ${Array.isArray(body) ? 'array' : typeof body} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`)
    const expected = apiVersionOf(resource)
    const kind = textAt(body, 'kind') || resource.kind
    const version = textAt(body, 'apiVersion') || expected
    if (kind !== resource.kind || version !== expected) throw badRequest(`${kind} in version ${JSON.stringify(version.split('/').at(-1))} cannot be handled as a ${resource.kind}: converting (${version.split('/').at(-1)}.${kind}) to (${resource.group.split('.')[0] || 'core'}.${resource.kind}): unknown conversion`)
    const shape = shapeOf(resource.type)
    const { unknown, wrong } = schemaProblems(shape, body)
    const prefix = `${resource.kind} in version ${JSON.stringify(resource.version)} cannot be handled as a ${resource.kind}`
    const first = wrong[0]
    if (first?.expected === 'quantity') throw badRequest(`${prefix}: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`)
    if (first) throw badRequest(`${prefix}: json: cannot unmarshal ${first.found} into Go struct field ${resource.kind}.${first.path} of type ${first.expected}`)
    const texts = unknown.map((path) => `unknown field ${JSON.stringify(path)}`)
    if (texts.length > 0 && write.validation === 'Strict') throw badRequest(`${prefix}: strict decoding error: ${texts.join(', ')}`)
    if (write.validation !== 'Ignore') warnAll(write, texts)
    const kept = pruneUnknown(shape, body)
    return { ...(isMap(kept) ? kept : {}), kind: resource.kind, apiVersion: expected, metadata: { ...mapAt(kept, 'metadata') } }
  }

  const openNamespace = (resource: Resource, namespace: string, name: string): void => {
    if (!resource.namespaced) return
    const found = store.get('namespaces', '', namespace)
    if (!found) throw notFound(resourceNamed('namespaces'), namespace)
    if (deletedAt(found) === '' && textAt(found, 'status', 'phase') !== 'Terminating') return
    throw forbidden(resource, name, `unable to create new content in namespace ${namespace} because it is being terminated`, [
      { reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' },
    ])
  }

  const admit = (resource: Resource, namespace: string, name: string, object: JsonMap): void => {
    const why = options.refuse?.(object)
    if (why !== undefined) throw new Failure(403, 'Forbidden', `admission webhook "policy.example.com" denied the request: ${why}`)
    const over = namespace === '' ? undefined : quotaRefusal(store, resources, resource, object, namespace)
    if (over !== undefined) throw forbidden(resource, name, over)
  }

  const freshName = (metadata: JsonMap, resource: Resource, namespace: string): string => {
    const base = textAt(metadata, 'generateName')
    for (let attempt = 0; ; attempt += 1) {
      const name = `${base.slice(0, 58)}${suffix(`${resource.key}/${namespace}/${base}/${store.version()}/${now()}/${attempt}`)}`
      if (!store.get(resource.key, namespace, name)) return name
    }
  }

  /** Fills in what the server owns of a new object, in place. */
  const initialise = (resource: Resource, namespace: string, object: JsonMap): string => {
    const metadata = mapAt(object, 'metadata')
    const sent = textAt(metadata, 'namespace')
    if (resource.namespaced && sent !== '' && sent !== namespace) throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
    if (textAt(metadata, 'name') === '' && textAt(metadata, 'generateName') === '') {
      throw invalid(resource, '', [{ kind: 'required', field: 'metadata.name', body: 'Required value: name or generateName is required' }])
    }
    if (textAt(metadata, 'resourceVersion') !== '') throw new Failure(500, '', 'resourceVersion should not be set on objects to be created')
    const name = textAt(metadata, 'name') || freshName(metadata, resource, namespace)
    for (const field of ['deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink']) delete metadata[field]
    object['metadata'] = {
      ...metadata,
      name,
      ...(resource.namespaced && { namespace }),
      uid: randomUUID(),
      creationTimestamp: timestamp(now()),
      ...(resource.generation && { generation: 1 }),
    }
    if (resource.status) object['status'] = resource.key === 'nodes' ? mapAt(object, 'status') : copy(firstStatus[resource.key] ?? {})
    return name
  }

  const specialise = (resource: Resource, namespace: string, object: JsonMap): void => {
    const name = textAt(object, 'metadata', 'name')
    if (resource.key === 'pods') {
      const account = admitPod(object, suffix(textAt(object, 'metadata', 'uid')))
      if (!store.get('serviceaccounts', namespace, account)) throw forbidden(resource, name, `error looking up service account ${namespace}/${account}: serviceaccount ${JSON.stringify(account)} not found`)
    }
    if (resource.key === 'namespaces') object['status'] = { phase: 'Active' }
    if (resource.key === 'persistentvolumeclaims') {
      object['status'] = { phase: 'Pending' }
      const metadata = mapAt(object, 'metadata')
      metadata['finalizers'] = [...finalizersOf(object), protection]
      const spec = mapAt(object, 'spec')
      if (options.defaultStorageClass !== undefined && spec['storageClassName'] === undefined) spec['storageClassName'] = options.defaultStorageClass
    }
    if (resource.key === 'services') {
      const spec = mapAt(object, 'spec')
      if (textAt(spec, 'type') !== 'ExternalName' && textAt(spec, 'clusterIP') === '') {
        const address = options.clusterAddress?.() ?? '10.96.0.10'
        spec['clusterIP'] = address
        spec['clusterIPs'] = [address]
      }
      object['status'] = { loadBalancer: {} }
    }
    if (resource.key === 'daemonsets.apps') countTemplate(object, undefined)
    if (resource.key === 'jobs.batch') {
      const uid = textAt(object, 'metadata', 'uid')
      const spec = mapAt(object, 'spec')
      const own = { 'batch.kubernetes.io/controller-uid': uid, 'batch.kubernetes.io/job-name': name, 'controller-uid': uid, 'job-name': name }
      const template = mapAt(spec, 'template')
      // A label that the sender chose stays.
      const labels = { ...own, ...mapAt(template, 'metadata', 'labels') }
      spec['template'] = { ...template, metadata: { ...mapAt(template, 'metadata'), labels } }
      const metadata = mapAt(object, 'metadata')
      // A Job without labels shares the map of its template (SetDefaults_Job), and so gets these too.
      if (Object.keys(mapAt(metadata, 'labels')).length === 0) metadata['labels'] = { ...labels }
      spec['selector'] = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } }
    }
  }

  const finishCreate = (resource: Resource, namespace: string, object: JsonMap, write: Write): KubeObject => {
    const name = textAt(object, 'metadata', 'name')
    specialise(resource, namespace, object)
    const problems = problemsOf(resource, object)
    if (problems.length > 0) throw invalid(resource, name, problems)
    admit(resource, namespace, name, object)
    if (store.get(resource.key, namespace, name)) throw alreadyExists(resource, name)
    const complete = { ...object, metadata: { ...mapAt(object, 'metadata'), resourceVersion: '' } }
    return write.dryRun === true ? asKubeObject(complete) : store.save(resource.key, asKubeObject(complete))
  }

  const create: Api['create'] = (resource, namespace, body, write) => {
    const object = decoded(resource, copy(body), write)
    const asked = textAt(object, 'metadata', 'name') || textAt(object, 'metadata', 'generateName')
    openNamespace(resource, namespace, asked)
    initialise(resource, namespace, object)
    options.amend?.(object)
    applyDefaults(resource.key, object)
    return finishCreate(resource, namespace, ownAfterUpdate(shapeOf(resource.type), undefined, object, writer(resource, write)), write)
  }

  /** The new state of an object, with only that part taken from `next` which the endpoint may write. */
  const bounded = (resource: Resource, before: KubeObject, next: JsonMap, write: Write): JsonMap => {
    const metadata: JsonMap = { ...mapAt(next, 'metadata') }
    for (const field of ['name', 'namespace', 'uid', 'creationTimestamp', 'generation', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'resourceVersion', 'generateName']) {
      if (before.metadata[field] === undefined) delete metadata[field]
      else metadata[field] = before.metadata[field]
    }
    if (write.subresource === 'status') {
      if (before.metadata['labels'] === undefined) delete metadata['labels']
      else metadata['labels'] = before.metadata['labels']
      return { ...before, metadata, status: next['status'] ?? {} }
    }
    return { ...next, kind: before.kind, apiVersion: before.apiVersion, metadata, ...(resource.status && { status: before['status'] }) }
  }

  const finishUpdate = (resource: Resource, before: KubeObject, next: JsonMap, write: Write): KubeObject => {
    const { name } = before.metadata
    const problems = problemsOf(resource, next, write.subresource === 'status' ? undefined : before)
    if (problems.length > 0 && write.subresource !== 'status') throw invalid(resource, name, problems)
    if (write.subresource !== 'status') {
      const why = options.refuse?.(next)
      if (why !== undefined) throw new Failure(403, 'Forbidden', `admission webhook "policy.example.com" denied the request: ${why}`)
    }
    if (resource.key === 'daemonsets.apps' && write.subresource !== 'status') countTemplate(next, before)
    const metadata = mapAt(next, 'metadata')
    const annotated = resource.key === 'deployments.apps' && !same(annotationsOf(before), annotationsOf(next))
    const counts = resource.generation && write.subresource !== 'status' && (!same(before['spec'], next['spec']) || annotated)
    // An object that changed nothing but the times of its managers is not written at all.
    const complete = asKubeObject({ ...next, metadata: { ...metadata, ...(counts && { generation: generationOf(before) + 1 }) } })
    if (write.dryRun === true) return complete
    const ending = deletedAt(complete) !== '' && finalizersOf(complete).length === 0 && (numberAt(complete, 'metadata', 'deletionGracePeriodSeconds') ?? 0) === 0
    const ended = ending && resource.key !== 'namespaces' && finalizersOf(before).length > 0
    return ended ? store.remove(resource.key, complete) : store.save(resource.key, complete)
  }

  const guardVersion = (resource: Resource, before: KubeObject, sent: JsonMap, patching: boolean): void => {
    const metadata = mapAt(sent, 'metadata')
    const uid = textAt(metadata, 'uid')
    if (uid !== '' && uid !== before.metadata.uid && !patching) throw conflict(resource, before.metadata.name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid}`)
    if (uid !== '' && uid !== before.metadata.uid) throw invalid(resource, before.metadata.name, [{ kind: 'invalid', field: 'metadata.uid', body: `Invalid value: ${JSON.stringify(uid)}: field is immutable` }])
    const version = textAt(metadata, 'resourceVersion')
    if (version !== '' && version !== before.metadata.resourceVersion) throw conflict(resource, before.metadata.name)
  }

  const write = (resource: Resource, before: KubeObject, body: JsonMap, how: Write, patching: boolean): KubeObject => {
    guardVersion(resource, before, body, patching)
    const next = bounded(resource, before, body, how)
    applyDefaults(resource.key, next)
    return finishUpdate(resource, before, ownAfterUpdate(shapeOf(resource.type), before, next, writer(resource, how)), how)
  }

  const update: Api['update'] = (resource, namespace, name, body, how) => {
    const object = decoded(resource, copy(body), how)
    const sent = textAt(object, 'metadata', 'name')
    if (sent !== name) throw badRequest(`the name of the object (${sent}) does not match the name on the URL (${name})`)
    return write(resource, live(resource, namespace, name), object, how, false)
  }

  const patch: Api['patch'] = (resource, namespace, name, change, how) => {
    const before = live(resource, namespace, name)
    const result = patched(shapeOf(resource.type), copy<JsonMap>(before), change)
    const sent = textAt(result, 'metadata', 'name')
    if (sent !== name) throw badRequest(`the name of the object (${sent}) does not match the name on the URL (${name})`)
    return write(resource, before, decoded(resource, result, how), how, true)
  }

  const applied = (resource: Resource, namespace: string, name: string, body: Json): JsonMap => {
    if (!isMap(body)) throw badRequest('error decoding YAML: the body is not an object')
    const expected = apiVersionOf(resource)
    const version = textAt(body, 'apiVersion')
    if (version === '' || textAt(body, 'kind') === '') throw new Failure(400, 'BadRequest', 'invalid object type: /, Kind=')
    if (version !== expected) throw badRequest(`invalid object type: ${version}, Kind=${textAt(body, 'kind')}`)
    const sent = textAt(body, 'metadata', 'name')
    if (sent !== '' && sent !== name) throw badRequest(`the name of the object (${sent}) does not match the name on the URL (${name})`)
    const { unknown, wrong } = schemaProblems(shapeOf(resource.type), body)
    const first = unknown[0] === undefined ? undefined : `.${unknown[0]}: field not declared in schema`
    const about = `${textAt(body, 'metadata', 'namespace')}/${name}; ${expected}, Kind=${resource.kind}`
    if (first !== undefined) throw new Failure(500, '', `failed to create typed patch object (${about}): ${first}`)
    if (wrong[0]) throw new Failure(500, '', `failed to create typed patch object (${about}): .${wrong[0].path}: expected ${{ int32: 'numeric (int or float)', bool: 'boolean', array: 'list', object: 'map' }[wrong[0].expected] ?? wrong[0].expected}, got ${{ number: 'int64', array: 'list', object: 'map' }[wrong[0].found] ?? wrong[0].found}`)
    const kept = pruneUnknown(shapeOf(resource.type), copy(body))
    const object: JsonMap = { ...(isMap(kept) ? kept : {}), metadata: { ...mapAt(kept, 'metadata'), name, ...(resource.namespaced && { namespace }) } }
    try {
      refuseDuplicates(shapeOf(resource.type), object)
    } catch (error) {
      if (error instanceof KeyProblem) throw new Failure(500, '', `failed to create typed patch object (${about}): ${error.message}`)
      throw error
    }
    return object
  }

  const apply: Api['apply'] = (resource, namespace, name, body, force, how) => {
    const config = applied(resource, namespace, name, body)
    const before = store.get(resource.key, namespace, name)
    const shape = shapeOf(resource.type)
    if (!before) {
      if (how.subresource !== undefined) throw notFound(resource, name)
      openNamespace(resource, namespace, name)
      if (textAt(config, 'metadata', 'uid') !== '') throw conflict(resource, name, `uid mismatch: the provided object specified uid ${textAt(config, 'metadata', 'uid')}, and no existing object was found`)
      const object = ownAfterApply(shape, undefined, config, writer(resource, how), force)
      if (resource.status) delete object['status']
      initialise(resource, namespace, object)
      options.amend?.(object)
      applyDefaults(resource.key, object)
      return { object: finishCreate(resource, namespace, object, how), created: true }
    }
    guardVersion(resource, before, config, true)
    const next = bounded(resource, before, ownAfterApply(shape, before, config, writer(resource, how), force), how)
    applyDefaults(resource.key, next)
    return { object: finishUpdate(resource, before, next, how), created: false }
  }

  const graceOf = (resource: Resource, object: KubeObject, removal: Removal): number => {
    if (resource.key !== 'pods') return 0
    if (textAt(object, 'spec', 'nodeName') === '' || ['Failed', 'Succeeded'].includes(textAt(object, 'status', 'phase'))) return 0
    return removal.grace ?? numberAt(object, 'spec', 'terminationGracePeriodSeconds') ?? 30
  }

  const remove: Api['remove'] = (resource, namespace, name, asked) => {
    const before = live(resource, namespace, name)
    // For old times' sake (pkg/registry/batch/job, DefaultGarbageCollectionPolicy).
    const removal: Removal = resource.key === 'jobs.batch' ? { propagation: 'Orphan', ...asked } : asked
    if (removal.uid !== undefined && removal.uid !== before.metadata.uid) {
      throw preconditionFailed(resource, name, `the UID in the precondition (${removal.uid}) does not match the UID in record (${before.metadata.uid}). The object might have been deleted and then recreated`)
    }
    if (removal.resourceVersion !== undefined && removal.resourceVersion !== before.metadata.resourceVersion) {
      throw preconditionFailed(resource, name, `the ResourceVersion in the precondition (${removal.resourceVersion}) does not match the ResourceVersion in record (${before.metadata.resourceVersion}). The object might have been modified`)
    }
    const wanted = removal.propagation === undefined ? undefined : kubernetesFinalizers[removal.propagation]
    const finalizers = finalizersOf(before).filter((item) => item !== 'orphan' && item !== 'foregroundDeletion')
    const kept = wanted === undefined ? (removal.propagation === undefined ? finalizersOf(before) : finalizers) : [...finalizers, wanted]
    const grace = graceOf(resource, before, removal)
    const already = deletedAt(before)
    const held = numberAt(before, 'metadata', 'deletionGracePeriodSeconds') ?? 0
    const waiting = kept.length > 0 || grace > 0 || resource.key === 'namespaces'
    if (removal.dryRun === true) return { object: before, waiting }
    // A second delete may only shorten the time.
    const shorter = already !== '' && grace < held
    const deletion = already === '' ? timestamp(now() + grace * 1000) : shorter ? timestamp(Date.parse(already) - (held - grace) * 1000) : already
    const generation = generationOf(before)
    const metadata = {
      ...before.metadata,
      deletionTimestamp: deletion,
      ...(resource.key !== 'namespaces' && { deletionGracePeriodSeconds: already === '' || shorter ? grace : held }),
      ...(already === '' && generation > 0 && { generation: generation + 1 }),
      ...(kept.length > 0 ? { finalizers: kept } : { finalizers: undefined }),
    }
    const marked: KubeObject = { ...before, metadata, ...(resource.key === 'namespaces' && { status: { ...mapAt(before, 'status'), phase: 'Terminating' } }) }
    if (waiting) return { object: store.save(resource.key, marked), waiting: true }
    // A pod is seen once more, marked, before it goes.
    const last = resource.key === 'pods' ? store.save(resource.key, marked) : before
    return { object: store.remove(resource.key, last), waiting: false }
  }

  return {
    get: live,
    create,
    update,
    patch,
    apply,
    remove,
  }
}

/** Turns what is no Failure into a 500, as a panicking handler would. */
export const asFailure = (error: unknown): Failure => (error instanceof Failure ? error : internal(error instanceof Error ? error.message : String(error)))
