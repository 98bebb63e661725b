import type { Cause, LogExcerpt } from '../cause.ts'
import { ClusterRefusal } from '../cluster/cluster-error.ts'
import { nameOf, type PlainObject } from '../cluster/objects.ts'
import { toJson } from '../json.ts'
import type { ReleaseCommand } from '../manifest/manifest.ts'
import { awaitSight } from './await-sight.ts'
import { excerptLines, maskFor } from './evidence.ts'
import { LeaseLostError, type CommandState, type Job } from './job.ts'
import { judgeCommand, podsOfCommand, type CommandVerdict, type RunningCommand } from './judge-command.ts'
import { isRemovable } from './prune.ts'
import { copyPullSecret } from './pull-secret.ts'
import { containerSpecs } from './template.ts'
import { untilDecided } from './until-decided.ts'
import { createWaker } from './waker.ts'
import { applyObject, persevere, StoppedError, type WaitLimits } from './write.ts'

/** Milliseconds that the cluster has to end a Job whose deadline is over, before we stop waiting for it. */
const patience = 30_000
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

const limitsOf = (state: CommandState): WaitLimits => ({ until: new Date(Date.parse(state.until) + patience), cancellable: true })

const templateOf = (object: PlainObject): unknown => {
  const spec = object['spec']
  return typeof spec === 'object' && spec !== null && 'template' in spec ? spec.template : undefined
}

/** The Job of that name, made when nobody has made it yet. A second one is never made: once we know its uid, a missing one was deleted. */
const started = async (job: Job, plan: CommandPlan, state: CommandState): Promise<CommandState & { readonly made: NonNullable<CommandState['made']> }> => {
  if (state.made !== undefined) return { ...state, made: state.made }
  const limits = limitsOf(state)
  await copyPullSecret(job, limits)
  for (const object of plan.needed) await applyObject(job, limits, object, undefined)
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
  const next = { ...state, made: { uid: made.metadata.uid ?? '', at: job.rack.clock().toISOString() } }
  await job.commit({ state: { ...job.state(), command: next } })
  return next
}

/** Waits for its end: at every change of the namespace, judging nothing while blind. Blind time does not use up its deadline. */
const ended = async (job: Job, running: Omit<RunningCommand, 'until'>, limits: { until: number }): Promise<Exclude<CommandVerdict, { kind: 'running' }>> => {
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
    rack.cluster.onSight(waker.wake), lease.onNews(waker.wake),
  ]
  lease.lost.addEventListener('abort', waker.wake)
  let until = limits.until
  try {
    return await untilDecided(rack.cluster, waker, async () => {
      if (lease.lost.aborted) throw new LeaseLostError(job.promotion().id)
      if (lease.cancelBy() !== null) throw new StoppedError('cancelled')
      const blind = rack.cluster.blindSince()
      if (blind !== null) {
        const from = Math.max(blind.getTime(), Date.parse(running.startedAt))
        await awaitSight(job, { cancellable: true })
        until += Math.max(0, rack.clock().getTime() - from)
      }
      const now = rack.clock()
      const verdict = judgeCommand(rack.cluster.facts(job.namespace), { ...running, until: new Date(until).toISOString() }, now)
      return verdict.kind === 'running' ? { decided: null, next: Math.max(1, verdict.nextLookAt.getTime() - now.getTime()) } : { decided: verdict, next: null }
    })
  } finally {
    for (const stop of stops) stop()
    lease.lost.removeEventListener('abort', waker.wake)
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
 * twice. Null once it has succeeded, else why it failed. Throws `StoppedError` on a cancel, with the Job still there.
 */
export const runReleaseCommand = async (job: Job, plan: CommandPlan): Promise<Cause | null> => {
  const { rack } = job
  const { command } = plan
  const now = rack.clock()
  const state: CommandState = job.state().command ?? { name: plan.job.metadata.name, startedAt: now.toISOString(), until: new Date(now.getTime() + command.deadline * 1000).toISOString() }
  const shown = { command: command.command, startedAt: state.startedAt, until: state.until }
  if (state.done === true) return null
  job.show({ phase: 'release_command', releaseCommand: { ...shown, done: false } })
  await job.commit({ step: 'release_job', state: { ...job.state(), command: state } })
  const begun = await started(job, plan, state)
  const running = {
    service: command.service, command: command.command, name: state.name, uid: begun.made.uid, madeAt: begun.made.at, containers: containerSpecs(templateOf(plan.job)), startedAt: state.startedAt, deadline: command.deadline,
  }
  const verdict = await ended(job, running, { until: Date.parse(state.until) + patience })
  const log = await logOf(job, running)
  tell(job, log)
  if (verdict.kind === 'failed') {
    // Kept for people to look at until a release succeeds.
    if (log !== null) await job.commit({ set: { logs: toJson([{ ...log, lines: log.lines.slice(-noticeLines) }]) } })
    return verdict.cause
  }
  job.show({ releaseCommand: { ...shown, done: true } })
  await job.commit({ state: { ...job.state(), command: { ...begun, done: true } } })
  return null
}

/** Removes the Job of the release command, if it still runs ends it; its log has been told. Idempotent. */
export const removeCommand = async (job: Job): Promise<void> => {
  const { command } = job.state()
  if (command === undefined) return
  const name = { apiVersion: 'batch/v1', kind: 'Job', name: command.name, namespace: job.namespace }
  try {
    await persevere(job, { until: new Date(job.rack.clock().getTime() + patience), cancellable: false }, async (timeout) => {
      const there = await job.rack.objects.read(name, timeout)
      if (there === undefined || there.metadata.deletionTimestamp !== undefined || !isRemovable(job.rack, there)) return
      await job.rack.objects.remove(name, there.metadata.uid ?? '', timeout)
    })
  } catch (error) {
    if (!(error instanceof ClusterRefusal) && !(error instanceof StoppedError)) throw error
    job.rack.log.warn({ promotion: job.promotion().id, error, job: command.name }, 'the Job of the release command was not removed')
  }
}
