import { at, isMap, mapAt, mapsAt, putDefault, textAt, textsAt, type Json, type JsonMap } from '../json.ts'

// What a 1.36 API server adds to the kinds served here (k8s.io/kubernetes, pkg/apis/*/v1/defaults.go).

const child = (parent: JsonMap, key: string): JsonMap => {
  const found = parent[key]
  if (isMap(found)) return found
  const made: JsonMap = {}
  parent[key] = made
  return made
}

/** `:latest` and no tag at all pull always; a digest counts as a tag. */
const pullPolicy = (image: string): string => {
  if (image.includes('@')) return 'IfNotPresent'
  const tag = /:([^/:]+)$/.exec(image)?.[1]
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent'
}

const httpGet = (handler: Json | undefined): void => {
  if (!isMap(handler) || !isMap(handler['httpGet'])) return
  putDefault(handler['httpGet'], 'path', '/')
  putDefault(handler['httpGet'], 'scheme', 'HTTP')
}

const probe = (value: Json | undefined): void => {
  if (!isMap(value)) return
  putDefault(value, 'timeoutSeconds', 1)
  putDefault(value, 'periodSeconds', 10)
  putDefault(value, 'successThreshold', 1)
  putDefault(value, 'failureThreshold', 3)
  if (isMap(value['grpc'])) putDefault(value['grpc'], 'service', '')
  httpGet(value)
}

const container = (value: JsonMap): void => {
  putDefault(value, 'imagePullPolicy', pullPolicy(textAt(value, 'image')))
  putDefault(value, 'terminationMessagePath', '/dev/termination-log')
  putDefault(value, 'terminationMessagePolicy', 'File')
  putDefault(value, 'resources', {})
  for (const port of mapsAt(value, 'ports')) putDefault(port, 'protocol', 'TCP')
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) probe(value[name])
  httpGet(at(value, 'lifecycle', 'preStop'))
  httpGet(at(value, 'lifecycle', 'postStart'))
  for (const entry of mapsAt(value, 'env')) {
    const reference = at(entry, 'valueFrom', 'fieldRef')
    if (isMap(reference)) putDefault(reference, 'apiVersion', 'v1')
  }
}

const volume = (value: JsonMap): void => {
  if (Object.keys(value).every((key) => key === 'name')) value['emptyDir'] = {}
  for (const source of ['secret', 'configMap', 'downwardAPI', 'projected']) {
    const found = value[source]
    if (isMap(found)) putDefault(found, 'defaultMode', 0o644)
  }
  const host = value['hostPath']
  if (isMap(host)) putDefault(host, 'type', '')
  for (const source of mapsAt(value, 'projected', 'sources')) {
    const token = source['serviceAccountToken']
    if (isMap(token)) putDefault(token, 'expirationSeconds', 3600)
    for (const item of mapsAt(source, 'downwardAPI', 'items')) if (isMap(item['fieldRef'])) putDefault(item['fieldRef'], 'apiVersion', 'v1')
  }
}

/** Fills in a pod's spec, or a template's. */
export const defaultPodSpec = (spec: JsonMap): void => {
  putDefault(spec, 'restartPolicy', 'Always')
  putDefault(spec, 'terminationGracePeriodSeconds', 30)
  putDefault(spec, 'dnsPolicy', 'ClusterFirst')
  putDefault(spec, 'securityContext', {})
  putDefault(spec, 'schedulerName', 'default-scheduler')
  const account = textAt(spec, 'serviceAccountName')
  if (account !== '') spec['serviceAccount'] = account
  for (const list of ['containers', 'initContainers']) for (const item of mapsAt(spec, list)) container(item)
  for (const item of mapsAt(spec, 'volumes')) volume(item)
}

const template = (spec: JsonMap, ...path: string[]): void => {
  const found = at(spec, ...path)
  if (isMap(found) && isMap(found['spec'])) defaultPodSpec(found['spec'])
}

const copyLimits = (spec: JsonMap): void => {
  for (const list of ['containers', 'initContainers']) {
    for (const item of mapsAt(spec, list)) {
      const limits = textsAt(item, 'resources', 'limits')
      if (Object.keys(limits).length === 0) continue
      const requests = child(child(item, 'resources'), 'requests')
      for (const [name, amount] of Object.entries(limits)) putDefault(requests, name, amount)
    }
  }
}

const job = (spec: JsonMap): void => {
  if (spec['completions'] === undefined && spec['parallelism'] === undefined) spec['completions'] = 1
  putDefault(spec, 'parallelism', 1)
  putDefault(spec, 'backoffLimit', 6)
  putDefault(spec, 'completionMode', 'NonIndexed')
  putDefault(spec, 'suspend', false)
  putDefault(spec, 'podReplacementPolicy', isMap(spec['podFailurePolicy']) ? 'Failed' : 'TerminatingOrFailed')
  putDefault(spec, 'manualSelector', false)
  template(spec, 'template')
}

