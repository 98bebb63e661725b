/** What we know of an API kind: where its objects live. */
interface Kind { readonly apiVersion: string; readonly kind: string; readonly plural: string; readonly namespaced: boolean }

const kinds: readonly Kind[] = [
  { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
  { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true },
  { apiVersion: 'v1', kind: 'Service', plural: 'services', namespaced: true },
  { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims', namespaced: true },
  { apiVersion: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', namespaced: true },
  { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
  { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true },
  { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet', plural: 'replicasets', namespaced: true },
  { apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false },
  { apiVersion: 'apps/v1', kind: 'DaemonSet', plural: 'daemonsets', namespaced: true },
  { apiVersion: 'batch/v1', kind: 'CronJob', plural: 'cronjobs', namespaced: true },
  { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs', namespaced: true },
  { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', plural: 'horizontalpodautoscalers', namespaced: true },
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', plural: 'ingresses', namespaced: true },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', plural: 'rolebindings', namespaced: true },
]

/** Which object is meant. */
export interface ObjectName { readonly apiVersion: string; readonly kind: string; readonly namespace?: string; readonly name: string }

const kindOf = (apiVersion: string, kind: string): Kind => {
  const known = kinds.find((each) => each.apiVersion === apiVersion && each.kind === kind)
  if (known === undefined) throw new Error(`no such kind: ${apiVersion} ${kind}`)
  return known
}

const root = (apiVersion: string): string => (apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`)

/** Path of the collection, cluster-wide when `namespace` is left out. */
export const collectionPath = (apiVersion: string, kind: string, namespace?: string): string => {
  const known = kindOf(apiVersion, kind)
  return known.namespaced && namespace !== undefined ? `${root(apiVersion)}/namespaces/${encodeURIComponent(namespace)}/${known.plural}` : `${root(apiVersion)}/${known.plural}`
}

/** Path of one object. */
export const objectPath = (name: ObjectName): string => `${collectionPath(name.apiVersion, name.kind, name.namespace)}/${encodeURIComponent(name.name)}`
