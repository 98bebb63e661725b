import { ApiFailure, type Api } from '../../../sandbox/kubelet/api.ts'

const container = { containers: [{ name: 'main', image: 'x:1' }] }
const template = (spec: object = {}) => ({ metadata: { labels: { app: 'a' } }, spec: { ...container, ...spec } })
const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
const rule = (...paths: object[]) => ({ rules: [{ host: 'a.example.com', http: { paths } }] })
const backend = { service: { name: 'web', port: { number: 80 } } }
const daemon = (spec: object, pod: object = {}) => ({ selector: { matchLabels: { app: 'a' } }, template: template({ nodeSelector: { no: 'where' }, ...pod }), ...spec })
const task = (spec: object = {}) => ({ suspend: true, template: template({ restartPolicy: 'Never' }), ...spec })
const timer = (spec: object) => ({ suspend: true, schedule: '0 0 * * *', jobTemplate: { spec: task() }, ...spec })
const claim = (spec: object) => ({ accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec })

const apps = '/apis/apps/v1'
const batch = '/apis/batch/v1'
const network = '/apis/networking.k8s.io/v1'
const scaling = '/apis/autoscaling/v2'

/** What is sent to both API servers: group, plural, spec. What they make of it has to be the same, word by word. */
export const questions: readonly (readonly [group: string, plural: string, spec: object])[] = [
  [apps, 'daemonsets', daemon({})],
  [apps, 'daemonsets', daemon({}, { activeDeadlineSeconds: 3, restartPolicy: 'Never' })],
  [apps, 'daemonsets', daemon({ updateStrategy: { type: 'Sometimes' } })],
  [apps, 'daemonsets', daemon({ updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } })],
  [apps, 'daemonsets', daemon({ selector: { matchLabels: { app: 'b' } } })],
  [apps, 'deployments', { paused: true, replicas: 0, selector: { matchLabels: { app: 'a' } }, template: template() }],
  [batch, 'jobs', task()],
  [batch, 'jobs', task({ backoffLimit: -1, template: template({ restartPolicy: 'Sometimes' }) })],
  [batch, 'jobs', task({ template: template() })],
  [batch, 'cronjobs', timer({})],
  [batch, 'cronjobs', timer({ schedule: '0 0 * *', timeZone: 'No/Where', concurrencyPolicy: 'Maybe' })],
  [batch, 'cronjobs', timer({ jobTemplate: { spec: task({ backoffLimit: -1, template: template() }) } })],
  [network, 'ingresses', { ingressClassName: 'nginx', tls: [{ hosts: ['a.example.com'], secretName: 's' }], ...rule({ path: '/', pathType: 'Prefix', backend }) }],
  [network, 'ingresses', {}],
  [network, 'ingresses', { rules: [{ host: 'A_b' }, { host: '10.0.0.1' }, { host: '*.example.com' }, { host: '*.*.com' }] }],
  [network, 'ingresses', rule({ path: 'x', pathType: 'Prefix', backend: { service: { name: 'web', port: {} } } }, { path: '/', backend }, { path: '/a//b', pathType: 'Exact', backend })],
  [scaling, 'horizontalpodautoscalers', { maxReplicas: 3, scaleTargetRef: target }],
  [scaling, 'horizontalpodautoscalers', { minReplicas: 5, maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: '' } }],
  [scaling, 'horizontalpodautoscalers', { minReplicas: 0, maxReplicas: 0, scaleTargetRef: target }],
  ['/api/v1', 'persistentvolumeclaims', claim({})],
  ['/api/v1', 'persistentvolumeclaims', {}],
  ['/api/v1', 'persistentvolumeclaims', claim({ accessModes: ['Sometimes'], storageClassName: 'A_b', resources: { requests: { storage: '0' } } })],
]

const chance = new Set(['uid', 'resourceVersion', 'creationTimestamp', 'managedFields'])

const plain = (value: unknown, uid: string): unknown => {
  if (Array.isArray(value)) return value.map((item) => plain(item, uid))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).filter(([key]) => !chance.has(key)).map(([key, inner]) => [key, plain(inner, uid)]))
  }
  return value === uid ? 'UID' : value
}

const uidOf = (object: unknown): string => {
  const text = JSON.stringify(object)
  return /"uid":"([^"]+)"/.exec(text)?.[1] ?? ''
}

/** The answers of one API server in the order of the questions: the object as it was stored, or the refusal. */
export const answers = async (api: Api, namespace: string): Promise<unknown[]> => {
  const given: unknown[] = []
  for (const [index, [group, plural, spec]] of questions.entries()) {
    try {
      const object = await api.post(`${group}/namespaces/${namespace}/${plural}`, { metadata: { name: `q${index}` }, spec })
      given.push(plain(object, uidOf(object)))
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error
      given.push(`${error.code} ${error.message}`)
    }
  }
  return given
}
