import { z } from 'zod'
import { saveInventory } from '../../db/promotions.ts'
import type { Cause, LogExcerpt } from '../cause.ts'
import { ClusterRefusal } from '../cluster/cluster-error.ts'
import type { ObjectName } from '../cluster/kinds.ts'
import { nameOf, type PlainObject } from '../cluster/objects.ts'
import { toJson } from '../json.ts'
import type { ReleaseCommand } from '../manifest/manifest.ts'
import { objectKey } from '../render/inventory.ts'
import { awaitSight } from './await-sight.ts'
import { excerptLines, maskCause, maskFor } from './evidence.ts'
import type { CommandState, Job, RolloutState } from './job.ts'
import { judgeCommand, patience, podsOfCommand, type CommandVerdict, type RunningCommand } from './judge-command.ts'
import { templateIn } from './leftovers.ts'
import { inventoryEntry } from './plan.ts'
import { isRemovable, type Labelled } from './prune.ts'
import { copyPullSecret } from './pull-secret.ts'
import { containerSpecs } from './template.ts'
import { untilDecided } from './until-decided.ts'
import { createWaker, onLeaseNews } from './waker.ts'
import { establish, limitFromNow, mayGoOn, persevere, StoppedError, untilRefused, type Sight, type WaitLimits } from './write.ts'

/** Lines of its log in the thread; the container's log has them all. */
const toldLines = 40
/** The last of them, in the notice (cards.md 4). */
const noticeLines = 12

/** A release command with the Job that runs it and what that needs: its Secret, ConfigMaps and claims. */
export interface CommandPlan {
  readonly command: ReleaseCommand
  readonly job: PlainObject
  readonly needed: readonly PlainObject[]
}

/** How a release command ended, and what it was given for that in this life, by `kind/name` and the pull secret besides; null when nothing was. */
export interface CommandOutcome {
  /** Why it failed; null once it has succeeded. */
  readonly failed: Cause | null
  readonly given: ReadonlySet<string> | null
}

/** What the Job needs, and the Job of that name, made when nobody has made it yet. A second one is never made: once we know its uid, a missing one was deleted. */
const started = async (job: Job, plan: CommandPlan, state: CommandState, seen: Sight, pullSecret: readonly PlainObject[] | null): Promise<Pick<CommandOutcome, 'given'> & { readonly begun: CommandState & { readonly made: NonNullable<CommandState['made']> } }> => {
  if (state.made !== undefined) return { begun: { ...state, made: state.made }, given: null }
  // While the API server is away a command cannot begin, and its deadline does not either.
  const limits = untilRefused(job, true)
  await copyPullSecret(job, limits, pullSecret)
  for (const object of plan.needed) await establish(job, limits, object, seen(object))
  const made = await persevere(job, limits, async (timeout) => {
    try {
      return await job.rack.objects.create(plan.job, timeout)
    } catch (error) {
      if (!(error instanceof ClusterRefusal) || error.reason !== 'AlreadyExists') throw error
      const there = await job.rack.objects.read(nameOf(plan.job), timeout)
      if (there === undefined || there.metadata.labels?.['slipway-promotion'] !== job.promotion().id) throw error
      return there
    }
  })
  const at = job.rack.clock()
  const next = { ...state, until: new Date(at.getTime() + plan.command.deadline * 1000).toISOString(), made: { uid: made.metadata.uid ?? '', at: at.toISOString() } }
  await job.commit({ state: { ...job.state(), command: next } })
  return { begun: next, given: new Set(plan.needed.map(objectKey)) }
}

