import { z } from 'zod'

import { parseDeployment } from './facts.ts'
import type { DeploymentFacts, EventFacts, PodFacts, ReplicaSetFacts } from './facts.ts'
import { containerSpecs, templateKey } from './template.ts'
import type { ContainerSpec } from './template.ts'

/** One service as it was applied: what the judge looks for in the cluster. Made from the apply *response*, never from our rendering. */
export interface ExpectedService {
  readonly service: string
  /** Name of its Deployment. */
  readonly deployment: string
  readonly uid: string
  /** `metadata.generation` in the response: an older one in the watch is the watch being behind. */
  readonly generation: number
  readonly templateKey: string
  readonly containers: readonly ContainerSpec[]
  /** True when the response showed the template that was there before. */
  readonly unchanged?: boolean
}

/** Restart counts when the rollout began, keyed `<pod uid>/<container>`: a rollback takes back pods that restarted long ago. */
export type Baseline = Readonly<Record<string, number>>

/** Everything the judge looks at. Serialisable; times are RFC 3339, of our clock. */
export interface RolloutFacts {
  readonly direction: 'out' | 'back'
  /** Field manager we apply with. */
  readonly ourManager: string
  /** False while the view of the cluster may be behind: then nothing is decided. */
  readonly fresh: boolean
  /** Of the first write. */
  readonly startedAt: string
  /** Blind time already added. */
  readonly deadlineAt: string
  /** Seconds the rollout was given, blind time not counted: what a card says. */
  readonly deadline: number
  readonly expected: readonly ExpectedService[]
  readonly baseline: Baseline
  /** Of the app's namespace; others are not looked at, neither are objects that belong to no expected Deployment. */
  readonly deployments: readonly DeploymentFacts[]
  /** As `rememberReplicaSet` made them. */
  readonly replicaSets: readonly ReplicaSetFacts[]
  /** As `rememberPod` made them. */
  readonly pods: readonly PodFacts[]
  readonly events: readonly EventFacts[]
}

const templateShape = z.object({ spec: z.object({ template: z.unknown() }) })

/** What to expect of a service, from the Deployment that the API server answered to the apply; undefined when it is not a Deployment. */
export const expectService = (service: string, response: unknown): ExpectedService | undefined => {
  const deployment = parseDeployment(response)
  const shape = templateShape.safeParse(response)
  if (!deployment || !shape.success) return undefined
  const { template } = shape.data.spec
  const { name, uid, generation } = deployment.meta
  return { service, deployment: name, uid, generation, templateKey: templateKey(template), containers: containerSpecs(template) }
}

/** The restart counts to subtract, taken when a rollout (or rollback) begins. */
export const baselineOf = (pods: readonly PodFacts[]): Baseline =>
  Object.fromEntries(pods.flatMap((pod) => pod.containers.map((container) => [`${pod.meta.uid}/${container.name}`, container.restartCount] as const)))
