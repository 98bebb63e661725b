import type { Container } from './container.ts'
import { setTerminated } from './container.ts'
import { stopOf } from './container-stop.ts'
import type { PodLife } from './pod-life.ts'

/** Recorded: from the last status to the pod's removal. */
const removalTakes = 560

const isUp = (container: Container) => container.status.state.running !== undefined
const hasRun = (container: Container) => container.status.containerID !== undefined

const stopRunning = async (life: PodLife, containers: Container[], signal: AbortSignal): Promise<void> => {
  const { host } = life
  const grace = (life.pod.metadata.deletionGracePeriodSeconds ?? life.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000
  for (const { spec, init } of containers) {
    host.event(life.pod, { type: 'Normal', reason: 'Killing', message: `Stopping container ${spec.name}`, container: { name: spec.name, init } })
  }
  await life.publish()
  await Promise.all(
    containers.map(async (container) => {
      const end = stopOf(container, grace, false)
      await host.clock.sleep(end.after, signal)
      setTerminated(container, host.clock.now(), { code: end.code, reason: 'Error' })
    }),
  )
}

/** Recorded of a killed container: from the signal to the status. */
const killTakes = 50

/**
 * The end of a pod that its node has no room for any more: an event, its containers killed at once, phase Failed with reason Evicted
 * (kubelet 1.36, eviction_manager.go: a grace period of 0 for hard limits).
 */
export const evictPod = async (life: PodLife, signal: AbortSignal): Promise<void> => {
  const { host, initContainers, containers } = life
  host.event(life.pod, { type: 'Warning', reason: 'Evicted', message: life.evicted ?? '' })
  for (const { spec, init } of containers.filter(isUp)) {
    host.event(life.pod, { type: 'Normal', reason: 'Killing', message: `Stopping container ${spec.name}`, container: { name: spec.name, init } })
  }
  await host.clock.sleep(killTakes, signal)
  for (const container of [...initContainers, ...containers]) if (isUp(container)) setTerminated(container, host.clock.now(), { code: 137, reason: 'Error' })
  life.sandboxReady = false
  life.ended = 'Failed'
  await life.publish()
}

/**
 * The end of a deleted pod: its containers are stopped within the grace period, its status says so, and it is removed.
 * Steps and pauses as recorded for pods that run, loop or never started.
 */
export const endPod = async (life: PodLife, signal: AbortSignal): Promise<void> => {
  const { host, initContainers, containers } = life
  const { clock } = host
  if (life.evicted !== undefined) return host.remove(life.pod)
  const all = [...initContainers, ...containers]
  const up = all.filter(isUp)
  if (up.length > 0) await stopRunning(life, up, signal)
  for (const container of all) {
    const last = container.status.lastState.terminated
    if (container.status.state.waiting !== undefined && last !== undefined) container.status = { ...container.status, state: { terminated: last } }
  }
  const initialized = initContainers.every(({ status }) => status.ready)
  if (up.length === 0) {
    if (initialized) for (const { status } of containers) if (status.state.waiting !== undefined) status.state = { waiting: { reason: 'ContainerCreating' } }
    await life.publish()
    await clock.sleep(75, signal)
  }
  const sandboxWasUp = life.sandboxReady
  life.sandboxReady = false
  if (!all.some(hasRun) || !initialized) {
    if (sandboxWasUp) await life.publish()
    await clock.sleep(500, signal)
    if (initialized) for (const { status } of containers) status.state = { terminated: unknownEnd }
  }
  const codes = all.map(({ status }) => status.state.terminated?.exitCode)
  life.ended ??= codes.every((code) => code === 0) ? 'Succeeded' : 'Failed'
  await life.publish()
  await clock.sleep(removalTakes, signal)
  await host.remove(life.pod)
}

/** What the kubelet says of a container that never ran (recorded). */
const unknownEnd = {
  exitCode: 137,
  reason: 'ContainerStatusUnknown',
  message: 'The container could not be located when the pod was terminated',
  startedAt: null,
  finishedAt: null,
}
