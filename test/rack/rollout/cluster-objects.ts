import { parseCronJob, parseJob } from '../../../src/rack/rollout/decode-batch.ts'
import { parseDaemonSet, parseDeployment, parseEvent, parsePod, parseReplicaSet } from '../../../src/rack/rollout/decode.ts'
import type { DeploymentFacts, NodeFacts, PodFacts, ReplicaSetFacts } from '../../../src/rack/rollout/facts.ts'
import { rememberDaemonSet, rememberDeployment, rememberJob, rememberReplicaSet } from '../../../src/rack/rollout/remember-workload.ts'
import { rememberPod } from '../../../src/rack/rollout/remember.ts'
import type { StabilityWindow } from '../../../src/rack/rollout/judge.ts'
import { expectService } from '../../../src/rack/rollout/rollout-facts.ts'
import type { RolloutFacts } from '../../../src/rack/rollout/rollout-facts.ts'

/** The rollout begins here, by our clock and the cluster's. */
export const start = Date.parse('2026-11-24T14:00:00Z')
export const at = (seconds: number): Date => new Date(start + seconds * 1000)
export const stamp = (seconds: number): string => at(seconds).toISOString()

const known = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('the test made an object that is none')
  return value
}

export const podTemplate = (image: string, more: { annotations?: Record<string, string>; hash?: string } = {}) => ({
  metadata: { labels: { app: 'web', ...(more.hash ? { 'pod-template-hash': more.hash } : {}) }, ...(more.annotations ? { annotations: more.annotations } : {}) },
  spec: {
    containers: [{
      name: 'main', image, resources: { limits: { memory: '512Mi' } },
      readinessProbe: { httpGet: { path: '/health', port: 3000 }, periodSeconds: 2, failureThreshold: 3, successThreshold: 1, timeoutSeconds: 1 },
    }],
  },
})

export interface DeploymentOptions {
  readonly name?: string
  readonly image?: string
  readonly template?: unknown
  readonly generation?: number
  readonly observed?: number
  readonly revision?: string
  readonly replicas?: number
  readonly status?: Record<string, number>
  readonly conditions?: unknown[]
  readonly managedFields?: unknown[]
  readonly deletedAt?: string
  readonly uid?: string
  readonly annotations?: Record<string, string>
  readonly paused?: boolean
  readonly maxUnavailable?: number | string
}

export const deploymentRaw = (options: DeploymentOptions = {}) => {
  const { name = 'web', image = 'shop:2', generation = 2, observed = generation, revision = '2', replicas = 2, status = {}, conditions = [], managedFields, deletedAt } = options
  return {
    metadata: {
      name, namespace: 'convox-shop', uid: options.uid ?? `${name}-uid`, generation, resourceVersion: '1', creationTimestamp: stamp(-900),
      annotations: { 'deployment.kubernetes.io/revision': revision, ...options.annotations }, managedFields, deletionTimestamp: deletedAt,
    },
    spec: {
      replicas, paused: options.paused, ...(options.maxUnavailable === undefined ? {} : { strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: options.maxUnavailable } } }),
      template: options.template ?? podTemplate(image),
    },
    status: { observedGeneration: observed, replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas, ...status, conditions },
  }
}

/** As the watch cache would have kept it, first seen so long after the start. */
export const deployment = (options: DeploymentOptions = {}, seenAt = 0) => rememberDeployment(undefined, known(parseDeployment(deploymentRaw(options))), at(seenAt))

/** One as it looked one after another: [seconds, look] each. */
export const deploymentOver = (...looks: [seconds: number, options: DeploymentOptions][]): DeploymentFacts => {
  let facts: DeploymentFacts | undefined
  for (const [seconds, options] of looks) facts = rememberDeployment(facts, known(parseDeployment(deploymentRaw(options))), at(seconds))
  return known(facts)
}

/** A ReplicaSet whose available processes were so many: [seconds, count] each. */
export const replicaSetOver = (uid: string, ...looks: [seconds: number, available: number][]): ReplicaSetFacts => {
  let facts: ReplicaSetFacts | undefined
  for (const [seconds, ready] of looks) facts = rememberReplicaSet(facts, replicaSet(uid, { ready }), at(seconds))
  return known(facts)
}

