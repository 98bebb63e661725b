import type { PlainObject } from '../cluster/objects.ts'
import { isRecord } from '../is-record.ts'
import type { Job, KubernetesObject, PodSpec } from './objects.ts'

/** True for what holds an app's data: never removed by a promotion, in either direction. Only the deletion of the app takes it. */
export const keepsData = ({ kind }: { readonly kind: string }): boolean => kind === 'PersistentVolumeClaim'

/** No node has it: an agent that asks for it runs nowhere. */
const nowhere = { 'slipway/stopped': 'true' }

const changedIn = (value: unknown, [field = '', ...more]: readonly string[], change: Readonly<Record<string, unknown>>): unknown => {
  if (!isRecord(value)) return value
  return field === '' ? { ...value, ...change } : { ...value, [field]: changedIn(value[field], more, change) }
}

/**
 * The same object with no process running: what is left of a first release that failed, kept for inspection; undefined when it runs nothing.
 * To be applied by our own field manager, so that the next release's apply takes it back.
 */
export const stopped = (object: PlainObject): PlainObject | undefined => {
  const spec = object['spec']
  switch (object.kind) {
    case 'Deployment': return { ...object, spec: changedIn(spec, [], { replicas: 0 }) }
    case 'DaemonSet': return { ...object, spec: changedIn(spec, ['template', 'spec'], { nodeSelector: nowhere }) }
    case 'CronJob': return { ...object, spec: changedIn(spec, [], { suspend: true }) }
    default: return undefined
  }
}

const podOf = (object: KubernetesObject | Job): PodSpec | undefined => {
  switch (object.kind) {
    case 'Deployment': case 'DaemonSet': case 'Job': return object.spec.template.spec
    case 'CronJob': return object.spec.jobTemplate.spec.template.spec
    default: return undefined
  }
}

/** Kinds and names of what the pods of an object cannot start without, the rack's pull secret included: `Secret/env-…`, sorted, each once. */
export const references = (object: KubernetesObject | Job): readonly string[] => {
  const pod = podOf(object)
  if (pod === undefined) return []
  const env = [...pod.initContainers ?? [], ...pod.containers].flatMap(({ envFrom }) => envFrom.map(({ secretRef }) => `Secret/${secretRef.name}`))
  const pull = (pod.imagePullSecrets ?? []).map(({ name }) => `Secret/${name}`)
  const volumes = (pod.volumes ?? []).flatMap(({ configMap, persistentVolumeClaim }) => [
    ...(configMap === undefined ? [] : [`ConfigMap/${configMap.name}`]),
    ...(persistentVolumeClaim === undefined ? [] : [`PersistentVolumeClaim/${persistentVolumeClaim.claimName}`]),
  ])
  return [...new Set([...env, ...pull, ...volumes])].sort()
}

/** Kind and name, as one key: objects of one namespace that agree in both are the same object. */
export const objectKey = ({ kind, metadata }: { readonly kind: string; readonly metadata: { readonly name: string } }): string => `${kind}/${metadata.name}`

/** Those of a release's objects that have to be there before `workload` can run: its Secrets, ConfigMaps and claims, in their order. */
export const neededBy = <One extends Parameters<typeof objectKey>[0]>(workload: KubernetesObject | Job, objects: readonly One[]): readonly One[] => {
  const needed = new Set(references(workload))
  return objects.filter((object) => needed.has(objectKey(object)))
}
