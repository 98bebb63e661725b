import { z } from 'zod'

import type { Memory } from './remember.ts'
import { templateKey } from './template.ts'

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

/** One entry of managedFields, reduced to what decides who changed a Deployment. */
export interface Manager {
  readonly manager: string
  readonly operation: string
  readonly at?: string
  readonly subresource?: string
  readonly ownsTemplate: boolean
  readonly ownsReplicas: boolean
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

// The API server writes null for some empty fields, so every optional field accepts it.
const text = z.string().nullish().transform((value) => value ?? undefined)
const count = z.number().nullish().transform((value) => value ?? 0)
const words = z.record(z.string(), z.string()).nullish().transform((value) => value ?? {})
const list = <T extends z.ZodType>(item: T) => z.array(item).nullish().transform((value) => value ?? [])

const metaShape = z
  .object({
    uid: z.string(), name: z.string(), namespace: z.string().default(''), labels: words, annotations: words,
    ownerReferences: list(z.object({ kind: z.string(), name: z.string(), uid: z.string(), controller: z.boolean().nullish() })),
    generation: count, resourceVersion: z.string().default(''), creationTimestamp: text, deletionTimestamp: text,
  })
  .transform((raw): Meta => ({
    uid: raw.uid, name: raw.name, namespace: raw.namespace, labels: raw.labels, annotations: raw.annotations,
    owners: raw.ownerReferences.map((owner) => ({ kind: owner.kind, name: owner.name, uid: owner.uid, controller: owner.controller === true })),
    generation: raw.generation, resourceVersion: raw.resourceVersion, createdAt: raw.creationTimestamp ?? '', deletedAt: raw.deletionTimestamp,
  }))

const fieldSet = z.object({ 'f:spec': z.object({ 'f:template': z.unknown(), 'f:replicas': z.unknown() }).partial().nullish() }).partial()
const managers = list(
  z
    .object({ manager: text, operation: text, time: text, subresource: text, fieldsV1: fieldSet.nullish() })
    .transform((raw): Manager => ({
      manager: raw.manager ?? '', operation: raw.operation ?? '', at: raw.time, subresource: raw.subresource,
      ownsTemplate: raw.fieldsV1?.['f:spec']?.['f:template'] !== undefined,
      ownsReplicas: raw.fieldsV1?.['f:spec']?.['f:replicas'] !== undefined,
    })),
)

const conditions = list(
  z
    .object({ type: z.string(), status: z.string(), reason: text, message: text, lastUpdateTime: text, lastTransitionTime: text })
    .transform((raw): Condition => ({
      type: raw.type, status: raw.status, reason: raw.reason, message: raw.message,
      updatedAt: raw.lastUpdateTime ?? raw.lastTransitionTime, changedAt: raw.lastTransitionTime,
    })),
)

const managedShape = z.object({ metadata: z.object({ managedFields: managers }) })
const deploymentShape = z.object({
  metadata: metaShape,
  spec: z.object({ replicas: z.number().nullish(), paused: z.boolean().nullish(), template: z.unknown() }),
  status: z
    .object({
      observedGeneration: count, replicas: count, updatedReplicas: count, readyReplicas: count, availableReplicas: count,
      unavailableReplicas: count, conditions,
    })
    .prefault({}),
})

const replicaSetShape = z.object({
  metadata: metaShape,
  spec: z.object({ replicas: z.number().nullish(), template: z.unknown() }),
  status: z.object({ observedGeneration: count, replicas: count, readyReplicas: count, availableReplicas: count, conditions }).prefault({}),
})

const terminatedShape = z
  .object({ exitCode: count, signal: z.number().nullish(), reason: text, message: text, startedAt: text, finishedAt: text, containerID: text })
  .transform((raw): Terminated => ({
    exitCode: raw.exitCode, signal: raw.signal ?? undefined, reason: raw.reason, message: raw.message,
    startedAt: raw.startedAt, finishedAt: raw.finishedAt, containerId: raw.containerID,
  }))

const stateShape = z
  .object({
    waiting: z.object({ reason: text, message: text }).nullish(),
    running: z.object({ startedAt: text }).nullish(),
    terminated: terminatedShape.nullish(),
  })
  .nullish()

const containerShape = z.object({
  name: z.string(), image: z.string().default(''), ready: z.boolean().nullish(), started: z.boolean().nullish(),
  restartCount: count, state: stateShape, lastState: stateShape,
})

const podShape = z.object({
  metadata: metaShape,
  spec: z.object({ nodeName: text }).prefault({}),
  status: z
    .object({ phase: text, reason: text, message: text, conditions, initContainerStatuses: list(containerShape), containerStatuses: list(containerShape) })
    .prefault({}),
})

const eventShape = z.object({
  metadata: z.object({
    uid: z.string(), name: z.string(), namespace: z.string().default(''), resourceVersion: z.string().default(''), creationTimestamp: text,
  }),
  involvedObject: z.object({ kind: z.string().default(''), name: z.string().default(''), uid: z.string().default('') }),
  type: text, reason: text, message: text, count: z.number().nullish(), firstTimestamp: text, lastTimestamp: text, eventTime: text,
  series: z.object({ count: z.number().nullish(), lastObservedTime: text }).nullish(),
})

const containerOf = (init: boolean) => (raw: z.output<typeof containerShape>): ContainerFacts => ({
  name: raw.name, init, ready: raw.ready === true, started: raw.started === true, restartCount: raw.restartCount, image: raw.image,
  waiting: raw.state?.waiting ? { reason: raw.state.waiting.reason ?? '', message: raw.state.waiting.message } : undefined,
  running: raw.state?.running ?? undefined,
  terminated: raw.state?.terminated ?? undefined,
  last: raw.lastState?.terminated ?? undefined,
})

/** A Deployment as an API server sends it, or undefined when it is not one. */
export const parseDeployment = (raw: unknown): DeploymentFacts | undefined => {
  const { success, data } = deploymentShape.safeParse(raw)
  if (!success) return undefined
  const { metadata, spec, status } = data
  const managed = managedShape.safeParse(raw)
  return {
    kind: 'Deployment', meta: metadata, managers: managed.success ? managed.data.metadata.managedFields : [],
    replicas: spec.replicas ?? 1, paused: spec.paused === true, templateKey: templateKey(spec.template),
    status: {
      observedGeneration: status.observedGeneration, replicas: status.replicas, updated: status.updatedReplicas,
      ready: status.readyReplicas, available: status.availableReplicas, unavailable: status.unavailableReplicas,
    },
    conditions: status.conditions,
  }
}

/** A ReplicaSet as an API server sends it, or undefined when it is not one. Pass the result through `rememberReplicaSet` before keeping it. */
export const parseReplicaSet = (raw: unknown): ReplicaSetFacts | undefined => {
  const { success, data } = replicaSetShape.safeParse(raw)
  if (!success) return undefined
  const { metadata, spec, status } = data
  return {
    kind: 'ReplicaSet', meta: metadata, replicas: spec.replicas ?? 1, templateKey: templateKey(spec.template),
    status: { observedGeneration: status.observedGeneration, replicas: status.replicas, ready: status.readyReplicas, available: status.availableReplicas },
    conditions: status.conditions,
  }
}

/** A Pod as an API server sends it, or undefined when it is not one. Pass the result through `rememberPod` before keeping it. */
export const parsePod = (raw: unknown): PodFacts | undefined => {
  const { success, data } = podShape.safeParse(raw)
  if (!success) return undefined
  const { metadata, spec, status } = data
  return {
    kind: 'Pod', meta: metadata, phase: status.phase ?? '', reason: status.reason, message: status.message, node: spec.nodeName, conditions: status.conditions,
    containers: [...status.initContainerStatuses.map(containerOf(true)), ...status.containerStatuses.map(containerOf(false))],
  }
}

/** An Event (core/v1) as an API server sends it, or undefined when it is not one. */
export const parseEvent = (raw: unknown): EventFacts | undefined => {
  const { success, data } = eventShape.safeParse(raw)
  if (!success) return undefined
  return {
    kind: 'Event', uid: data.metadata.uid, name: data.metadata.name, namespace: data.metadata.namespace, resourceVersion: data.metadata.resourceVersion,
    involved: data.involvedObject, type: data.type ?? '', reason: data.reason ?? '', message: data.message ?? '',
    count: data.series?.count ?? data.count ?? 1,
    firstAt: data.firstTimestamp ?? data.eventTime ?? data.metadata.creationTimestamp,
    lastAt: data.series?.lastObservedTime ?? data.lastTimestamp ?? data.eventTime ?? data.metadata.creationTimestamp,
  }
}
