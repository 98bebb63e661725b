import { describe, expect, it } from 'vitest'
import { RefusalError } from '../../../src/rack/refusal.ts'
import type { Refusal } from '../../../src/rack/refusal.ts'
import { objectKey } from '../../../src/rack/render/inventory.ts'
import type { Container, Deployment, KubernetesObject } from '../../../src/rack/render/objects.ts'
import type { RenderInput } from '../../../src/rack/render/input.ts'
import { renderNamespace, renderRelease } from '../../../src/rack/render/render.ts'
import { digest, inputOf } from './every-field.ts'

const deploymentsOf = (objects: readonly KubernetesObject[]): readonly Deployment[] => objects.filter((object) => object.kind === 'Deployment')

const web = (yaml: string, changes: Partial<RenderInput> = {}): Deployment => {
  const [deployment] = deploymentsOf(renderRelease(inputOf(`services:\n  web:\n${yaml.split('\n').map((line) => `    ${line}`).join('\n')}\n`, changes)))
  if (deployment === undefined) throw new Error('no deployment')
  return deployment
}

const container = (deployment: Deployment): Container => {
  const [only] = deployment.spec.template.spec.containers
  if (only === undefined) throw new Error('no container')
  return only
}

const refusalOf = (run: () => unknown): Refusal | undefined => {
  try {
    run()
  } catch (error) {
    if (error instanceof RefusalError) return error.refusal
    throw error
  }
  return undefined
}

const shop = 'services:\n  web:\n    command: bin/web\n    port: 5000\n    scale: 2\n    environment: ["LEVEL=info", FOO]\n  worker:\n    command: bin/worker\n'

describe('a rendered release', () => {
  it('is complete', () => {
    expect(renderRelease(inputOf(shop, { pullSecret: 'registry', promotion: 'PABCDEFGHIJ' }))).toMatchSnapshot()
  })

  it('is the same for the same input, whatever the order of the env', () => {
    const one = renderRelease(inputOf(shop, { env: { A: '1', B: '2' } }))
    const two = renderRelease(inputOf(shop, { env: { B: '2', A: '1' } }))
    expect(JSON.stringify(one)).toBe(JSON.stringify(two))
  })

  it('comes in the order to apply: Secrets, k8s Services, Deployments, each as in the manifest', () => {
    expect(renderRelease(inputOf(shop)).map(objectKey)).toEqual([
      'Secret/env-rmkplxwqvta-web', 'Secret/env-rmkplxwqvta-worker', 'Service/web', 'Deployment/web', 'Deployment/worker',
    ])
  })

  it('puts every env value into a Secret and nowhere else', () => {
    const objects = renderRelease(inputOf(shop, { env: { FOO: 'very-secret-value' } }))
    const [secrets, others] = [objects.filter(({ kind }) => kind === 'Secret'), objects.filter(({ kind }) => kind !== 'Secret')]
    expect(JSON.stringify(others)).not.toContain('very-secret-value')
    expect(JSON.stringify(others)).not.toContain(Buffer.from('very-secret-value').toString('base64'))
    expect(JSON.stringify(secrets)).toContain(Buffer.from('very-secret-value').toString('base64'))
  })

  it('carries our labels on every object and its release on every process', () => {
    for (const object of renderRelease(inputOf(shop))) {
      expect(object.metadata.namespace).toBe('convox-shop')
      expect(object.metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'slipway', 'slipway-installation': 'i-1234', rack: 'convox', app: 'shop', release: 'RMKPLXWQVTA' })
      expect(object.metadata.labels).not.toHaveProperty('system')
    }
    for (const deployment of deploymentsOf(renderRelease(inputOf(shop)))) {
      expect(deployment.spec.template.metadata.labels).toMatchObject(deployment.spec.selector.matchLabels)
      expect(deployment.spec.template.metadata.labels.release).toBe('RMKPLXWQVTA')
      expect(deployment.spec.selector.matchLabels).not.toHaveProperty('release')
    }
  })
})

describe('a namespace', () => {
  it('is named after rack and app and carries our labels', () => {
    expect(renderNamespace({ rack: 'convox', app: 'shop', installation: 'i-1234' })).toMatchSnapshot()
  })
})

