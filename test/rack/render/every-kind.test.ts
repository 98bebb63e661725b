import { describe, expect, it } from 'vitest'
import { RefusalError } from '../../../src/rack/refusal.ts'
import { keepsData, neededBy, objectKey, references, stopped } from '../../../src/rack/render/inventory.ts'
import { renderReleaseJob, timerNameOf } from '../../../src/rack/render/jobs.ts'
import type { DaemonSet, Job, KubernetesObject } from '../../../src/rack/render/objects.ts'
import { isPlainObject, type PlainObject } from '../../../src/rack/cluster/objects.ts'
import { renderRelease } from '../../../src/rack/render/render.ts'
import { digest, everyField, inputOf, manifestOf } from './every-field.ts'

const render = (yaml: string): readonly KubernetesObject[] => renderRelease(inputOf(yaml))
const kinds = (yaml: string): readonly string[] => render(yaml).map(objectKey).filter((key) => !key.startsWith('Secret/'))
const only = <Kind extends KubernetesObject['kind']>(yaml: string, kind: Kind) => {
  const found = render(yaml).filter((object): object is Extract<KubernetesObject, { kind: Kind }> => object.kind === kind)
  const [first] = found
  if (first === undefined || found.length > 1) throw new Error(`not one ${kind} but ${found.length}`)
  return first
}
const service = (yaml: string): string => `services:\n  web:\n${yaml.split('\n').map((line) => `    ${line}`).join('\n')}\n`
const plain = (object: unknown): PlainObject => {
  if (!isPlainObject(object)) throw new Error('not an object')
  return object
}

describe('a release with every field', () => {
  it('is complete', () => {
    expect(renderRelease(inputOf(everyField, { pullSecret: 'registry', promotion: 'PABCDEFGHIJ' }))).toMatchSnapshot()
  })

  it('comes in the order to apply: what processes need, what runs them, what acts upon that', () => {
    const order = render(everyField).map(({ kind }) => kind)
    expect(order.filter((kind, index) => kind !== order[index - 1])).toEqual([
      'ConfigMap', 'PersistentVolumeClaim', 'Secret', 'Service', 'Deployment', 'DaemonSet', 'CronJob', 'HorizontalPodAutoscaler', 'Ingress',
    ])
  })

  it('has no two objects of one name', () => {
    const keys = render(everyField).map(objectKey)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('carries our labels on every object and every pod', () => {
    for (const object of render(everyField)) {
      expect(object.metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'slipway', 'slipway-installation': 'i-1234', rack: 'convox', app: 'shop', release: 'RMKPLXWQVTA' })
    }
  })

  it('keeps env values in Secrets', () => {
    const objects = renderRelease(inputOf(everyField, { env: { FOO: 'very-secret-value' } }))
    expect(JSON.stringify(objects.filter(({ kind }) => kind !== 'Secret'))).not.toContain('very-secret-value')
  })
})

describe('an agent', () => {
  const agent = (more: string): DaemonSet => only(service(`agent: true\n${more}`), 'DaemonSet')

  it('is a DaemonSet in the place of a Deployment, with the labels of its service', () => {
    expect(kinds(service('agent: true\nport: 8080'))).toEqual(['Service/web', 'DaemonSet/web'])
    const { spec } = agent('port: 8080')
    expect(spec.selector.matchLabels).toEqual({ rack: 'convox', app: 'shop', service: 'web', type: 'service' })
    expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels)
  })

  it.each([['scale: {cpu: 1}', 1], ['deployment: {minimum: 80}', '20%'], ['deployment: {minimum: 0}', 1]])('with %s changes %j nodes at a time', (yaml, maxUnavailable) => {
    expect(agent(yaml).spec.updateStrategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable } })
  })

  it('opens its ports on the node', () => {
    expect(agent('port: 8080\nports: [8125/udp]').spec.template.spec.containers[0]?.ports).toEqual([
      { name: 'main', containerPort: 8080, protocol: 'TCP' }, { name: 'port-8125', containerPort: 8125, hostPort: 8125, protocol: 'UDP' },
    ])
  })

  it('tells the judge its limits', () => {
    expect(agent('deployment: {crashRestartLimit: 3, progressDeadline: 60}').metadata.annotations).toEqual({ 'slipway/crash-restart-limit': '3', 'slipway/progress-deadline': '60' })
  })
})

