import { z } from 'zod'
import { fieldManager, type PlainObject } from '../cluster/objects.ts'
import type { CronJobFacts, DaemonSetFacts, DeploymentFacts } from './facts.ts'

const scaleTarget = z.object({ spec: z.object({ scaleTargetRef: z.object({ name: z.string() }) }) })

/** Deployments that these objects have an autoscaler for. Pure. */
export const autoscaled = (objects: readonly PlainObject[]): ReadonlySet<string> => new Set(objects.flatMap((object) => {
  const target = object.kind === 'HorizontalPodAutoscaler' ? scaleTarget.safeParse(object) : undefined
  return target?.success === true ? [target.data.spec.scaleTargetRef.name] : []
}))

/** Deployments whose autoscaler of ours goes: what it set is ours to set again. Pure. */
export const droppedAutoscalers = (before: readonly PlainObject[], after: readonly PlainObject[]): ReadonlySet<string> => {
  const kept = autoscaled(after)
  return new Set([...autoscaled(before)].filter((name) => !kept.has(name)))
}

/**
 * Services whose number of processes somebody else owns now (an HPA, a person): `replicas` is left out for them. Not those whose autoscaler of ours is
 * `dropped`. Pure.
 */
export const replicasOwnedByOthers = (deployments: readonly DeploymentFacts[], dropped: ReadonlySet<string> = new Set()): ReadonlySet<string> =>
  new Set(deployments.filter((deployment) => !dropped.has(deployment.meta.name) && deployment.managers.some((entry) => entry.ownsReplicas && entry.manager !== fieldManager)).map((deployment) => deployment.meta.name))

/** The same workload without a number of processes. Pure. */
export const withoutReplicas = (object: PlainObject): PlainObject => {
  const spec = object['spec']
  return typeof spec === 'object' && spec !== null ? { ...object, spec: Object.fromEntries(Object.entries(spec).filter(([field]) => field !== 'replicas')) } : object
}

/** What to write over a workload that stands so: somebody who has come to own its number of processes since it was rendered keeps it. Pure. */
export const leavingTheirs = (object: PlainObject, live: DeploymentFacts | DaemonSetFacts | CronJobFacts | undefined, dropped: ReadonlySet<string>): PlainObject =>
  live?.kind === 'Deployment' && replicasOwnedByOthers([live], dropped).size > 0 ? withoutReplicas(object) : object
