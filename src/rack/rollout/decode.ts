import { z } from 'zod'

import { conditions, count, list, managersIn, metaShape, text } from './decode-shapes.ts'
import type { ContainerFacts, DaemonSetFacts, DeploymentFacts, EventFacts, PodFacts, ReplicaSetFacts, Terminated } from './facts.ts'
import { templateKey } from './template.ts'

const strategyShape = z
  .object({ type: text, rollingUpdate: z.object({ maxUnavailable: z.union([z.number(), z.string()]).nullish() }).nullish() })
  .nullish()
const deploymentShape = z.object({
  metadata: metaShape,
  spec: z.object({ replicas: z.number().nullish(), paused: z.boolean().nullish(), strategy: strategyShape, template: z.unknown() }),
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

const daemonSetShape = z.object({
  metadata: metaShape,
  spec: z.object({ template: z.unknown() }),
  status: z
    .object({
      observedGeneration: count, desiredNumberScheduled: count, currentNumberScheduled: count, updatedNumberScheduled: count, numberReady: count, numberAvailable: count,
    })
    .prefault({}),
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

/** As the Deployment controller resolves it: a percentage is rounded down; the API server's default is 25 %. */
const maxUnavailableOf = (strategy: z.output<typeof strategyShape>, replicas: number): number => {
  if (strategy?.type === 'Recreate') return replicas
  const given = strategy?.rollingUpdate?.maxUnavailable ?? '25%'
  if (typeof given === 'number') return given
  const percent = Number.parseInt(given, 10)
  return Number.isNaN(percent) ? replicas : Math.floor((replicas * percent) / 100)
}

/** A Deployment as an API server sends it, or undefined when it is not one. Pass the result through `rememberDeployment` before keeping it. */
export const parseDeployment = (raw: unknown): DeploymentFacts | undefined => {
  const { success, data } = deploymentShape.safeParse(raw)
  if (!success) return undefined
  const { metadata, spec, status } = data
  const replicas = spec.replicas ?? 1
  return {
    kind: 'Deployment', meta: metadata, managers: managersIn(raw), replicas, paused: spec.paused === true,
    maxUnavailable: maxUnavailableOf(spec.strategy, replicas), templateKey: templateKey(spec.template),
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

/** A DaemonSet as an API server sends it, or undefined when it is not one. Pass the result through `rememberDaemonSet` before keeping it. */
export const parseDaemonSet = (raw: unknown): DaemonSetFacts | undefined => {
  const { success, data } = daemonSetShape.safeParse(raw)
  if (!success) return undefined
  const { metadata, spec, status } = data
  return {
    kind: 'DaemonSet', meta: metadata, managers: managersIn(raw), templateKey: templateKey(spec.template),
    status: {
      observedGeneration: status.observedGeneration, desired: status.desiredNumberScheduled, current: status.currentNumberScheduled,
      updated: status.updatedNumberScheduled, ready: status.numberReady, available: status.numberAvailable,
    },
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