describe('a timer', () => {
  const timer = (more: string) => `services:\n  web:\n    port: 1\n    volumes: [/data]\n    initContainer: {command: a}\n    scale: {cpu: 100, memory: 64}\ntimers:\n  clean: {schedule: "0 3 * * *", service: web, command: bin/clean --old${more}}\n`

  it('runs its command in a process of its service, once, with neither ports nor checks', () => {
    const { spec, metadata } = only(timer(''), 'CronJob')
    expect(metadata).toMatchObject({ name: 'timer-clean', labels: { type: 'timer', service: 'web', name: 'clean' } })
    expect(spec).toMatchObject({ schedule: '0 3 * * *', timeZone: 'Etc/UTC', concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 1 })
    expect(spec.jobTemplate.spec.backoffLimit).toBe(0)
    const { template } = spec.jobTemplate.spec
    expect(template.metadata.labels).toMatchObject({ type: 'timer', service: 'web', name: 'clean', release: 'RMKPLXWQVTA' })
    expect(template.spec.restartPolicy).toBe('Never')
    expect(template.spec).not.toHaveProperty('initContainers')
    const [container] = template.spec.containers
    expect(Object.keys(container ?? {}).sort()).toEqual(['args', 'env', 'envFrom', 'image', 'imagePullPolicy', 'name', 'resources', 'volumeMounts'])
    expect(container).toMatchObject({ name: 'main', args: ['bin/clean', '--old'], envFrom: [{ secretRef: { name: 'env-rmkplxwqvta-web' } }], resources: { requests: { cpu: '100m', memory: '64Mi' } } })
  })

  it('is not found by the k8s Service of its service', () => {
    const { selector } = only(timer(''), 'Service').spec
    const { labels } = only(timer(''), 'CronJob').spec.jobTemplate.spec.template.metadata
    expect(Object.entries(selector).every(([key, value]) => labels[key] === value)).toBe(false)
  })

  it('that runs several processes numbers them', () => {
    const { spec } = only(timer(', parallelCount: 3, concurrency: Replace'), 'CronJob')
    expect(spec.concurrencyPolicy).toBe('Replace')
    expect(spec.jobTemplate.spec).toMatchObject({ completionMode: 'Indexed', completions: 3, parallelism: 3 })
    expect(spec.jobTemplate.spec.template.spec.containers[0]?.env.map(({ name }) => name)).toEqual(['INSTANCE_IP', 'TIMER_INDEX'])
  })

  it('has a name of 52 characters at most', () => {
    expect(timerNameOf('t'.repeat(46))).toHaveLength(52)
    expect(() => timerNameOf('t'.repeat(47))).toThrow(RefusalError)
    expect(manifestOf(`services: {web: {}}\ntimers: {${'t'.repeat(46)}: {schedule: "@daily", service: web, command: a}}`).timers).toHaveLength(1)
  })
})

describe('the release command', () => {
  const yaml = 'configs: [{id: a, value: x}]\nservices:\n  web: {port: 1}\n  db:\n    volumes: [/data]\n    configMounts: [{id: a, dir: /etc, filename: a.yml}]\nrelease: {service: db, command: bin/migrate --all, deadline: 5m}\n'
  const job = (text = yaml): Job => {
    const made = renderReleaseJob({ ...inputOf(text, { pullSecret: 'registry' }), promotion: 'PABCDEFGHIJ' })
    if (made === undefined) throw new Error('no Job')
    return made
  }

  it('is a Job named by the promotion, that is tried once', () => {
    expect(job()).toMatchSnapshot()
    expect(job().metadata.name).toBe('release-pabcdefghij')
    expect(job().spec).toMatchObject({ backoffLimit: 0, activeDeadlineSeconds: 300, template: { spec: { restartPolicy: 'Never' } } })
    expect(job().spec).not.toHaveProperty('ttlSecondsAfterFinished')
    expect(job().metadata.labels).toMatchObject({ type: 'release', service: 'db', 'slipway-promotion': 'PABCDEFGHIJ', 'app.kubernetes.io/managed-by': 'slipway' })
  })

  it('runs the new image of its service under its Secret', () => {
    const [container] = job().spec.template.spec.containers
    expect(container).toMatchObject({ image: `shop:1.4.2@${digest}`, args: ['bin/migrate', '--all'], envFrom: [{ secretRef: { name: 'env-rmkplxwqvta-db' } }] })
  })

  it('is no part of the release, and not there without one in the manifest', () => {
    expect(render(yaml).map(({ metadata }) => metadata.labels['type'])).not.toContain('release')
    expect(renderReleaseJob({ ...inputOf('services: {web: {}}'), promotion: 'PABCDEFGHIJ' })).toBeUndefined()
  })

  it('needs its Secret, its config and its claim before it', () => {
    expect(neededBy(job(), render(yaml)).map(({ kind, metadata }) => `${kind}/${metadata.labels['service'] ?? metadata.labels['name'] ?? ''}`)).toEqual(['ConfigMap/a', 'PersistentVolumeClaim/db', 'Secret/db'])
  })
})

