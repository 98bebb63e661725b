import type { DaemonSetFacts, DeploymentFacts, DeploymentMemory, JobFacts, Mark, ReplicaSetFacts } from './facts.ts'

/** Steps of progress kept: more come only from processes that come and go, and those are judged by their own rules. */
export const keptMarks = 32

const marked = (before: readonly Mark[] | undefined, value: number, at: Date): readonly Mark[] => {
  const marks = before ?? []
  return marks.at(-1)?.value === value ? marks : [...marks, { at: at.toISOString(), value }].slice(-keptMarks)
}

/** The reason of a Deployment's condition Progressing when its ReplicaSet is refused. */
export const replicaSetRefused = 'ReplicaSetCreateError'

/** `next` with since when it is short of processes, paused, or refused its ReplicaSet, by our clock. */
export const rememberDeployment = (previous: DeploymentFacts | undefined, next: DeploymentFacts, at: Date): DeploymentFacts => {
  const before: DeploymentMemory = (previous?.meta.uid === next.meta.uid ? previous.memory : undefined) ?? {}
  const now = at.toISOString()
  const short = next.status.available < next.replicas - next.maxUnavailable
  const refused = next.conditions.some(({ type, status, reason }) => type === 'Progressing' && status === 'False' && reason === replicaSetRefused)
  const resumedAt = !next.paused && before.pausedSince !== undefined ? now : before.resumedAt
  return {
    ...next,
    memory: {
      ...(short ? { shortSince: before.shortSince ?? now } : {}),
      ...(refused ? { createErrorSince: before.createErrorSince ?? now } : {}),
      ...(next.paused ? { pausedSince: before.pausedSince ?? now } : {}),
      ...(resumedAt === undefined ? {} : { resumedAt }),
    },
  }
}

/** `next` with its steps of progress, and since when it fails to create pods, by our clock: the condition's own time is of the cluster's. */
export const rememberReplicaSet = (previous: ReplicaSetFacts | undefined, next: ReplicaSetFacts, at: Date): ReplicaSetFacts => {
  const before = previous?.meta.uid === next.meta.uid ? previous : undefined
  const failing = next.conditions.some(({ type, status }) => type === 'ReplicaFailure' && status === 'True')
  return { ...next, marks: marked(before?.marks, next.status.available, at), ...(failing ? { failingSince: before?.failingSince ?? at.toISOString() } : {}) }
}

/** `next` with its steps of progress, and since when a node that should have a process has none. */
export const rememberDaemonSet = (previous: DaemonSetFacts | undefined, next: DaemonSetFacts, at: Date): DaemonSetFacts => {
  const before = previous?.meta.uid === next.meta.uid ? previous : undefined
  const { current, desired, updated, available } = next.status
  return { ...next, marks: marked(before?.marks, updated + available, at), ...(current < desired ? { behindSince: before?.behindSince ?? at.toISOString() } : {}) }
}

/** True once a Job will not be tried again. */
export const hasFailed = (job: JobFacts): boolean => job.conditions.some(({ type, status }) => type === 'Failed' && status === 'True')

/** `next` with when it was first seen failed. */
export const rememberJob = (previous: JobFacts | undefined, next: JobFacts, at: Date): JobFacts => {
  if (!hasFailed(next)) return next
  return { ...next, failedSince: (previous?.meta.uid === next.meta.uid ? previous.failedSince : undefined) ?? at.toISOString() }
}