describe('a Deployment', () => {
  it.each([
    ['scale: 1', { maxSurge: '100%', maxUnavailable: '50%' }],
    ['singleton: true', { maxSurge: '0%', maxUnavailable: '100%' }],
    ['deployment: {minimum: 100, maximum: 125}', { maxSurge: '25%', maxUnavailable: '0%' }],
  ])('of %s rolls with %j', (yaml, rollingUpdate) => {
    expect(web(yaml).spec.strategy).toEqual({ type: 'RollingUpdate', rollingUpdate })
  })

  it('lets our deadline speak first', () => {
    expect(web('scale: 1', { deadlineSeconds: 1200 }).spec.progressDeadlineSeconds).toBeGreaterThan(1200)
  })

  it('wants the smaller number of a range, and none where somebody else owns it', () => {
    expect(web('scale: 3-10').spec.replicas).toBe(3)
    expect(web('scale: 0').spec.replicas).toBe(0)
    expect(web('scale: 3', { replicasOwnedByOthers: new Set(['web']) }).spec).not.toHaveProperty('replicas')
    expect(web('scale: 3', { replicasOwnedByOthers: new Set(['worker']) }).spec.replicas).toBe(3)
  })

  it('goes on with the number that an autoscaler gave it, within its range', () => {
    const auto = 'scale: {count: 2-6, targets: {cpu: 70}}'
    const now = (number: number, yaml = auto) => web(yaml, { replicasNow: new Map([['web', number]]) }).spec.replicas
    expect([now(1), now(4), now(9), web(auto).spec.replicas]).toEqual([2, 4, 6, 2])
    expect(now(4, 'scale: 2-6')).toBe(2)
    expect(web(auto, { replicasNow: new Map([['web', 4]]), replicasOwnedByOthers: new Set(['web']) }).spec).not.toHaveProperty('replicas')
  })

  it.each([
    ['{}', undefined],
    ['deployment: {progressDeadline: 4m}', { 'slipway/progress-deadline': '240' }],
    ['deployment: {crashRestartLimit: 5}', { 'slipway/crash-restart-limit': '5' }],
  ])('of %s tells the judge by annotations %j', (yaml, annotations) => {
    expect(web(yaml).metadata.annotations).toEqual(annotations)
    expect(web(yaml, { promotion: 'PABCDEFGHIJ' }).metadata.annotations).toEqual({ 'slipway-promotion': 'PABCDEFGHIJ', ...annotations })
  })

  it('runs exactly the image of the build', () => {
    expect(container(web('image: other:9')).image).toBe(`shop:1.4.2@${digest}`)
  })
})