describe('a mount', () => {
  const names = (yaml: string, kind: string) => render(yaml).filter((object) => object.kind === kind).map(({ metadata }) => metadata.name)

  it('of a volume is the same claim for every release', () => {
    const yaml = service('volumes: [/var/lib/data]')
    const [claim] = names(yaml, 'PersistentVolumeClaim')
    expect(claim).toMatch(/^volume-web-var-lib-data-[0-9a-f]{10}$/)
    expect(renderRelease(inputOf(yaml, { release: { id: 'ROTHER' } })).filter(({ kind }) => kind === 'PersistentVolumeClaim').map(({ metadata }) => metadata.name)).toEqual([claim])
    const pod = only(yaml, 'Deployment').spec.template.spec
    expect(pod.volumes).toEqual([{ name: pod.containers[0]?.volumeMounts?.[0]?.name, persistentVolumeClaim: { claimName: claim } }])
    expect(pod.containers[0]?.volumeMounts?.[0]?.mountPath).toBe('/var/lib/data')
  })

  it('is told from another by service and path, unless services share it', () => {
    expect(new Set(names('services:\n  a: {volumes: [/d, /d-e, /d/e]}\n  b: {volumes: [/d]}\n', 'PersistentVolumeClaim')).size).toBe(4)
    expect(names('services:\n  a: {volumes: ["/s:/x"]}\n  b: {volumes: ["/s:/y"]}\n', 'PersistentVolumeClaim')).toHaveLength(1)
  })

  it('of one claim at two places is one volume', () => {
    const pod = only(service('volumes: ["/s:/x", "/s:/y"]'), 'Deployment').spec.template.spec
    expect([pod.volumes?.length, pod.containers[0]?.volumeMounts?.map(({ mountPath }) => mountPath)]).toEqual([1, ['/x', '/y']])
  })

  it('of a config is named after its content, so that the running one is never overwritten', () => {
    const config = (value: string) => `configs: [{id: a, value: ${value}}, {id: unused, value: x}]\nservices:\n  web: {configMounts: [{id: a, dir: /etc/app, filename: a.yml}, {id: a, dir: /opt, filename: b.yml}]}\n`
    const [one, two] = [only(config('one'), 'ConfigMap'), only(config('two'), 'ConfigMap')]
    expect(one).toMatchObject({ immutable: true, data: { content: 'one' }, metadata: { labels: { type: 'config', name: 'a' } } })
    expect(one.metadata.name).not.toBe(two.metadata.name)
    const pod = only(config('one'), 'Deployment').spec.template.spec
    expect(pod.volumes).toEqual([{ name: 'cfg-a', configMap: { name: one.metadata.name } }])
    expect(pod.containers[0]?.volumeMounts).toEqual([{ name: 'cfg-a', mountPath: '/etc/app/a.yml', subPath: 'content' }, { name: 'cfg-a', mountPath: '/opt/b.yml', subPath: 'content' }])
  })

  it('is there for the init container too, which runs its own image or the service\'s', () => {
    const pod = (init: string) => only(service(`command: bin/web\nvolumeOptions: [{emptyDir: {id: tmp, mountPath: /tmp}}]\ninitContainer: ${init}`), 'Deployment').spec.template.spec
    expect(pod('{command: bin/wait 5}').initContainers).toMatchObject([{ name: 'init', image: `shop:1.4.2@${digest}`, args: ['bin/wait', '5'], volumeMounts: [{ name: 'ed-tmp', mountPath: '/tmp' }] }])
    expect(pod('{command: bin/wait}').initContainers?.[0]?.env.map(({ name }) => name)).toEqual(['INSTANCE_IP', 'INIT_CONTAINER'])
    expect(pod('{image: "tools:2"}').initContainers).toMatchObject([{ image: `tools:2@${digest}` }])
    expect(pod('{image: "tools:2"}').initContainers?.[0]).not.toHaveProperty('args')
  })

  it('needs the image of its init container in the build', () => {
    const input = inputOf(service('initContainer: {image: "tools:2"}'))
    const refused = () => renderRelease({ ...input, build: { ...input.build, images: { web: 'x' } } })
    expect(refused).toThrow(expect.objectContaining({ refusal: { code: 'service_without_image', services: ['web/init'], app: 'shop' } }))
  })
})