export const replicaSet = (uid: string, options: { image?: string; revision?: string; replicas?: number; ready?: number; have?: number; conditions?: unknown[]; owner?: string } = {}, seenAt = 0) => {
  const { image = 'shop:2', revision = '2', replicas = 2, ready = replicas, have = replicas, conditions = [], owner = 'web' } = options
  const raw = {
    metadata: {
      name: uid, namespace: 'convox-shop', uid, generation: 1, creationTimestamp: stamp(0), labels: { release: image },
      annotations: { 'deployment.kubernetes.io/revision': revision }, ownerReferences: [{ kind: 'Deployment', name: owner, uid: `${owner}-uid`, controller: true }],
    },
    spec: { replicas, template: podTemplate(image, { hash: uid }) },
    status: { observedGeneration: 1, replicas: have, readyReplicas: ready, availableReplicas: ready, conditions },
  }
  return rememberReplicaSet(undefined, known(parseReplicaSet(raw)), at(seenAt))
}

export interface ContainerOptions {
  readonly name?: string
  readonly init?: boolean
  readonly ready?: boolean
  readonly restarts?: number
  readonly waiting?: [reason: string, message?: string]
  readonly running?: number
  readonly terminated?: [exitCode: number, finishedAt: number, reason?: string]
  readonly last?: [exitCode: number, finishedAt: number, reason?: string]
}

const ended = ([exitCode, finishedAt, reason = 'Error']: [number, number, string?]) => ({
  terminated: { exitCode, reason, startedAt: stamp(finishedAt - 1), finishedAt: stamp(finishedAt), containerID: `run-${String(finishedAt)}` },
})

const containerRaw = (options: ContainerOptions) => {
  const waiting = options.waiting && { waiting: { reason: options.waiting[0], message: options.waiting[1] } }
  const running = options.running === undefined ? undefined : { running: { startedAt: stamp(options.running) } }
  return {
    name: options.name ?? 'main', image: 'shop:2', ready: options.ready === true, started: options.running !== undefined, restartCount: options.restarts ?? 0,
    state: waiting ?? running ?? (options.terminated ? ended(options.terminated) : {}),
    lastState: options.last ? ended(options.last) : {},
  }
}

export interface PodOptions extends ContainerOptions {
  readonly phase?: string
  readonly reason?: string
  readonly node?: string
  /** Its containers are ready, a readiness gate is not: what its condition says. */
  readonly gate?: string
  readonly labels?: Record<string, string>
  readonly owner?: { readonly kind: string; readonly uid: string }
  /** Other containers of the pod. */
  readonly beside?: readonly ContainerOptions[]
  readonly deletedAt?: number
  readonly conditions?: { type: string; status: string; reason?: string; message?: string; lastTransitionTime?: string }[]
  readonly created?: number
  /** When its condition Ready last turned. */
  readonly turned?: number
}

/** A pod as it looked one after another: [seconds, look] each, as the watch cache would have kept it. */
export const pod = (name: string, set: string, ...looks: [seconds: number, options: PodOptions][]): PodFacts => {
  let facts: PodFacts | undefined
  for (const [seconds, options] of looks) {
    const status = containerRaw(options)
    const raw = {
      metadata: {
        name, namespace: 'convox-shop', uid: `${name}-uid`, creationTimestamp: stamp(options.created ?? 0),
        deletionTimestamp: options.deletedAt === undefined ? undefined : stamp(options.deletedAt),
        labels: options.labels, ownerReferences: [{ kind: 'ReplicaSet', name: set, uid: set, ...options.owner, controller: true }],
      },
      spec: { nodeName: options.node ?? 'node-1' },
      status: {
        phase: options.phase ?? 'Running', reason: options.reason,
        conditions: [{ type: 'Ready', status: options.ready ? 'True' : 'False', lastTransitionTime: stamp(options.turned ?? 0), ...(options.gate === undefined ? {} : { reason: 'ReadinessGatesNotReady', message: options.gate }) }, ...(options.conditions ?? [])],
        ...(options.init ? { initContainerStatuses: [status] } : { containerStatuses: [status, ...(options.beside ?? []).map(containerRaw)] }),
      },
    }
    facts = rememberPod(facts, known(parsePod(raw)), at(seconds))
  }
  return known(facts)
}

