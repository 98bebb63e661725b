import { mergedEnv, secretOverflow } from '../env/merged.ts'
import type { EnvSources } from '../env/merged.ts'
import type { Manifest, Service } from '../manifest/manifest.ts'
import { refuse } from '../refusal.ts'
import { checkedName, envSecretOf, namespaceOf, ownerLabels } from './names.ts'
import type { Owner } from './names.ts'
import type { Deployment, K8sService, KubernetesObject, Labels, Namespace, ObjectMeta, Secret } from './objects.ts'
import { renderPod } from './pod.ts'

/** Everything a release's objects are made of. */
export interface RenderInput extends Owner, EnvSources {
  /** `images` by service, exactly as the build has them: `name:tag@sha256:…`. */
  readonly build: EnvSources['build'] & { readonly images: Readonly<Record<string, string>> }
  readonly manifest: Manifest
  /** Seconds our own deadline gives the rollout. */
  readonly deadlineSeconds: number
  /** Name of the rack's pull secret, as copied into the app's namespace. */
  readonly pullSecret?: string
  /** Id of the promotion, kept as an annotation of each Deployment. */
  readonly promotion?: string
  /** Services whose number of processes another manager owns: `replicas` is left out for them. */
  readonly replicasOwnedByOthers?: ReadonlySet<string>
}

/** So many seconds later than ours the cluster's own deadline speaks, so that the verdict is always ours (design 4). */
const deadlineMargin = 600

/** Old ReplicaSets kept; the way back needs one, a forced promotion on top of it another. */
const historyLimit = 3

/** The namespace of an app. Throws a RefusalError when its name is too long. */
export const renderNamespace = (owner: Owner): Namespace => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: namespaceOf(owner.rack, owner.app), labels: ownerLabels(owner) },
})

const selectorOf = ({ rack, app }: Owner, service: Service): Labels => ({ rack, app, service: service.name, type: 'service' })

const meta = (input: RenderInput, service: Service, name: string, type: string): ObjectMeta => ({
  name,
  namespace: namespaceOf(input.rack, input.app),
  labels: { ...ownerLabels(input), release: input.release.id, service: service.name, name: service.name, type },
})

const renderSecret = (input: RenderInput, service: Service): Secret => {
  const env = mergedEnv(service, input)
  const overflow = secretOverflow(env)
  if (overflow !== undefined) return refuse({ code: 'env_too_large', service: service.name, ...overflow })
  const data = Object.keys(env).sort().map((key) => [key, Buffer.from(env[key] ?? '').toString('base64')] as const)
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: meta(input, service, envSecretOf(input.release.id, service.name), 'env'),
    type: 'Opaque',
    immutable: true,
    data: Object.fromEntries(data),
  }
}

const renderService = (input: RenderInput, service: Service): readonly K8sService[] => {
  if (service.port === undefined) return []
  return [{
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta(input, service, service.name, 'service'),
    spec: {
      type: 'ClusterIP',
      selector: selectorOf(input, service),
      ports: [{ name: 'main', port: service.port.port, protocol: 'TCP', targetPort: 'main' }],
    },
  }]
}

const renderDeployment = (input: RenderInput, service: Service, image: string): Deployment => {
  const { labels, ...own } = meta(input, service, service.name, 'service')
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...own, labels, ...(input.promotion === undefined ? {} : { annotations: { 'slipway-promotion': input.promotion } }) },
    spec: {
      ...(input.replicasOwnedByOthers?.has(service.name) === true ? {} : { replicas: service.scale.min }),
      selector: { matchLabels: selectorOf(input, service) },
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: `${service.deployment.maximum - 100}%`, maxUnavailable: `${100 - service.deployment.minimum}%` },
      },
      minReadySeconds: 1,
      revisionHistoryLimit: historyLimit,
      progressDeadlineSeconds: input.deadlineSeconds + deadlineMargin,
      template: { metadata: { labels }, spec: renderPod(service, image, input.release.id, input.pullSecret) },
    },
  }
}

const checkServices = (input: RenderInput): void => {
  const { services } = input.manifest
  for (const { name } of services) checkedName(name, 'service')
  const uncovered = services.map(({ name }) => name).filter((name) => !Object.hasOwn(input.build.images, name))
  if (uncovered.length > 0) refuse({ code: 'service_without_image', services: uncovered, app: input.app })
}

/**
 * A release as complete Kubernetes objects, in the order to apply them: Secrets, k8s Services, Deployments, each in the order of the manifest.
 * Pure: equal input gives equal objects. Throws a RefusalError: name_too_long, env_too_large, service_without_image.
 */
export const renderRelease = (input: RenderInput): readonly KubernetesObject[] => {
  checkServices(input)
  const { services } = input.manifest
  return [
    ...services.map((service) => renderSecret(input, service)),
    ...services.flatMap((service) => renderService(input, service)),
    ...services.map((service) => renderDeployment(input, service, input.build.images[service.name] ?? '')),
  ]
}
