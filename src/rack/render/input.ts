import type { EnvSources } from '../env/merged.ts'
import type { Manifest, Service } from '../manifest/manifest.ts'
import { namespaceOf, ownerLabels } from './names.ts'
import type { Owner } from './names.ts'
import type { Labels, ObjectMeta } from './objects.ts'

/** Everything a release's objects are made of. */
export interface RenderInput extends Owner, EnvSources {
  /** `images` by service (and `<service>/init`), exactly as the build has them: `name:tag@sha256:…`. */
  readonly build: EnvSources['build'] & { readonly images: Readonly<Record<string, string>> }
  readonly manifest: Manifest
  /** Seconds our own deadline gives the rollout. */
  readonly deadlineSeconds: number
  /** The rack's, for services with a domain. */
  readonly ingressClass: string
  /** Name of the rack's pull secret, as copied into the app's namespace. */
  readonly pullSecret?: string
  /** Id of the promotion, kept as an annotation of each workload. */
  readonly promotion?: string
  /** Services whose number of processes another manager owns: `replicas` is left out for them. */
  readonly replicasOwnedByOthers?: ReadonlySet<string>
  /** Number of processes that the Deployments ask for now, by service: an autoscaled one goes on with its number, within its range. */
  readonly replicasNow?: ReadonlyMap<string, number>
}

/** What an object is to us, as its label `type`. */
export type ObjectType = 'service' | 'env' | 'config' | 'volume' | 'timer' | 'release'

/** Metadata of one object of a release; `service` is the one it belongs to, `label` what people know it by. */
export const metaOf = (
  input: RenderInput, { name, type, service, label = service ?? name }: { readonly name: string; readonly type: ObjectType; readonly service?: string; readonly label?: string },
): ObjectMeta => ({
  name,
  namespace: namespaceOf(input.rack, input.app),
  labels: { ...ownerLabels(input), release: input.release.id, ...(service === undefined ? {} : { service }), name: label, type },
})

/** By which labels the processes of a service are known, whatever runs them: what changes from Deployment to DaemonSet stays reachable. */
export const selectorOf = ({ rack, app }: Owner, service: Service): Labels => ({ rack, app, service: service.name, type: 'service' })

/** Annotations of what runs a service: the promotion, and what the judge reads back from the cluster's answer. */
export const workloadAnnotations = (input: RenderInput, deployment?: Service['deployment']): Pick<ObjectMeta, 'annotations'> => {
  const annotations = {
    ...(input.promotion === undefined ? {} : { 'slipway-promotion': input.promotion }),
    ...(deployment?.progressDeadline === undefined ? {} : { [progressDeadlineAnnotation]: String(deployment.progressDeadline) }),
    ...(deployment?.crashRestartLimit === undefined ? {} : { [crashLimitAnnotation]: String(deployment.crashRestartLimit) }),
  }
  return Object.keys(annotations).length === 0 ? {} : { annotations }
}

/** Seconds without progress that fail the rollout of a workload. */
export const progressDeadlineAnnotation = 'slipway/progress-deadline'

/** Restarts of one process that fail the rollout of a workload. */
export const crashLimitAnnotation = 'slipway/crash-restart-limit'
