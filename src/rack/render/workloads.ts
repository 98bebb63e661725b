import type { Service } from '../manifest/manifest.ts'
import { metaOf, selectorOf, workloadAnnotations } from './input.ts'
import type { RenderInput } from './input.ts'
import type { DaemonSet, Deployment, HorizontalPodAutoscaler } from './objects.ts'
import { renderPod } from './pod.ts'

/** So many seconds later than ours the cluster's own deadline speaks, so that the verdict is always ours (design 4). */
const deadlineMargin = 600

/** Old ReplicaSets kept; the way back needs one, a forced promotion on top of it another. */
const historyLimit = 3

/** A service goes on with the number an autoscaler gave it, as far as its range allows; without one it begins with the least. */
const replicasOf = (input: RenderInput, { name, scale }: Service): { readonly replicas?: number } => {
  if (input.replicasOwnedByOthers?.has(name) === true) return {}
  const now = scale.targets === undefined ? undefined : input.replicasNow?.get(name)
  return { replicas: now === undefined ? scale.min : Math.min(Math.max(now, scale.min), scale.max) }
}

const renderDeployment = (input: RenderInput, service: Service): Deployment => {
  const metadata = metaOf(input, { name: service.name, type: 'service', service: service.name })
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...metadata, ...workloadAnnotations(input, service.deployment) },
    spec: {
      ...replicasOf(input, service),
      selector: { matchLabels: selectorOf(input, service) },
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: `${service.deployment.maximum - 100}%`, maxUnavailable: `${100 - service.deployment.minimum}%` },
      },
      minReadySeconds: 1,
      revisionHistoryLimit: historyLimit,
      progressDeadlineSeconds: input.deadlineSeconds + deadlineMargin,
      template: { metadata: { labels: metadata.labels }, spec: renderPod(input, service) },
    },
  }
}

/** One node after the other unless `deployment.minimum` asks for a share of them at a time: a bad agent must not go down everywhere at once. */
const renderAgent = (input: RenderInput, service: Service): DaemonSet => {
  const metadata = metaOf(input, { name: service.name, type: 'service', service: service.name })
  const { minimum } = service.deployment
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { ...metadata, ...workloadAnnotations(input, service.deployment) },
    spec: {
      selector: { matchLabels: selectorOf(input, service) },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: minimum === 0 ? 1 : `${100 - minimum}%` } },
      minReadySeconds: 1,
      revisionHistoryLimit: historyLimit,
      template: { metadata: { labels: metadata.labels }, spec: renderPod(input, service) },
    },
  }
}

/** What runs a service. */
export const renderWorkload = (input: RenderInput, service: Service): Deployment | DaemonSet =>
  service.agent ? renderAgent(input, service) : renderDeployment(input, service)

/** What moves the number of a service's processes; none without `scale.targets`. */
export const renderAutoscaler = (input: RenderInput, service: Service): readonly HorizontalPodAutoscaler[] => {
  const { targets, min, max } = service.scale
  if (targets === undefined || service.agent) return []
  const metric = (name: 'cpu' | 'memory') =>
    targets[name] === undefined ? [] : [{ type: 'Resource' as const, resource: { name, target: { type: 'Utilization' as const, averageUtilization: targets[name] } } }]
  return [{
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: metaOf(input, { name: service.name, type: 'service', service: service.name }),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: service.name },
      minReplicas: min,
      maxReplicas: max,
      metrics: [...metric('cpu'), ...metric('memory')],
    },
  }]
}
