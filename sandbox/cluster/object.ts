import { isMap, listAt, mapsAt, textAt, textsAt, type Json, type JsonMap } from './json.ts'

export type OwnerReference = { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean; blockOwnerDeletion?: boolean }

export type ObjectMeta = JsonMap & { name: string; namespace?: string; uid: string; resourceVersion: string; creationTimestamp: string }

/** An object as it is stored: identity and version are always there. */
export type KubeObject = JsonMap & { apiVersion: string; kind: string; metadata: ObjectMeta }

export const isObjectMeta = (value: Json | undefined): value is ObjectMeta =>
  isMap(value) &&
  ['name', 'uid', 'resourceVersion', 'creationTimestamp'].every((field) => typeof value[field] === 'string') &&
  (value['namespace'] === undefined || typeof value['namespace'] === 'string')

export const isKubeObject = (value: Json | undefined): value is KubeObject =>
  isMap(value) && typeof value['apiVersion'] === 'string' && typeof value['kind'] === 'string' && isObjectMeta(value['metadata'])

/** Throws when it is not a complete object: a mistake of ours, never of a client. */
export const asKubeObject = (value: Json | undefined): KubeObject => {
  if (!isKubeObject(value)) throw new Error(`not a complete object: ${JSON.stringify(value)?.slice(0, 200)}`)
  return value
}

export const namespaceOf = (object: KubeObject): string => object.metadata.namespace ?? ''
export const labelsOf = (object: JsonMap): Record<string, string> => textsAt(object, 'metadata', 'labels')
export const annotationsOf = (object: JsonMap): Record<string, string> => textsAt(object, 'metadata', 'annotations')
export const generationOf = (object: JsonMap): number => {
  const generation = isMap(object['metadata']) ? object['metadata']['generation'] : 0
  return typeof generation === 'number' ? generation : 0
}
export const deletedAt = (object: JsonMap): string => textAt(object, 'metadata', 'deletionTimestamp')
export const finalizersOf = (object: JsonMap): string[] => listAt(object, 'metadata', 'finalizers').filter((item) => typeof item === 'string')

export const ownersOf = (object: JsonMap): OwnerReference[] =>
  mapsAt(object, 'metadata', 'ownerReferences').map((owner) => ({
    apiVersion: textAt(owner, 'apiVersion'),
    kind: textAt(owner, 'kind'),
    name: textAt(owner, 'name'),
    uid: textAt(owner, 'uid'),
    ...(owner['controller'] === true && { controller: true }),
    ...(owner['blockOwnerDeletion'] === true && { blockOwnerDeletion: true }),
  }))

export const controllerOf = (object: JsonMap): OwnerReference | undefined => ownersOf(object).find((owner) => owner.controller === true)

/** The reference that marks `owner` as the controller of what it makes. */
export const controllerReference = (owner: KubeObject): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
})

/** Seconds, as the API prints times. */
export const timestamp = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`
/** Microseconds, as events of the newer API print them. */
export const microTimestamp = (at: number): string => `${new Date(at).toISOString().slice(0, 23)}000Z`
