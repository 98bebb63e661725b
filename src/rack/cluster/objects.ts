import { ClusterRefusal } from './cluster-error.ts'
import { collectionPath, objectPath, type ObjectName } from './kinds.ts'
import { isRecord } from '../is-record.ts'
import type { ClusterSession } from './session.ts'

/** A Kubernetes object as plain JSON; the fields that every object has are named. */
export interface PlainObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid?: string
    readonly resourceVersion?: string
    readonly generation?: number
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly deletionTimestamp?: string
    readonly [more: string]: unknown
  }
  readonly [more: string]: unknown
}

/** The one field manager we apply with (design 5). */
export const fieldManager = 'slipway'

/** True for a Kubernetes object. */
export const isPlainObject = (value: unknown): value is PlainObject =>
  isRecord(value) && typeof value['apiVersion'] === 'string' && typeof value['kind'] === 'string' && isRecord(value['metadata']) && typeof value['metadata']['name'] === 'string'

/** Throws when the server answered something else. */
export const plainObject = (value: unknown): PlainObject => {
  if (!isPlainObject(value)) throw new Error('the API server answered something that is not an object')
  return value
}

/** The name of an object. */
export const nameOf = (object: PlainObject): ObjectName => ({
  apiVersion: object.apiVersion, kind: object.kind, name: object.metadata.name, ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
})

/** `Deployment web`, for people. */
export const describeName = (name: ObjectName): string => `${name.kind} ${name.name}`

/** Where the effects on a cluster are: each returns the server's answer or throws `ClusterRefusal` / `ClusterUnreachable`. */
export interface ObjectClient {
  /** Undefined when there is none. */
  read(name: ObjectName, timeout?: number): Promise<PlainObject | undefined>
  /** Server-side apply. `resourceVersion` makes a stale writer get 409. */
  apply(object: PlainObject, options: { force: boolean; dryRun?: boolean; resourceVersion?: string; timeout?: number }): Promise<PlainObject>
  create(object: PlainObject, timeout?: number): Promise<PlainObject>
  /** True when it was there. Deletes only the object with this uid. */
  remove(name: ObjectName, uid: string, timeout?: number): Promise<boolean>
  /**
   * Deletes the object of that name if it carries these labels: question and deletion are one request. True when it was there. What depends on it goes as its
   * kind has it, so a Job is not for this: its pods would stay.
   */
  removeLabelled(name: ObjectName, labels: Readonly<Record<string, string>>, timeout?: number): Promise<boolean>
  patchJson(name: ObjectName, operations: readonly { op: 'test' | 'remove' | 'replace' | 'add'; path: string; value?: unknown }[], timeout?: number): Promise<PlainObject>
}

/** Talks through a session; keeps nothing. */
export const objectClient = (session: ClusterSession): ObjectClient => {
  const limit = (timeout: number | undefined) => (timeout === undefined ? {} : { timeout })
  return {
    read: async (name, timeout) => {
      try {
        return plainObject(await session.request({ method: 'GET', path: objectPath(name), ...limit(timeout) }))
      } catch (error) {
        if (error instanceof ClusterRefusal && error.status === 404) return undefined
        throw error
      }
    },
    apply: async (object, options) => {
      const body = options.resourceVersion === undefined ? object : { ...object, metadata: { ...object.metadata, resourceVersion: options.resourceVersion } }
      return plainObject(await session.request({
        method: 'PATCH', path: objectPath(nameOf(object)), contentType: 'application/apply-patch+yaml', body,
        query: { fieldManager, force: String(options.force), fieldValidation: 'Strict', ...(options.dryRun === true ? { dryRun: 'All' } : {}) }, ...limit(options.timeout),
      }))
    },
    create: async (object, timeout) => {
      const path = objectPath(nameOf(object))
      return plainObject(await session.request({ method: 'POST', path: path.slice(0, path.lastIndexOf('/')), body: object, query: { fieldManager }, ...limit(timeout) }))
    },
    remove: async (name, uid, timeout) => {
      try {
        // In the query, not as DeleteOptions in a body: undici refuses the body of a DELETE over HTTP/2 ("buffer body must have content length").
        // The API server reads `uid` there as a precondition (apimachinery, Convert_url_Values_To_v1_DeleteOptions).
        await session.request({ method: 'DELETE', path: objectPath(name), query: { propagationPolicy: 'Background', uid }, ...limit(timeout) })
        return true
      } catch (error) {
        if (error instanceof ClusterRefusal && error.status === 404) return false
        throw error
      }
    },
    removeLabelled: async (name, labels, timeout) => {
      const labelSelector = Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(',')
      const gone = await session.request({
        method: 'DELETE', path: collectionPath(name.apiVersion, name.kind, name.namespace), query: { fieldSelector: `metadata.name=${name.name}`, labelSelector }, ...limit(timeout),
      })
      return isRecord(gone) && Array.isArray(gone['items']) && gone['items'].length > 0
    },
    patchJson: async (name, operations, timeout) =>
      plainObject(await session.request({ method: 'PATCH', path: objectPath(name), contentType: 'application/json-patch+json', body: operations, query: { fieldManager }, ...limit(timeout) })),
  }
}