/** Waits for its end: at every change of the namespace, judging nothing while blind. Blind time does not use up its deadline. */
const ended = async (job: Job, running: Omit<RunningCommand, 'blindMs'>): Promise<Exclude<CommandVerdict, { kind: 'running' }>> => {
  const { rack, lease } = job
  const mask = await maskFor(job)
  const waker = createWaker()
  const stops = [
    rack.cluster.subscribe(job.namespace, (event) => {
      if (event !== undefined && event.involved.name.startsWith(running.name) && event.type === 'Warning') {
        job.line({ kind: 'event', at: event.lastAt ?? rack.clock().toISOString(), object: event.involved.name, text: mask(event.message), count: event.count }, `${event.uid}/${event.count}`)
      }
      waker.wake()
    }),
    rack.cluster.onSight(waker.wake), onLeaseNews(lease, waker),
  ]
  let blindMs = 0
  try {
    return await untilDecided(rack.cluster, waker, async () => {
      mayGoOn(job, { cancellable: true })
      const blind = rack.cluster.blindSince()
      if (blind !== null) {
        const from = Math.max(blind.getTime(), Date.parse(running.startedAt))
        await awaitSight(job, { cancellable: true })
        blindMs += Math.max(0, rack.clock().getTime() - from)
      }
      const now = rack.clock()
      const verdict = judgeCommand(rack.cluster.facts(job.namespace), { ...running, blindMs }, now)
      return verdict.kind === 'running' ? { decided: null, next: Math.max(1, verdict.nextLookAt.getTime() - now.getTime()) } : { decided: verdict, next: null }
    })
  } finally {
    for (const stop of stops) stop()
  }
}

/** Its log as the thread and the notice show it: masked. What cannot be read says so. */
const logOf = async (job: Job, running: Pick<RunningCommand, 'service' | 'uid'>): Promise<LogExcerpt | null> => {
  const pod = podsOfCommand(job.rack.cluster.facts(job.namespace), running.uid).at(-1)
  const container = pod?.containers.find(({ init }) => !init)
  if (pod === undefined || container === undefined) return null
  const place = { service: running.service, process: pod.meta.name, container: container.name, previous: false }
  try {
    const text = await job.rack.readLog({ namespace: job.namespace, pod: pod.meta.name, container: container.name, previous: false, lines: toldLines, timeout: 2_000 })
    return text === null || text === '' ? { ...place, lines: [], none: 'not_kept' } : { ...place, lines: excerptLines(text, await maskFor(job), toldLines) }
  } catch (error) {
    job.rack.log.info({ promotion: job.promotion().id, error, process: pod.meta.name }, 'no log of the release command')
    return { ...place, lines: [], none: 'not_answered' }
  }
}

const tell = (job: Job, log: LogExcerpt | null): void => {
  const at = job.rack.clock().toISOString()
  for (const [index, text] of (log?.lines ?? []).entries()) job.line({ kind: 'output', at, process: log?.process ?? '', text }, `output/${index}`)
}

/**
 * Runs the release command before any service moves, or goes on waiting for it after a restart: its Job is named by the promotion, so that it never runs
 * twice. `seen` tells the resourceVersion of what exists, as in `applyRelease`, `stood` what to keep for that, `pullSecret` what is known of that. Throws
 * `StoppedError` on a cancel, with the Job still there.
 */
