import { runAfter } from './scenario.ts'
import type { Container } from './container.ts'
import { currentRun } from './container.ts'
import type { WrittenLine } from './container-log.ts'
import { writtenLines } from './container-log.ts'
import type { Terminated } from './wire-pod.ts'

/** Which log was asked for, or the kubelet's refusal (HTTP 400). */
export type LogSource = { refusal: string } | { restarts: number; startedAt: number; endedAt: number | undefined }

const at = (time: string | null | undefined) => (typeof time === 'string' ? Date.parse(time) : 0)

/** Picks the run whose log is meant, by the rules and with the texts of kubelet 1.36 (`validateContainerLogStatus`). */
export const logSource = (podName: string, container: Container, previous: boolean): LogSource => {
  const { name, state, lastState, restartCount, containerID } = container.status
  const last = lastState.terminated
  const ofEnded = (end: Terminated): LogSource => {
    const current = end.containerID === containerID && state.running === undefined
    const restarts = current ? restartCount : restartCount - 1
    // The status has whole seconds; what the kubelet itself saw end is known to the millisecond.
    const known = current && container.finishedAt > 0 && Math.abs(container.finishedAt - at(end.finishedAt)) < 1000
    return { restarts, startedAt: known ? container.startedAt : at(end.startedAt), endedAt: known ? container.finishedAt : at(end.finishedAt) + 999 }
  }
  if (previous) {
    if (last?.containerID === undefined) return { refusal: `previous terminated container "${name}" in pod "${podName}" not found` }
    return ofEnded(last)
  }
  if (state.running !== undefined) return { restarts: restartCount, startedAt: container.startedAt, endedAt: undefined }
  if (state.terminated?.containerID !== undefined) return ofEnded(state.terminated)
  if (state.terminated !== undefined && last === undefined) return { refusal: `container "${name}" in pod "${podName}" is terminated` }
  if (last?.containerID !== undefined) return ofEnded(last)
  const reason = state.waiting?.reason ?? 'ContainerCreating'
  const why = { ErrImagePull: "image can't be pulled", ImagePullBackOff: 'trying and failing to pull image' }[reason] ?? reason
  return { refusal: `container "${name}" in pod "${podName}" is waiting to start: ${why}` }
}

/** The lines of that run up to `now`. */
export const logLines = (
  container: Container,
  source: Exclude<LogSource, { refusal: string }>,
  now: number,
  speed: number,
  finite: boolean,
  environment: ReadonlyMap<string, string>,
): WrittenLine[] => {
  const run = source.endedAt === undefined ? currentRun(container, finite) : runAfter(container.scenario, source.restarts)
  return run.startError === undefined ? writtenLines(run, source.startedAt, source.endedAt ?? now, speed, environment) : []
}