describe('how a service is reached', () => {
  it.each([
    ['port: 1', ['Service/web', 'Deployment/web']],
    ['ports: [5001]', ['Service/web', 'Deployment/web']],
    ['scale: 1', ['Deployment/web']],
    ['port: 1\ndomain: a.example.com', ['Service/web', 'Deployment/web', 'Ingress/web']],
    ['port: 1\ninternal: true', ['Service/web', 'Deployment/web']],
    ['scale: {count: 1-3, targets: {cpu: 50}}', ['Deployment/web', 'HorizontalPodAutoscaler/web']],
    ['scale: 1-3', ['Deployment/web']],
  ])('with %j is %j', (yaml, expected) => {
    expect(kinds(service(yaml))).toEqual(expected)
  })

  it('by its domains goes through the ingress class of the rack', () => {
    const [ingress] = renderRelease(inputOf(service('port: 5000\ndomain: a.example.com, b.example.com'), { ingressClass: 'haproxy' })).filter(({ kind }) => kind === 'Ingress')
    const backend = { service: { name: 'web', port: { number: 5000 } } }
    expect(ingress).toMatchObject({ spec: {
      ingressClassName: 'haproxy',
      rules: ['a.example.com', 'b.example.com'].map((host) => ({ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } })),
    } })
    expect(ingress?.metadata).not.toHaveProperty('annotations')
  })

  it.each([['https:1', 'HTTPS'], ['grpc:1', 'GRPC']])('on %s tells the ingress controller so', (port, protocol) => {
    expect(only(service(`port: ${port}\ndomain: a.example.com`), 'Ingress').metadata.annotations).toEqual({ 'nginx.ingress.kubernetes.io/backend-protocol': protocol })
  })

  it('by further ports has them all in its k8s Service', () => {
    expect(only(service('port: 5000\nports: [5001, 5001/udp]'), 'Service').spec.ports).toEqual([
      { name: 'main', port: 5000, protocol: 'TCP', targetPort: 'main' }, { name: 'port-5001', port: 5001, protocol: 'TCP', targetPort: 'port-5001' },
      { name: 'port-5001-udp', port: 5001, protocol: 'UDP', targetPort: 'port-5001-udp' },
    ])
  })
})

describe('an inventory', () => {
  it('names what each workload needs, in no other order than its own', () => {
    const yaml = 'configs: [{id: a, value: x}]\nservices:\n  web: {volumes: [/data], configMounts: [{id: a, dir: /etc, filename: a}]}\ntimers: {t: {schedule: "@daily", service: web, command: a}}\n'
    const objects = renderRelease(inputOf(yaml, { pullSecret: 'registry' }))
    const names = objects.filter(({ kind }) => kind === 'ConfigMap' || kind === 'PersistentVolumeClaim').map(objectKey)
    const all = [...names, 'Secret/env-rmkplxwqvta-web', 'Secret/registry']
    expect(objects.map((object) => [object.kind, references(object)]).filter(([, needs]) => needs?.length !== 0)).toEqual([['Deployment', all], ['CronJob', all]])
  })

  it('keeps the claims, and nothing else', () => {
    expect([...new Set(render(everyField).filter(keepsData).map(({ kind }) => kind))]).toEqual(['PersistentVolumeClaim'])
  })

  it('stops every process and leaves the rest as it is', () => {
    const objects = render(everyField).map(plain)
    const changes = objects.flatMap((object) => stopped(object) ?? [])
    expect(changes.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual([
      'Deployment/web', 'Deployment/grpc', 'Deployment/worker', 'DaemonSet/telemetry', 'DaemonSet/shipper', 'CronJob/timer-cleanup', 'CronJob/timer-report',
    ])
    const spec = (kind: string) => changes.find((object) => object.kind === kind)?.['spec']
    expect(spec('Deployment')).toMatchObject({ replicas: 0, minReadySeconds: 1 })
    expect(spec('DaemonSet')).toMatchObject({ template: { spec: { nodeSelector: { 'slipway/stopped': 'true' }, enableServiceLinks: false } } })
    expect(spec('CronJob')).toMatchObject({ suspend: true, schedule: '0 3 * * *' })
  })
})
