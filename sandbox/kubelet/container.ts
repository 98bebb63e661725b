import { createHash } from 'node:crypto'
import { timestamp } from './clock.ts'
import type { Host, PodEvent } from './host.ts'
import { imageReference } from './image-reference.ts'
import type { Run, Scenario } from './scenario.ts'
import { runAfter } from './scenario.ts'
import type { ContainerStatus, Terminated, WireContainer, WirePod } from './wire-pod.ts'

/** One container of a living pod. `status` is what is published; the rest is what the kubelet remembers. */
export interface Container {
  spec: WireContainer
  init: boolean
  scenario: Scenario
  status: ContainerStatus
  /** Wall clock of the running container's start, and of the last end. */
  startedAt: number
  finishedAt: number
  /** How often in a row it failed to stay up: 0 restarts at once, 1 waits 10 s, 2 waits 20 s, … */
  backOffLevel: number
  /** Failed pulls in a row, when the last one failed, and why. */
  pullFailures: number
  pullFailedAt: number
  pullCause: string
}

/** What a container needs of its pod. */
export interface ContainerContext {
  host: Host
  signal: AbortSignal
  pod(): WirePod
  ip(): string
  publish(): Promise<void>
  /** Run times of containers that a job or an init step waits for. */
  finite: boolean
}

/** Back-off before the n-th restart in a row: 10 s doubling to 300 s (kubelet 1.36: initial 10 s, MaxContainerBackOff 300 s). 0 for the first. */
export const backOff = (level: number): number => (level <= 0 ? 0 : Math.min(300_000, 10_000 * 2 ** (level - 1)))

/** A container that has run this long starts its back-off anew (kubelet: twice the maximum). */
export const backOffForgottenAfter = 600_000

/** The id of the container's n-th run: the same again after the kubelet's own restart. */
export const containerId = (pod: WirePod, name: string, run: number): string =>
  `containerd://${createHash('sha256').update(`${pod.metadata.uid}/${name}/${run}`).digest('hex')}`

/** `repository@sha256:…`, as the runtime reports the image it runs. */
export const imageId = (image: string): string => {
  const { repository, digest } = imageReference(image)
  return `${repository}@${digest ?? `sha256:${createHash('sha256').update(image).digest('hex')}`}`
}

/** An end for what would run for ever where something waits for its end: an init container after 0.3 s, a job after 2 s. */
export const currentRun = (container: Container, finite: boolean): Run => {
  const run = runAfter(container.scenario, container.status.restartCount)
  if (run.exit !== undefined || run.startError !== undefined || !(isStep(container) || finite)) return run
  return { ...run, exit: { after: isStep(container) ? 300 : 2_000, code: 0, reason: 'Completed' } }
}

const parsed = (time: string | null | undefined): number => (typeof time === 'string' ? Date.parse(time) : 0)

/** A container as the pod's own status tells it: new, or picked up where an earlier kubelet left it. */
export const containerOf = (spec: WireContainer, init: boolean, scenario: Scenario, known: ContainerStatus | undefined, waiting: string): Container => {
  const status: ContainerStatus = known ?? {
    name: spec.name,
    state: { waiting: { reason: waiting } },
    lastState: {},
    ready: false,
    started: false,
    restartCount: 0,
    image: spec.image,
    imageID: '',
  }
  const end = status.state.terminated ?? status.lastState.terminated
  return {
    spec,
    init,
    scenario,
    status: { ...status },
    startedAt: parsed(status.state.running?.startedAt ?? end?.startedAt),
    finishedAt: parsed(end?.finishedAt),
    backOffLevel: status.restartCount,
    // An earlier kubelet's failed pulls are forgotten, as a real one forgets them.
    pullFailures: 0,
    pullFailedAt: 0,
    pullCause: '',
  }
}

/** Reports an event about this container. */
export const say = (context: ContainerContext, container: Container, type: PodEvent['type'], reason: string, message: string): void =>
  context.host.event(context.pod(), { type, reason, message, container: { name: container.spec.name, init: container.init } })

/** Marks the current run as ended. */
export const setTerminated = (container: Container, at: number, end: { code: number; reason: string; message?: string }): Terminated => {
  const { status } = container
  const terminated: Terminated = {
    exitCode: end.code,
    reason: end.reason,
    ...(end.message === undefined ? {} : { message: end.message }),
    startedAt: end.reason === 'StartError' ? '1970-01-01T00:00:00Z' : timestamp(container.startedAt),
    finishedAt: timestamp(at),
    ...(status.containerID === undefined ? {} : { containerID: status.containerID }),
  }
  container.finishedAt = at
  container.status = { ...status, state: { terminated }, ready: isStep(container) && end.code === 0, started: false }
  return terminated
}

/** Marks the container as waiting; a run that has ended becomes its last state. */
export const setWaiting = (container: Container, reason: string, message: string | undefined): void => {
  const { status } = container
  const ended = status.state.terminated
  container.status = {
    ...status,
    state: { waiting: { reason, ...(message === undefined ? {} : { message }) } },
    lastState: ended === undefined ? status.lastState : { terminated: ended },
    ready: false,
    started: false,
  }
}

/** An init container that the next one waits for; a restartable one (a sidecar) is none. */
export const isStep = ({ init, spec }: Container): boolean => init && spec.restartPolicy !== 'Always'

/** Marks a new run as begun now. */
export const setRunning = (container: Container, pod: WirePod, at: number): void => {
  const { status } = container
  const ended = status.state.terminated ?? status.lastState.terminated
  const restartCount = status.containerID === undefined ? 0 : status.restartCount + 1
  container.startedAt = at
  container.status = {
    ...status,
    state: { running: { startedAt: timestamp(at) } },
    lastState: ended === undefined ? {} : { terminated: ended },
    ready: container.spec.readinessProbe === undefined && container.spec.startupProbe === undefined && !isStep(container),
    started: container.spec.startupProbe === undefined,
    restartCount,
    imageID: imageId(container.spec.image),
    containerID: containerId(pod, container.spec.name, restartCount),
  }
}