export const event = (about: string, reason: string, message: string, count = 1) =>
  known(parseEvent({
    metadata: { uid: `${about}-${reason}-${message.length.toString()}`, name: `${about}.1`, creationTimestamp: stamp(0) },
    involvedObject: { kind: 'Pod', name: about, uid: about }, type: 'Warning', reason, message, count, firstTimestamp: stamp(1), lastTimestamp: stamp(1),
  }))

export const node = (name: string, more: Partial<NodeFacts> = {}): NodeFacts => ({ kind: 'Node', uid: name, name, ready: 'True', unschedulable: false, ...more })

export interface SetOptions {
  readonly image?: string
  readonly generation?: number
  readonly observed?: number
  readonly count?: string
  readonly desired?: number
  readonly status?: Record<string, number>
  readonly annotations?: Record<string, string>
}

/** An agent `logs` on two nodes, everything in place. */
export const daemonSetRaw = (options: SetOptions = {}) => {
  const { image = 'shop:2', generation = 2, observed = generation, desired = 2, count = '2' } = options
  return {
    kind: 'DaemonSet',
    metadata: { name: 'logs', namespace: 'convox-shop', uid: 'logs-uid', generation, annotations: { 'deprecated.daemonset.template.generation': count, ...options.annotations } },
    spec: { template: podTemplate(image) },
    status: {
      observedGeneration: observed, desiredNumberScheduled: desired, currentNumberScheduled: desired, updatedNumberScheduled: desired, numberReady: desired, numberAvailable: desired,
      ...options.status,
    },
  }
}
export const daemonSet = (options: SetOptions = {}, seenAt = 0) => rememberDaemonSet(undefined, known(parseDaemonSet(daemonSetRaw(options))), at(seenAt))

export const cronJobRaw = (options: { image?: string; deletedAt?: string } = {}) => ({
  kind: 'CronJob', metadata: { name: 'timer-cleanup', namespace: 'convox-shop', uid: 'cleanup-uid', generation: 2, deletionTimestamp: options.deletedAt },
  spec: { schedule: '* * * * *', suspend: false, jobTemplate: { spec: { template: podTemplate(options.image ?? 'shop:2') } } },
})
export const cronJob = (options: { image?: string; deletedAt?: string } = {}) => known(parseCronJob(cronJobRaw(options)))

/** A run of that timer, created and (where it did) failed at so many seconds. */
export const job = (name: string, options: { image?: string; created?: number; failedAt?: number } = {}) => {
  const template = podTemplate(options.image ?? 'shop:2')
  const conditions = options.failedAt === undefined ? [] : [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }]
  const raw = {
    metadata: { name, namespace: 'convox-shop', uid: name, creationTimestamp: stamp(options.created ?? 5), ownerReferences: [{ kind: 'CronJob', name: 'timer-cleanup', uid: 'cleanup-uid', controller: true }] },
    spec: { template: { ...template, metadata: { labels: { ...template.metadata.labels, 'controller-uid': 'x', 'batch.kubernetes.io/job-name': name } } } },
    status: { conditions },
  }
  return rememberJob(undefined, known(parseJob(raw)), at(options.failedAt ?? 0))
}

/** A stability window that begins at so many seconds, so many of them long; nothing was blind before it. */
export const windowFrom = (seconds: number, length = 30): Required<StabilityWindow> => ({ stableSince: stamp(seconds), stableUntil: stamp(seconds + length), stableBlindMs: 0 })

/** A rollout of `web` from `shop:1` to `shop:2`, two processes, deadline 600 s. */
export const rollout = (facts: Partial<RolloutFacts> = {}): RolloutFacts => ({
  direction: 'out', ourManager: 'slipway', fresh: true, startedAt: stamp(0), deadlineAt: stamp(600), deadline: 600, baseline: {},
  expected: [known(expectService('web', deploymentRaw()))],
  deployments: [deployment({ status: { updatedReplicas: 1, availableReplicas: 2, replicas: 3 } })],
  replicaSets: [replicaSet('new', { ready: 0 }), replicaSet('old', { image: 'shop:1', revision: '1' })],
  pods: [], events: [], daemonSets: [], cronJobs: [], jobs: [], nodes: [], namespaces: [],
  ...facts,
})
