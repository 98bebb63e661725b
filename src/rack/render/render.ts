import { mergedEnv, secretOverflow } from '../env/merged.ts'
import { imageKeys } from '../manifest/image-keys.ts'
import type { Service } from '../manifest/manifest.ts'
import { refuse } from '../refusal.ts'
import { metaOf } from './input.ts'
import type { RenderInput } from './input.ts'
import { renderTimers } from './jobs.ts'
import { renderClaims, renderConfigMaps } from './mounts.ts'
import { checkedName, envSecretOf, namespaceOf, ownerLabels } from './names.ts'
import type { Owner } from './names.ts'
import type { KubernetesObject, Namespace, Secret } from './objects.ts'
import { renderIngress, renderService } from './routing.ts'
import { renderAutoscaler, renderWorkload } from './workloads.ts'

/** The namespace of an app. Throws a RefusalError when its name is too long. */
export const renderNamespace = (owner: Owner): Namespace => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: namespaceOf(owner.rack, owner.app), labels: ownerLabels(owner) },
})

const renderSecret = (input: RenderInput, service: Service): Secret => {
  const env = mergedEnv(service, input)
  const overflow = secretOverflow(env)
  if (overflow !== undefined) return refuse({ code: 'env_too_large', service: service.name, ...overflow })
  const data = Object.keys(env).sort().map((key) => [key, Buffer.from(env[key] ?? '').toString('base64')] as const)
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metaOf(input, { name: envSecretOf(input.release.id, service.name), type: 'env', service: service.name }),
    type: 'Opaque',
    immutable: true,
    data: Object.fromEntries(data),
  }
}

const checkServices = (input: RenderInput): void => {
  for (const { name } of input.manifest.services) checkedName(name, 'service')
  const uncovered = imageKeys(input.manifest).filter((name) => !Object.hasOwn(input.build.images, name))
  if (uncovered.length > 0) refuse({ code: 'service_without_image', services: uncovered, app: input.app })
}

/**
 * A release as complete Kubernetes objects, in the order to apply them: what processes need before they start (ConfigMaps, claims, Secrets, k8s Services),
 * Deployments and DaemonSets, then what acts upon those (CronJobs, autoscalers, Ingresses); each in the order of the manifest.
 * Pure: equal input gives equal objects. Throws a RefusalError: name_too_long, env_too_large, service_without_image.
 */
export const renderRelease = (input: RenderInput): readonly KubernetesObject[] => {
  checkServices(input)
  const { services } = input.manifest
  return [
    ...renderConfigMaps(input),
    ...renderClaims(input),
    ...services.map((service) => renderSecret(input, service)),
    ...services.flatMap((service) => renderService(input, service)),
    ...services.map((service) => renderWorkload(input, service)),
    ...renderTimers(input),
    ...services.flatMap((service) => renderAutoscaler(input, service)),
    ...services.flatMap((service) => renderIngress(input, service)),
  ]
}