/** By resource key. Each may change the object it is given. */
const byResource: Record<string, (object: JsonMap, spec: JsonMap) => void> = {
  pods: (_, spec) => {
    copyLimits(spec)
    defaultPodSpec(spec)
    putDefault(spec, 'enableServiceLinks', true)
  },
  'deployments.apps': (_, spec) => {
    putDefault(spec, 'replicas', 1)
    const strategy = child(spec, 'strategy')
    putDefault(strategy, 'type', 'RollingUpdate')
    if (strategy['type'] === 'RollingUpdate') {
      const rolling = child(strategy, 'rollingUpdate')
      putDefault(rolling, 'maxUnavailable', '25%')
      putDefault(rolling, 'maxSurge', '25%')
    }
    putDefault(spec, 'revisionHistoryLimit', 10)
    putDefault(spec, 'progressDeadlineSeconds', 600)
    template(spec, 'template')
  },
  'replicasets.apps': (_, spec) => {
    putDefault(spec, 'replicas', 1)
    template(spec, 'template')
  },
  'daemonsets.apps': (_, spec) => {
    const strategy = child(spec, 'updateStrategy')
    putDefault(strategy, 'type', 'RollingUpdate')
    if (strategy['type'] === 'RollingUpdate') {
      const rolling = child(strategy, 'rollingUpdate')
      putDefault(rolling, 'maxUnavailable', 1)
      putDefault(rolling, 'maxSurge', 0)
    }
    putDefault(spec, 'revisionHistoryLimit', 10)
    template(spec, 'template')
  },
  'jobs.batch': (_, spec) => job(spec),
  'cronjobs.batch': (_, spec) => {
    putDefault(spec, 'concurrencyPolicy', 'Allow')
    putDefault(spec, 'suspend', false)
    putDefault(spec, 'successfulJobsHistoryLimit', 3)
    putDefault(spec, 'failedJobsHistoryLimit', 1)
    const made = child(spec, 'jobTemplate')
    child(made, 'metadata')
    child(child(child(made, 'spec'), 'template'), 'metadata')
    template(spec, 'jobTemplate', 'spec', 'template')
  },
  services: (_, spec) => {
    putDefault(spec, 'type', 'ClusterIP')
    putDefault(spec, 'sessionAffinity', 'None')
    if (spec['type'] !== 'ExternalName') {
      putDefault(spec, 'internalTrafficPolicy', 'Cluster')
      putDefault(spec, 'ipFamilies', ['IPv4'])
      putDefault(spec, 'ipFamilyPolicy', 'SingleStack')
    }
    for (const port of mapsAt(spec, 'ports')) {
      putDefault(port, 'protocol', 'TCP')
      putDefault(port, 'targetPort', port['port'] ?? 0)
    }
  },
  secrets: (object) => {
    const written = textsAt(object, 'stringData')
    if (object['stringData'] !== undefined) {
      const data = child(object, 'data')
      for (const [key, text] of Object.entries(written)) data[key] = Buffer.from(text, 'utf8').toString('base64')
      delete object['stringData']
    }
    putDefault(object, 'type', 'Opaque')
  },
  namespaces: (object, spec) => {
    putDefault(spec, 'finalizers', ['kubernetes'])
    child(child(object, 'metadata'), 'labels')['kubernetes.io/metadata.name'] = textAt(object, 'metadata', 'name')
  },
  events: (event) => {
    putDefault(event, 'source', {})
    for (const field of ['firstTimestamp', 'lastTimestamp', 'eventTime']) event[field] ??= null
    putDefault(event, 'reportingComponent', '')
    putDefault(event, 'reportingInstance', '')
  },
  persistentvolumeclaims: (_, spec) => putDefault(spec, 'volumeMode', 'Filesystem'),
  'horizontalpodautoscalers.autoscaling': (_, spec) => {
    putDefault(spec, 'minReplicas', 1)
    putDefault(spec, 'metrics', [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }])
  },
  'rolebindings.rbac.authorization.k8s.io': (object) => bindings(object),
  'clusterrolebindings.rbac.authorization.k8s.io': (object) => bindings(object),
}

const bindings = (object: JsonMap): void => {
  const rbac = 'rbac.authorization.k8s.io'
  if (isMap(object['roleRef'])) putDefault(object['roleRef'], 'apiGroup', rbac)
  for (const subject of mapsAt(object, 'subjects')) if (textAt(subject, 'kind') !== 'ServiceAccount') putDefault(subject, 'apiGroup', rbac)
}

const withSpec = new Set(['pods', 'services', 'namespaces', 'persistentvolumeclaims', 'deployments.apps', 'replicasets.apps', 'daemonsets.apps', 'jobs.batch', 'cronjobs.batch'])

/** Fills in, in place, what a client may leave out. */
export const applyDefaults = (resource: string, object: JsonMap): void => {
  const spec = withSpec.has(resource) ? child(object, 'spec') : mapAt(object, 'spec')
  byResource[resource]?.(object, spec)
}