export const runReleaseCommand = async (job: Job, plan: CommandPlan, seen: Sight, stood: RolloutState['stood'], pullSecret: readonly PlainObject[] | null): Promise<CommandOutcome> => {
  const { rack } = job
  const { command } = plan
  const now = rack.clock()
  const state: CommandState = job.state().command ?? { name: plan.job.metadata.name, startedAt: now.toISOString(), until: new Date(now.getTime() + command.deadline * 1000).toISOString() }
  const shown = (until: string, done: boolean) => ({ command: command.command, startedAt: state.startedAt, until, done })
  if (state.done === true) return { failed: null, given: null }
  if (state.failed !== undefined) {
    await endCommand(job, state)
    return { failed: state.failed, given: null }
  }
  job.show({ phase: 'release_command', releaseCommand: shown(state.until, false) })
  await job.commit({
    step: 'release_job', state: { ...job.state(), command: state, ...(stood === undefined ? {} : { stood }) },
    // What the Job needs is made now: should it fail, the next release that is proven takes it away.
    more: (tx) => saveInventory(tx, job.promotion().id, toJson(plan.needed.map(inventoryEntry))),
  })
  const { begun, given } = await started(job, plan, state, seen, pullSecret)
  job.show({ releaseCommand: shown(begun.until, false) })
  const running = {
    service: command.service, command: command.command, name: state.name, uid: begun.made.uid, madeAt: begun.made.at, containers: containerSpecs(templateIn(plan.job)), startedAt: state.startedAt, deadline: command.deadline,
    until: begun.until,
  }
  const verdict = await ended(job, running)
  const log = await logOf(job, running)
  tell(job, log)
  if (verdict.kind === 'failed') {
    const failed = maskCause(verdict.cause, await maskFor(job))
    const told = log === null ? {} : { set: { logs: toJson([{ ...log, lines: log.lines.slice(-noticeLines) }]) } }
    await job.commit({ ...told, state: { ...job.state(), command: { ...begun, failed } } })
    await endCommand(job, begun)
    return { failed, given }
  }
  job.show({ releaseCommand: shown(begun.until, true) })
  await job.commit({ state: { ...job.state(), command: { ...begun, done: true } } })
  return { failed: null, given }
}

const ending = z.object({ status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]) }).default({ conditions: [] }) })

type Conditions = readonly { readonly type: string; readonly status: string }[]

/** True once the cluster starts no process for it any more. */
const isOver = (conditions: Conditions): boolean => conditions.some(({ type, status }) => status === 'True' && (type === 'Failed' || type === 'Complete'))

const conditionsOf = (job: PlainObject): Conditions => ending.safeParse(job).data?.status.conditions ?? []

/** The same of a Job as the cluster answered it. */
export const hasEnded = (job: PlainObject): boolean => isOver(conditionsOf(job))

/**
 * A Job that we stopped waiting for would still run its command, should the image appear, after everybody has heard that it failed. One that has ended is
 * kept for people to look at until a release succeeds.
 */
const endCommand = (job: Job, command: CommandState): Promise<void> => removeJob(job, command, { until: null, cancellable: false, refusing: patience }, isOver)

/** Removes the Job of the release command, if it still runs ends it; its log has been told. Idempotent. */
export const removeCommand = async (job: Job): Promise<void> => {
  const { command } = job.state()
  if (command !== undefined) await removeJob(job, command, limitFromNow(job, patience), () => false)
}

/** As the watch shows it; where that shows none, as the cluster answers: it may have been made a moment ago, by whoever was the owner then. */
const jobThere = async (job: Job, name: ObjectName, timeout: number): Promise<(Labelled & { readonly uid: string; readonly going: boolean; readonly conditions: Conditions }) | undefined> => {
  const watched = job.rack.cluster.facts(job.namespace).jobs.find(({ meta }) => meta.name === name.name)
  if (watched !== undefined) return { metadata: watched.meta, uid: watched.meta.uid, going: watched.meta.deletedAt !== undefined, conditions: watched.conditions }
  const read = await job.rack.objects.read(name, timeout)
  return read && { metadata: read.metadata, uid: read.metadata.uid ?? '', going: read.metadata.deletionTimestamp !== undefined, conditions: conditionsOf(read) }
}

/** One request where the watch shows it: the uid makes sure that it is that one. */
const removeJob = async (job: Job, command: CommandState, how: WaitLimits, keep: (conditions: Conditions) => boolean): Promise<void> => {
  const name = { apiVersion: 'batch/v1', kind: 'Job', name: command.name, namespace: job.namespace }
  try {
    await persevere(job, how, async (timeout) => {
      const there = await jobThere(job, name, timeout)
      if (there === undefined || there.going || !isRemovable(job.rack, there) || keep(there.conditions)) return
      await job.rack.objects.remove(name, there.uid, timeout)
    })
  } catch (error) {
    if (!(error instanceof ClusterRefusal) && !(error instanceof StoppedError)) throw error
    job.rack.log.warn({ promotion: job.promotion().id, error, job: command.name }, 'the Job of the release command was not removed')
  }
}
