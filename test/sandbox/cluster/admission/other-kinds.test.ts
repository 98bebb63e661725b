import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JsonMap } from '../../../../sandbox/cluster/json.ts'
import { closeCluster, openCluster, type Client } from '../client.ts'

let client: Client
beforeAll(async () => {
  client = await openCluster()
})
afterAll(() => closeCluster(client))

const collections: Record<string, string> = {
  Ingress: '/apis/networking.k8s.io/v1/namespaces/demo/ingresses', HorizontalPodAutoscaler: '/apis/autoscaling/v2/namespaces/demo/horizontalpodautoscalers',
  PersistentVolumeClaim: '/api/v1/namespaces/demo/persistentvolumeclaims', DaemonSet: '/apis/apps/v1/namespaces/demo/daemonsets', Job: '/apis/batch/v1/namespaces/demo/jobs',
}
const create = (kind: string, spec: JsonMap) => client.call('POST', collections[kind] ?? '', { metadata: { name: 'bad' }, spec })
const subdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const path = (more: JsonMap = {}) => ({ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } }, ...more })
const rules = (...paths: JsonMap[]): JsonMap => ({ rules: [{ host: 'a.example.com', http: { paths } }] })
const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
const pod = (spec: JsonMap = {}): JsonMap => ({ metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'main', image: 'x:1' }], ...spec } })
const daemon = (spec: JsonMap, podSpec: JsonMap = {}): JsonMap => ({ selector: { matchLabels: { app: 'a' } }, template: pod(podSpec), ...spec })

// Each text was seen of a real 1.36.1 (test/cluster/agreement.test.ts asks both again).
describe('Admission refuses', () => {
  it.each<[string, string, JsonMap, string]>([
    ['an Ingress without rules', 'Ingress', {}, 'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified'],
    ['an Ingress with a bad host', 'Ingress', { rules: [{ host: 'A_b' }] }, `spec.rules[0].host: Invalid value: "A_b": ${subdomain}`],
    ['an Ingress with a relative path', 'Ingress', rules(path({ path: 'x' })), 'spec.rules[0].http.paths[0].path: Invalid value: "x": must be an absolute path'],
    ['an Ingress path without a type', 'Ingress', rules({ path: '/', backend: {} }), 'spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified'],
    ['an Ingress backend without a port', 'Ingress', rules(path({ backend: { service: { name: 'web', port: {} } } })), 'spec.rules[0].http.paths[0].backend: Required value: port name or number is required'],
    ['an autoscaler with less at most than at least', 'HorizontalPodAutoscaler', { minReplicas: 5, maxReplicas: 3, scaleTargetRef: target }, 'spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`'],
    ['an autoscaler without a group', 'HorizontalPodAutoscaler', { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'web' } }, 'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group'],
    ['an empty claim', 'PersistentVolumeClaim', {}, '[spec.accessModes: Required value: at least 1 access mode is required, spec.resources[storage]: Required value]'],
    ['a claim of nothing', 'PersistentVolumeClaim', { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '0' } } }, 'spec.resources[storage]: Invalid value: "0": must be greater than zero'],
    ['a DaemonSet with a deadline', 'DaemonSet', daemon({}, { activeDeadlineSeconds: 3 }), 'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported'],
    ['a DaemonSet that may never move', 'DaemonSet', daemon({ updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } }), 'spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0'],
    ['a Job that always restarts', 'Job', { template: pod() }, 'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  ])('%s', async (_, kind, spec, why) => {
    const answer = await create(kind, spec)
    expect([answer.status, answer.message.replace(/^\S+ "bad" is invalid: /, '')]).toEqual([422, why])
  })

  it('a scale below nothing', async () => {
    client.cluster.put('deployments.apps', 'demo', { metadata: { name: 'web' }, spec: { paused: true, selector: { matchLabels: { app: 'a' } }, template: pod() } })
    const answer = await client.call('PATCH', '/apis/apps/v1/namespaces/demo/deployments/web/scale', { spec: { replicas: -3 } })
    expect([answer.status, answer.message]).toEqual([422, 'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -3: must be greater than or equal to 0'])
  })
})
