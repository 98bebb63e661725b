import { timestamp } from './clock.ts'
import type { Condition, ContainerStatus, WirePod, WireStatus } from './wire-pod.ts'

/** What the kubelet knows of a pod. */
export interface PodFacts {
  /** Milliseconds. */
  startTime: number
  hostIP: string
  podIP: string | undefined
  /** The sandbox (the pod's network) is up. */
  sandboxReady: boolean
  initContainers: readonly ContainerStatus[]
  containers: readonly ContainerStatus[]
  /** Set once everything has ended. */
  ended: 'Succeeded' | 'Failed' | undefined
  /** The pod was evicted: what the kubelet says of it. */
  evicted: string | undefined
}

const initDone = (status: ContainerStatus) => status.ready || status.state.terminated?.exitCode === 0

const phaseOf = (facts: PodFacts): string => {
  if (facts.ended !== undefined) return facts.ended
  if (!facts.initContainers.every(initDone)) return 'Pending'
  const neverStarted = (status: ContainerStatus) =>
    status.state.running === undefined && status.state.terminated === undefined && status.lastState.terminated === undefined
  return facts.containers.some(neverStarted) ? 'Pending' : 'Running'
}

type Fact = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

const conditionsOf = (facts: PodFacts): Fact[] => {
  const incomplete = facts.initContainers.filter((status) => !initDone(status)).map((status) => status.name)
  const unready = facts.containers.filter((status) => !status.ready).map((status) => status.name)
  const allEnded = facts.containers.every((status) => status.state.terminated?.containerID !== undefined)
  const ready = ((): Omit<Fact, 'type'> => {
    if (facts.ended === 'Succeeded') return { status: 'False', reason: 'PodCompleted' }
    if (facts.ended === 'Failed' && allEnded) return { status: 'False', reason: 'PodFailed' }
    if (unready.length === 0) return { status: 'True' }
    return { status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` }
  })()
  return [
    { type: 'PodReadyToStartContainers', status: facts.sandboxReady ? 'True' : 'False' },
    incomplete.length === 0
      ? { type: 'Initialized', status: 'True' }
      : { type: 'Initialized', status: 'False', reason: 'ContainersNotInitialized', message: `containers with incomplete status: [${incomplete.join(' ')}]` },
    { type: 'Ready', ...ready },
    { type: 'ContainersReady', ...ready },
    { type: 'PodScheduled', status: 'True' },
  ]
}

/**
 * The status to write for a pod: phase and conditions as kubelet 1.36 sets them. Conditions of others (DisruptionTarget)
 * are kept, and a transition time moves only with the condition's status.
 */
export const podStatus = (pod: WirePod, facts: PodFacts, now: number): WireStatus => {
  const before = pod.status.conditions ?? []
  const generation = pod.metadata.generation
  const observed = generation === undefined ? {} : { observedGeneration: generation }
  const own = conditionsOf(facts).map((fact): Condition => {
    const old = before.find((condition) => condition.type === fact.type)
    const lastTransitionTime = old?.status === fact.status && typeof old.lastTransitionTime === 'string' ? old.lastTransitionTime : timestamp(now)
    return {
      type: fact.type,
      ...observed,
      status: fact.status,
      lastProbeTime: null,
      lastTransitionTime,
      ...(fact.reason === undefined ? {} : { reason: fact.reason }),
      ...(fact.message === undefined ? {} : { message: fact.message }),
    }
  })
  if (facts.evicted !== undefined && !before.some(({ type }) => type === 'DisruptionTarget')) {
    own.push({
      type: 'DisruptionTarget', ...observed, status: 'True', lastProbeTime: null, lastTransitionTime: timestamp(now),
      reason: 'TerminationByKubelet', message: facts.evicted,
    })
  }
  const others = before.filter((condition) => !own.some(({ type }) => type === condition.type))
  return {
    ...observed,
    phase: phaseOf(facts),
    ...(facts.evicted === undefined ? {} : { reason: 'Evicted', message: facts.evicted }),
    conditions: [...others, ...own],
    hostIP: facts.hostIP,
    hostIPs: [{ ip: facts.hostIP }],
    ...(facts.podIP === undefined ? {} : { podIP: facts.podIP, podIPs: [{ ip: facts.podIP }] }),
    startTime: timestamp(facts.startTime),
    ...(facts.initContainers.length === 0 ? {} : { initContainerStatuses: [...facts.initContainers] }),
    containerStatuses: [...facts.containers],
  }
}
