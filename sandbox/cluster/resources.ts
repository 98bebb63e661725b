/** One served resource: where it lives and how it behaves. */
export interface Resource {
  /** Unique here: `deployments.apps`. */
  key: string
  group: string
  version: string
  plural: string
  singular: string
  kind: string
  short: string[]
  namespaced: boolean
  /** Type name in the schema, or '' for what is never stored. */
  type: string
  /** Whether `/status` is its own endpoint. */
  status: boolean
  scale: boolean
  /** Whether `metadata.generation` counts spec changes. */
  generation: boolean
  verbs: string[]
}

const all = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

const resource = (group: string, version: string, plural: string, kind: string, type: string, more: Partial<Resource> = {}): Resource => ({
  key: group === '' ? plural : `${plural}.${group}`,
  group,
  version,
  plural,
  singular: kind.toLowerCase(),
  kind,
  type,
  short: [],
  namespaced: true,
  status: false,
  scale: false,
  generation: false,
  verbs: all,
  ...more,
})

const rbac = 'rbac.authorization.k8s.io'

export const resources: readonly Resource[] = [
  resource('', 'v1', 'namespaces', 'Namespace', 'core.v1.Namespace', { namespaced: false, status: true, short: ['ns'] }),
  resource('', 'v1', 'pods', 'Pod', 'core.v1.Pod', { status: true, short: ['po'], generation: true }),
  resource('', 'v1', 'secrets', 'Secret', 'core.v1.Secret'),
  resource('', 'v1', 'configmaps', 'ConfigMap', 'core.v1.ConfigMap', { short: ['cm'] }),
  resource('', 'v1', 'services', 'Service', 'core.v1.Service', { status: true, short: ['svc'] }),
  resource('', 'v1', 'serviceaccounts', 'ServiceAccount', 'core.v1.ServiceAccount', { short: ['sa'] }),
  resource('', 'v1', 'events', 'Event', 'core.v1.Event', { short: ['ev'] }),
  resource('', 'v1', 'nodes', 'Node', 'core.v1.Node', { namespaced: false, status: true, short: ['no'] }),
  resource('', 'v1', 'resourcequotas', 'ResourceQuota', 'core.v1.ResourceQuota', { status: true, short: ['quota'] }),
  resource('', 'v1', 'persistentvolumeclaims', 'PersistentVolumeClaim', 'core.v1.PersistentVolumeClaim', { status: true, short: ['pvc'] }),
  resource('apps', 'v1', 'deployments', 'Deployment', 'apps.v1.Deployment', { status: true, scale: true, generation: true, short: ['deploy'] }),
  resource('apps', 'v1', 'replicasets', 'ReplicaSet', 'apps.v1.ReplicaSet', { status: true, scale: true, generation: true, short: ['rs'] }),
  resource('apps', 'v1', 'daemonsets', 'DaemonSet', 'apps.v1.DaemonSet', { status: true, generation: true, short: ['ds'] }),
  resource('apps', 'v1', 'controllerrevisions', 'ControllerRevision', 'apps.v1.ControllerRevision'),
  resource('batch', 'v1', 'jobs', 'Job', 'batch.v1.Job', { status: true, generation: true }),
  resource('batch', 'v1', 'cronjobs', 'CronJob', 'batch.v1.CronJob', { status: true, generation: true, short: ['cj'] }),
  resource('networking.k8s.io', 'v1', 'ingresses', 'Ingress', 'networking.v1.Ingress', { status: true, generation: true, short: ['ing'] }),
  resource('autoscaling', 'v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler', 'autoscaling.v2.HorizontalPodAutoscaler', { status: true, short: ['hpa'] }),
  resource(rbac, 'v1', 'roles', 'Role', 'rbac.v1.Role'),
  resource(rbac, 'v1', 'rolebindings', 'RoleBinding', 'rbac.v1.RoleBinding'),
  resource(rbac, 'v1', 'clusterroles', 'ClusterRole', 'rbac.v1.ClusterRole', { namespaced: false }),
  resource(rbac, 'v1', 'clusterrolebindings', 'ClusterRoleBinding', 'rbac.v1.ClusterRoleBinding', { namespaced: false }),
  resource('coordination.k8s.io', 'v1', 'leases', 'Lease', 'coordination.v1.Lease'),
  resource('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice', 'discovery.v1.EndpointSlice'),
  resource('authorization.k8s.io', 'v1', 'selfsubjectaccessreviews', 'SelfSubjectAccessReview', '', { namespaced: false, verbs: ['create'] }),
  resource('authorization.k8s.io', 'v1', 'selfsubjectrulesreviews', 'SelfSubjectRulesReview', '', { namespaced: false, verbs: ['create'] }),
  resource('authentication.k8s.io', 'v1', 'selfsubjectreviews', 'SelfSubjectReview', '', { namespaced: false, verbs: ['create'] }),
]

const byKey = new Map(resources.map((resource) => [resource.key, resource]))

/** The resource named `deployments.apps`, `pods` … Throws for one that is not served. */
export const resourceNamed = (key: string): Resource => {
  const found = byKey.get(key)
  if (!found) throw new Error(`no such resource: ${key}`)
  return found
}

export const findResource = (group: string, version: string, plural: string): Resource | undefined =>
  resources.find((resource) => resource.group === group && resource.version === version && resource.plural === plural)

/** By what an owner reference says. */
export const resourceOfKind = (apiVersion: string, kind: string): Resource | undefined =>
  resources.find((resource) => resource.kind === kind && apiVersionOf(resource) === apiVersion)

export const apiVersionOf = (resource: Resource): string => (resource.group === '' ? resource.version : `${resource.group}/${resource.version}`)
