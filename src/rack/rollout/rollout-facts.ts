import { z } from 'zod'

import { parseCronJob } from './decode-batch.ts'
import { parseDaemonSet, parseDeployment } from './decode.ts'
import type { CronJobFacts, DaemonSetFacts, DeploymentFacts, EventFacts, JobFacts, NamespaceState, NodeFacts, PodFacts, ReplicaSetFacts } from './facts.ts'
import { containerSpecs, templateKey } from './template.ts'
import type { ContainerSpec } from './template.ts'

/** What runs a service: a Deployment, on every node a DaemonSet (`agent`), by the clock a CronJob (`timers`). */
export const workloads = ['Deployment', 'DaemonSet', 'CronJob'] as const
export type Workload = (typeof workloads)[number]

/** One service as it was applied: what the judge looks for in the cluster. Made from the apply *response*, never from our rendering. */
export interface ExpectedService {
  readonly service: string
  readonly workload: Workload
  /** Name of its workload, a Deployment or not. */
  readonly deployment: string
  readonly uid: string
  /** `metadata.generation` in the response: an older one in the watch is the watch being behind. */
  readonly generation: number
  readonly templateKey: string
  readonly containers: readonly ContainerSpec[]
  /** Label `release` of its processes. */
  readonly release?: string
  /** `deployment.crashRestartLimit` of convox.yml: restarts of one container that fail it; below 0 none do. */
  readonly crashRestartLimit?: number
  /** `deployment.progressDeadline` of convox.yml, seconds; 0 for none. */
  readonly progressDeadline?: number
  /** Processes that the response asked for; of a DaemonSet the nodes it had then. */
  readonly replicas?: number
  /** True when the response showed the template that was there before. */
  readonly unchanged?: boolean
  /** True on the way back, when the response showed the template with which that release was proven. */
  readonly proven?: boolean
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
  /** As `rememberDaemonSet` made them. */
  readonly daemonSets: readonly DaemonSetFacts[]
  readonly cronJobs: readonly CronJobFacts[]
  /** As `rememberJob` made them. */
  readonly jobs: readonly JobFacts[]
  /** Of the whole cluster; empty where we may not see them: then nothing is excused by a node. */
  readonly nodes: readonly NodeFacts[]
  /** The app's own; empty where we may not see it. */
  readonly namespaces: readonly NamespaceState[]
}

const responseShape = z.object({ kind: z.string().default('Deployment'), spec: z.looseObject({ jobTemplate: z.object({ spec: z.object({ template: z.unknown() }) }).optional(), template: z.unknown().optional() }) })
const labelsShape = z.object({ metadata: z.object({ labels: z.object({ release: z.string() }) }) })

/** Annotations by which a workload carries what its convox.yml says of it. */
export const tuning = { crashRestartLimit: 'slipway/crash-restart-limit', progressDeadline: 'slipway/progress-deadline' } as const

const numberIn = (annotations: Readonly<Record<string, string>>, name: string): number | undefined => {
  const text = annotations[name]
  return text !== undefined && /^-?\d{1,6}$/.test(text) ? Number(text) : undefined
}

const replicasOf = (read: DeploymentFacts | DaemonSetFacts | CronJobFacts): number | undefined => {
  if (read.kind === 'Deployment') return read.replicas
  return read.kind === 'DaemonSet' ? read.status.desired : undefined
}

const readWorkload = { Deployment: parseDeployment, DaemonSet: parseDaemonSet, CronJob: parseCronJob } as const satisfies Record<Workload, unknown>

/** What an API server says of a workload; undefined when it is something else. */
export const workloadIn = (response: unknown): DeploymentFacts | DaemonSetFacts | CronJobFacts | undefined => {
  const shape = responseShape.safeParse(response)
  const workload = workloads.find((each) => each === shape.data?.kind)
  return workload && readWorkload[workload](response)
}

/** What to expect of a service, from what the API server answered to the apply of its workload; undefined when the answer is something else. */
export const expectService = (service: string, response: unknown): ExpectedService | undefined => {
  const shape = responseShape.safeParse(response)
  const read = workloadIn(response)
  if (!shape.success || !read) return undefined
  const workload = read.kind
  const template = workload === 'CronJob' ? shape.data.spec.jobTemplate?.spec.template : shape.data.spec.template
  const { name, uid, generation, annotations } = read.meta
  const replicas = replicasOf(read)
  const labels = labelsShape.safeParse(template)
  const crashRestartLimit = numberIn(annotations, tuning.crashRestartLimit)
  const progressDeadline = numberIn(annotations, tuning.progressDeadline)
  return {
    service, workload, deployment: name, uid, generation, templateKey: templateKey(template), containers: containerSpecs(template),
    ...(labels.success ? { release: labels.data.metadata.labels.release } : {}),
    ...(replicas === undefined ? {} : { replicas }),
    ...(crashRestartLimit === undefined ? {} : { crashRestartLimit }),
    ...(progressDeadline === undefined ? {} : { progressDeadline }),
  }
}

/** The restart counts to subtract, taken when a rollout (or rollback) begins. */
export const baselineOf = (pods: readonly PodFacts[]): Baseline =>
  Object.fromEntries(pods.flatMap((pod) => pod.containers.map((container) => [`${pod.meta.uid}/${container.name}`, container.restartCount] as const)))
