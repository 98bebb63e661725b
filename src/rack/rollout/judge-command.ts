import type { Cause } from '../cause.ts'
import type { NamespaceFacts } from '../cluster/cache.ts'
import type { JobFacts, PodFacts } from './facts.ts'
import type { Rule } from './finding.ts'
import { cannotCreate } from './rules/cannot-create.ts'
import { cannotStart } from './rules/cannot-start.ts'
import { imagePull } from './rules/image-pull.ts'
import { missingMount } from './rules/missing-mount.ts'
import { unschedulable } from './rules/unschedulable.ts'
import { viewRun } from './service-view.ts'
import type { ServiceView } from './service-view.ts'
import type { ContainerSpec } from './template.ts'

/** The release command as it was started: one Job of one pod. Times are RFC 3339, of our clock. */
export interface RunningCommand {
  readonly service: string
  readonly command: string
  /** Of its Job. */
  readonly name: string
  readonly uid: string
  readonly containers: readonly ContainerSpec[]
  readonly startedAt: string
  /** When the cluster answered that its Job is made. */
  readonly madeAt: string
  /** Seconds; the cluster ends it then, and some time later we stop waiting for that. */
  readonly deadline: number
  /** When that deadline is over. */
  readonly until: string
  /** So long it was not seen, in ms: that is waited for besides. */
  readonly blindMs: number
}

/** Milliseconds that the cluster has to end a Job whose deadline is over, before we stop waiting for it. */
export const patience = 30_000

export type CommandVerdict =
  | { readonly kind: 'running'; readonly nextLookAt: Date }
  | { readonly kind: 'complete' }
  | { readonly kind: 'failed'; readonly cause: Cause }

/** What keeps its process from starting: nobody has to wait for the Job's deadline then. Its exit ends the Job, which tells by itself. */
const rules: readonly Rule[] = [imagePull, missingMount, cannotCreate, cannotStart, unschedulable]

const ownedBy = (uid: string) => (pod: PodFacts): boolean => pod.meta.owners.some((owner) => owner.uid === uid)

/** Pods of its Job, the newest last. */
export const podsOfCommand = (facts: Pick<NamespaceFacts, 'pods'>, uid: string): readonly PodFacts[] =>
  facts.pods.filter(ownedBy(uid)).toSorted((a, b) => a.meta.createdAt.localeCompare(b.meta.createdAt))

const conditionOf = (job: JobFacts, type: string) => job.conditions.find((condition) => condition.type === type && condition.status === 'True')

const viewOf = (facts: NamespaceFacts, command: RunningCommand): ServiceView => viewRun(command, podsOfCommand(facts, command.uid), facts.events)

const failedCause = (facts: NamespaceFacts, command: RunningCommand, job: JobFacts | undefined, now: Date): Cause => {
  const condition = job === undefined ? undefined : conditionOf(job, 'Failed')
  const pod = podsOfCommand(facts, command.uid).at(-1)
  const ended = pod?.containers.find(({ terminated }) => terminated !== undefined && terminated.exitCode !== 0)
  const timedOut = condition?.reason === 'DeadlineExceeded' || (job !== undefined && condition === undefined)
  const reason = ended?.terminated?.reason ?? pod?.reason ?? condition?.reason
  const message = job === undefined ? 'its Job was deleted' : condition?.message
  return {
    kind: 'release_command_failed', rule: 'release-command', service: command.service, command: command.command,
    ...(pod === undefined ? {} : { process: pod.meta.name }),
    ...(ended === undefined ? {} : { container: ended.name }),
    ...(timedOut ? { deadline: command.deadline } : {}),
    ...(!timedOut && ended?.terminated !== undefined ? { exitCode: ended.terminated.exitCode } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    firstSeen: now.toISOString(),
  }
}

/** Our Job reaches the watch this late at most, in ms; only then is a missing one a deleted one. */
const arrival = 5_000

/** How the release command stands at `now`, by facts that are fresh. Pure. */
export const judgeCommand = (facts: NamespaceFacts, command: RunningCommand, now: Date): CommandVerdict => {
  const clock = now.getTime()
  const job = facts.jobs.find(({ meta }) => meta.uid === command.uid)
  const until = Date.parse(command.until) + patience + command.blindMs
  if (job === undefined || job.meta.deletedAt !== undefined) {
    const due = job === undefined ? Date.parse(command.madeAt) + arrival : clock
    return clock >= due ? { kind: 'failed', cause: failedCause(facts, command, undefined, now) } : { kind: 'running', nextLookAt: new Date(due) }
  }
  if (conditionOf(job, 'Complete') !== undefined) return { kind: 'complete' }
  if (conditionOf(job, 'Failed') !== undefined) return { kind: 'failed', cause: failedCause(facts, command, job, now) }
  const found = rules.flatMap((rule) => rule(viewOf(facts, command)))
  const due = found.find((finding) => finding.dueAt <= clock)
  if (due !== undefined) return { kind: 'failed', cause: due.cause }
  if (clock >= until) return { kind: 'failed', cause: failedCause(facts, command, job, now) }
  return { kind: 'running', nextLookAt: new Date(Math.min(until, ...found.map((finding) => finding.dueAt))) }
}