describe('a container', () => {
  it.each([
    ['command: bin/web -p 3000', { args: ['bin/web', '-p', '3000'] }],
    ['scale: {cpu: 100, memory: 64}', { resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '64Mi' } } }],
    ['scale: {cpu: 100, memory: 64, limit: {cpu: 200, memory: 128}}', { resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '128Mi' } } }],
    ['port: 3000', { readinessProbe: { httpGet: { path: '/', port: 3000, scheme: 'HTTP' }, initialDelaySeconds: 5, periodSeconds: 5, timeoutSeconds: 4, successThreshold: 1, failureThreshold: 3 } }],
    ['port: https:3000\nhealth: {path: /up, interval: 10, grace: 20, timeout: 3, port: 3001}', { readinessProbe: { httpGet: { path: '/up', port: 3001, scheme: 'HTTPS' }, initialDelaySeconds: 20, periodSeconds: 10, timeoutSeconds: 3, successThreshold: 1, failureThreshold: 3 } }],
    ['port: grpc:50051', { readinessProbe: { tcpSocket: { port: 50_051 } } }],
    ['port: 3000\nliveness: {path: /live, failureThreshold: 5}', { livenessProbe: { httpGet: { path: '/live', port: 3000, scheme: 'HTTP' }, initialDelaySeconds: 10, periodSeconds: 5, timeoutSeconds: 5, successThreshold: 1, failureThreshold: 5 } }],
    ['port: 1\nstartupProbe: {path: /up, failureThreshold: 60}', { startupProbe: { httpGet: { path: '/up', port: 1, scheme: 'HTTP' }, initialDelaySeconds: 10, periodSeconds: 5, timeoutSeconds: 5, successThreshold: 1, failureThreshold: 60 } }],
    ['port: https:1\nstartupProbe: {path: /up, port: 9}', { startupProbe: { httpGet: { path: '/up', port: 9, scheme: 'HTTPS' } } }],
    ['startupProbe: {path: /up, port: 9}', { startupProbe: { httpGet: { path: '/up', port: 9, scheme: 'HTTP' } } }],
    ['port: grpc:1\nstartupProbe: {path: /up}', { startupProbe: { tcpSocket: { port: 1 } } }],
    ['startupProbe: {tcpSocketPort: 9}', { startupProbe: { tcpSocket: { port: 9 } } }],
    ['port: 5000\nports: [5001, 5001/udp, 5002/udp]', { ports: [
      { name: 'main', containerPort: 5000, protocol: 'TCP' }, { name: 'port-5001', containerPort: 5001, protocol: 'TCP' },
      { name: 'port-5001-udp', containerPort: 5001, protocol: 'UDP' }, { name: 'port-5002', containerPort: 5002, protocol: 'UDP' },
    ] }],
    ['ports: [65535, 65535/udp]', { ports: [{ name: 'port-65535', containerPort: 65_535, protocol: 'TCP' }, { name: 'port-65535-udp', containerPort: 65_535, protocol: 'UDP' }] }],
    ['lifecycle: {preStop: bin/drain --all}', { lifecycle: { preStop: { exec: { command: ['bin/drain', '--all'] } } } }],
    ['lifecycle: {postStart: bin/hello}', { lifecycle: { preStop: { sleep: { seconds: 5 } }, postStart: { exec: { command: ['bin/hello'] } } } }],
    ['scale: 1', { lifecycle: { preStop: { sleep: { seconds: 5 } } } }],
    ['termination: {grace: 3}', { lifecycle: { preStop: { sleep: { seconds: 2 } } } }],
  ])('of %j has %j', (yaml, expected) => {
    expect(container(web(yaml))).toMatchObject(expected)
  })

  it.each([
    ['scale: 1', 'args'], ['scale: 1', 'ports'], ['scale: 1', 'readinessProbe'],
    ['port: 1\nhealth: {disable: true}', 'readinessProbe'], ['port: 1', 'livenessProbe'], ['termination: {grace: 1}', 'lifecycle'], ['scale: 1', 'startupProbe'], ['scale: 1', 'volumeMounts'],
  ])('of %j has no %s', (yaml, field) => {
    expect(container(web(yaml))).not.toHaveProperty(field)
  })
})

describe('what cannot be rendered', () => {
  it.each<[string, Partial<RenderInput>, Refusal]>([
    ['a namespace over 63 characters', { app: 'a'.repeat(60) }, { code: 'name_too_long', name: `convox-${'a'.repeat(60)}`, limit: 63, what: 'namespace' }],
    ['services without an image', { build: { id: 'B', description: '', images: { web: 'x' } } }, { code: 'service_without_image', services: ['worker'], app: 'shop' }],
  ])('refuses %s by name', (_what, changes, refusal) => {
    expect(refusalOf(() => renderRelease(inputOf(shop, changes)))).toEqual(refusal)
  })

  it('refuses an env over 1 MiB, naming its largest key', () => {
    const found = refusalOf(() => renderRelease(inputOf(shop, { env: { SMALL: 'x', TLS_BUNDLE: 'x'.repeat(1_048_576) } })))
    expect(found).toMatchObject({ code: 'env_too_large', service: 'web', largest: 'TLS_BUNDLE' })
  })

  it('takes the longest names that Kubernetes takes', () => {
    const name = 'w'.repeat(63)
    expect(renderRelease(inputOf(`services:\n  ${name}: {}\n`)).map(({ metadata }) => metadata.name)).toEqual([`env-rmkplxwqvta-${name}`, name])
  })
})
