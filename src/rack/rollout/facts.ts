import type { Memory } from './remember.ts'

/** What the watch cache keeps of an object's metadata. Times are RFC 3339, of the cluster's clock. */
export interface Meta {
  readonly uid: string
  readonly name: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly owners: readonly { readonly kind: string; readonly name: string; readonly uid: string; readonly controller: boolean }[]
  readonly generation: number
  readonly resourceVersion: string
  readonly createdAt: string
  readonly deletedAt?: string
}

/** One entry of managedFields, reduced to what decides who changed a workload. */
export interface Manager {
  readonly manager: string
  readonly operation: string
  readonly at?: string
  readonly subresource?: string
  readonly ownsTemplate: boolean
  readonly ownsReplicas: boolean
  readonly ownsPaused: boolean
}

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  /** When the condition last said anything; the same as `changedAt` where the kind does not tell. */
  readonly updatedAt?: string
  /** When `status` last changed. */
  readonly changedAt?: string
}

export interface DeploymentFacts {
  readonly kind: 'Deployment'
  readonly meta: Meta
  readonly managers: readonly Manager[]
  /** Live `spec.replicas`. */
  readonly replicas: number
  readonly paused: boolean
  /** How many processes may be missing during a rollout; all of them where old ones go before new ones come (`Recreate`). */
  readonly maxUnavailable: number
  /** Identity of the pod template, see template.ts. */
  readonly templateKey: string
  readonly status: {
    readonly observedGeneration: number
    readonly replicas: number
    readonly updated: number
    readonly ready: number
    readonly available: number
    readonly unavailable: number
  }
  readonly conditions: readonly Condition[]
  /** Filled by `rememberDeployment`. */
  readonly memory?: DeploymentMemory
}

/** What the status of a Deployment does not tell: since when, by our clock. */
export interface DeploymentMemory {
  /** Fewer are available than the rollout must leave. */
  readonly shortSince?: string
  /** It cannot make its ReplicaSet. */
  readonly createErrorSince?: string
  readonly pausedSince?: string
  /** When the last pause that we saw was over. */
  readonly resumedAt?: string
}

/** A number that counts progress, and when (our clock) it became that. */
export interface Mark {
  readonly at: string
  readonly value: number
}

export interface ReplicaSetFacts {
  readonly kind: 'ReplicaSet'
  readonly meta: Meta
  readonly replicas: number
  readonly templateKey: string
  readonly status: { readonly observedGeneration: number; readonly replicas: number; readonly ready: number; readonly available: number }
  readonly conditions: readonly Condition[]
  /** Our clock; since when it may not create its pods. Filled by `rememberReplicaSet`. */
  readonly failingSince?: string
  /** How many were available, whenever that changed (at most `keptMarks`, oldest first). Filled by `rememberReplicaSet`. */
  readonly marks?: readonly Mark[]
}

/** An agent: one process on every node that takes it. */
export interface DaemonSetFacts {
  readonly kind: 'DaemonSet'
  readonly meta: Meta
  readonly managers: readonly Manager[]
  readonly templateKey: string
  readonly status: {
    readonly observedGeneration: number
    /** Nodes that should run it. */
    readonly desired: number
    /** Nodes that have a process of it, of whatever template. */
    readonly current: number
    readonly updated: number
    readonly ready: number
    readonly available: number
  }
  /** Our clock; since when nodes that should have a process have none. Filled by `rememberDaemonSet`, as are `marks`. */
  readonly behindSince?: string
  /** `updated + available`, whenever that changed. */
  readonly marks?: readonly Mark[]
}

/** A timer. */
export interface CronJobFacts {
  readonly kind: 'CronJob'
  readonly meta: Meta
  readonly managers: readonly Manager[]
  readonly suspended: boolean
  readonly schedule: string
  /** Of the pods of its Jobs. */
  readonly templateKey: string
  readonly lastScheduledAt?: string
}

/** One run of a timer, or of a release command. */
export interface JobFacts {
  readonly kind: 'Job'
  readonly meta: Meta
  readonly templateKey: string
  readonly status: { readonly active: number; readonly ready: number; readonly succeeded: number; readonly failed: number }
  readonly startedAt?: string
  readonly completedAt?: string
  readonly conditions: readonly Condition[]
  /** Our clock; when it was first seen failed. Filled by `rememberJob`. */
  readonly failedSince?: string
}

/** A node, reduced to whether what happens on it says anything about a release. */
export interface NodeFacts {
  readonly kind: 'Node'
  readonly uid: string
  readonly name: string
  /** Status of its condition Ready: `True`, `False` or `Unknown`; empty while it has none. */
  readonly ready: string
  /** Cordoned: it takes no new pods, and often gives up those it has. */
  readonly unschedulable: boolean
  readonly deletedAt?: string
}

/** The app's namespace, reduced to whether it is on its way out. */
export interface NamespaceState {
  readonly kind: 'Namespace'
  readonly uid: string
  readonly name: string
  readonly deletedAt?: string
}

/** One ended run of a container. */
export interface Terminated {
  readonly exitCode: number
  readonly signal?: number
  readonly reason?: string
  readonly message?: string
  readonly startedAt?: string
  readonly finishedAt?: string
  readonly containerId?: string
}

export interface ContainerFacts {
  readonly name: string
  readonly init: boolean
  readonly ready: boolean
  readonly started: boolean
  readonly restartCount: number
  readonly image: string
  readonly waiting?: { readonly reason: string; readonly message?: string }
  readonly running?: { readonly startedAt?: string }
  readonly terminated?: Terminated
  /** The run before the current one. */
  readonly last?: Terminated
}

export interface PodFacts {
  readonly kind: 'Pod'
  readonly meta: Meta
  readonly phase: string
  readonly reason?: string
  readonly message?: string
  readonly node?: string
  readonly conditions: readonly Condition[]
  readonly containers: readonly ContainerFacts[]
  /** What status alone does not tell; filled by `rememberPod`. */
  readonly memory?: Memory
}

export interface EventFacts {
  readonly kind: 'Event'
  readonly uid: string
  readonly name: string
  readonly namespace: string
  readonly resourceVersion: string
  readonly involved: { readonly kind: string; readonly name: string; readonly uid: string }
  readonly type: string
  readonly reason: string
  readonly message: string
  /** How often it happened so far. */
  readonly count: number
  readonly firstAt?: string
  readonly lastAt?: string
}
