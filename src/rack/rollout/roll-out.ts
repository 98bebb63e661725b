import { cancelAskedBy, setGoodRelease } from '../../db/promotions.ts'
import { ClusterRefusal } from '../cluster/cluster-error.ts'
import type { Cause } from '../cause.ts'
import { HeldBackError } from '../gate/let-begin.ts'
import { fromJson } from '../json.ts'
import { RefusalError } from '../refusal.ts'
import { objectKey } from '../render/inventory.ts'
import { applyRelease, EndedEarlyError } from './apply-release.ts'
import { awaitSight } from './await-sight.ts'
import { awaitVerdict, blindOf, factsNow } from './await-verdict.ts'
import { rehearse } from './dry-run.ts'
import { maskFor } from './evidence.ts'
import { fail, failBeforeAnyChange, supersede } from './fail.ts'
import type { DirectionState, Job } from './job.ts'
import { judge, judgeStability, type Verdict } from './judge.ts'
import { moreWarnings } from './more-warnings.ts'
import { commandPlan, objectsOf, renderInputOf, storedInventory } from './plan.ts'
import { prune } from './prune.ts'
import { PullSecretError, pullSecretCause, pullSecretCopy } from './pull-secret.ts'
import { runReleaseCommand } from './release-command.ts'
import type { RolloutFacts } from './rollout-facts.ts'
import { standingBefore } from './standing.ts'
import { resumeTimers } from './timers.ts'
import { limitFromNow, StoppedError, untilRefused, type Sight, type WaitLimits } from './write.ts'

const ends = (verdict: Verdict): boolean => verdict.kind === 'complete' || verdict.kind === 'failed' || verdict.kind === 'superseded'

const outState = (job: Job) => job.state().out

const refusedCause = (job: Job, error: ClusterRefusal): Cause => ({ kind: 'refused', rule: 'apply-refused', reason: error.reason, message: error.message, firstSeen: job.rack.clock().toISOString() })

const notPossible = (job: Job, error: RefusalError): Cause => ({
  kind: 'not_possible', rule: 'not-possible', firstSeen: job.rack.clock().toISOString(),
  message: error.refusal.code === 'manifest_invalid' ? error.refusal.errors.join('; ') : error.refusal.code, ...(error.refusal.code === 'required_env' ? { keys: error.refusal.keys } : {}),
})

/** By the rehearsal; nothing is known where there was none. */
const seenIn = (versions: ReadonlyMap<string, string> | null): Sight => (object) => (versions === null ? undefined : (versions.get(objectKey(object)) ?? null))

/** Rehearsal, release command, apply. False when the release command failed, and the promotion with it. */
const applyAll = async (job: Job): Promise<boolean> => {
  const promotion = job.promotion()
  await awaitSight(job, { cancellable: true })
  const before = await standingBefore(job)
  const input = await renderInputOf(job.rack, { app: promotion.app, release: promotion.releaseId, promotion: promotion.id, deadlineSeconds: promotion.deadlineSeconds, namespace: job.namespace, before })
  const rendered = objectsOf(input)
  const command = commandPlan(input, rendered)
  // A restart after the release command began, or in the middle of the apply, has passed the rehearsal already.
  const again = outState(job) !== undefined || job.state().command !== undefined
  // Whoever goes back is not kept from it: a no is a warning there, when it is copied.
  const pullSecret = again || promotion.kind === 'rollback' ? null : await pullSecretCopy(job, untilRefused(job, true))
  const rehearsed = [...(pullSecret ?? []), ...rendered, ...(command === undefined ? [] : [command.job])]
  const rehearsal = again ? { warnings: [], versions: null, stood: job.state().stood } : await rehearse(job, rehearsed, untilRefused(job, true))
  if (rehearsal.warnings.length > 0) await job.commit({ set: moreWarnings(promotion, rehearsal.warnings, await maskFor(job)) })
  const seen = seenIn(rehearsal.versions)
  const { failed, given } = command === undefined || outState(job) !== undefined ? { failed: null, given: null } : await runReleaseCommand(job, command, seen, rehearsal.stood, pullSecret)
  if (failed !== null) {
    await failBeforeAnyChange(job, failed)
    return false
  }
  const limits = (state: DirectionState): WaitLimits =>
    ({ until: new Date(Date.parse(state.firstWriteAt) + promotion.deadlineSeconds * 1000), blindMs: () => blindOf(job, state).blindMs, cancellable: true })
  await applyRelease(job, 'out', rendered, before, seen, limits, { made: given, stood: rehearsal.stood, pullSecret })
  return true
}

const watchServices = async (job: Job): Promise<{ verdict: Verdict; facts: RolloutFacts }> => {
  const watched = await awaitVerdict(job, { direction: 'out', release: job.promotion().releaseId, cancellable: true, phase: 'services', judge, decided: ends })
  if (watched.verdict.kind === 'complete') {
    const state = outState(job)
    if (state !== undefined) await job.commit({ step: 'stability', state: { ...job.state(), out: { ...state, ...watched.blind, stableSince: job.rack.clock().toISOString(), stableBlindMs: watched.blind.blindMs } } })
  }
  return watched
}

const watchStability = async (job: Job): Promise<{ verdict: Verdict; facts: RolloutFacts }> => {
  const { stableSince = job.rack.clock().toISOString(), blindMs = 0, stableBlindMs = blindMs } = outState(job) ?? {}
  const until = new Date(Date.parse(stableSince) + job.promotion().stabilitySeconds * 1000)
  const window = { stableSince, stableUntil: until.toISOString(), stableBlindMs }
  job.show({ phase: 'stable', stableUntil: window.stableUntil })
  return awaitVerdict(job, {
    direction: 'out', release: job.promotion().releaseId, cancellable: true, phase: 'stable', lookAgainAt: until, window,
    judge: (facts, now) => judgeStability(facts, window, now),
    decided: (verdict, now) => verdict.kind === 'failed' || verdict.kind === 'superseded' || (verdict.kind === 'complete' && now >= until),
  })
}

/**
 * The end of what can be cancelled. Who asked on another replica was told that it rolls back, and this one may not have heard of it yet: then nothing is
 * written and it goes back. Who asks once it is written is told that it is too late.
 */
const prove = async (job: Job): Promise<void> => {
  const cancelled: { by: string | null } = { by: null }
  job.show({ phase: 'removing' })
  try {
    await job.commit({
      step: 'prune',
      only: async (tx) => {
        cancelled.by = await cancelAskedBy(tx, job.promotion().id)
        return cancelled.by === null
      },
    })
  } catch (error) {
    throw error instanceof HeldBackError ? new StoppedError('cancelled', cancelled.by) : error
  }
}

const succeed = async (job: Job): Promise<void> => {
  const { rack } = job
  const promotion = job.promotion()
  // As long as the rollout itself: an API server that is away for a minute must not leave timers suspended.
  const limits = limitFromNow(job, promotion.deadlineSeconds * 1000)
  const warnings = [...await resumeTimers(job, await storedInventory(rack, promotion.id), limits), ...await prune(job)]
  const at = rack.clock()
  job.show({ phase: 'removing', removing: 0, verifiedAt: at.toISOString() })
  await job.commit({
    status: 'succeeded', say: ['Running'], notice: true,
    set: { finishedAt: at, ...moreWarnings(promotion, warnings, await maskFor(job)) },
    audit: { action: 'promotion.succeed', detail: { release: promotion.releaseId } },
    more: (tx) => setGoodRelease(tx, { rack: rack.name, app: promotion.app, releaseId: promotion.releaseId, promotionId: promotion.id, verifiedAt: at }),
  })
}

/** What it says of the app while the way back begins. A Deployment that somebody paused, or scaled to nothing, fails by the clock as well. */
const statusAfter = ({ causes: [{ kind }] }: Extract<Verdict, { readonly kind: 'failed' }>): 'Deadline' | 'Error' => (kind === 'timed_out' || kind === 'paused' || kind === 'scaled_to_zero' ? 'Deadline' : 'Error')

const conclude = async (job: Job, watched: { verdict: Verdict; facts: RolloutFacts }): Promise<boolean> => {
  const { verdict, facts } = watched
  if (verdict.kind === 'failed') await fail(job, verdict.causes, facts, statusAfter(verdict))
  else if (verdict.kind === 'superseded') await supersede(job, verdict.cause)
  return verdict.kind === 'complete'
}

const cancelled = (job: Job, by: string | null): Cause => ({ kind: 'cancelled', rule: 'cancelled', by: by ?? '', firstSeen: job.rack.clock().toISOString() })

const deadlinePassed = (job: Job): Cause => ({ kind: 'timed_out', rule: 'deadline', deadline: job.promotion().deadlineSeconds, firstSeen: job.rack.clock().toISOString() })

/** Goes on with a promotion that is rolling out, from whatever step it stands at, until it has moved to another status. */
export const rollOut = async (job: Job): Promise<void> => {
  try {
    const { step } = job.promotion()
    if (step === 'scale_down' || step === 'evidence') {
      const cause = fromJson<Cause>(job.promotion().cause)
      if (cause !== null) return await fail(job, [cause], null, 'Error')
    }
    if (step === 'prune') return await succeed(job)
    if (step === null || step === 'dry_run' || step === 'release_job' || step === 'apply') {
      if (!(await applyAll(job))) return
    }
    if (job.promotion().step !== 'stability' && !(await conclude(job, await watchServices(job)))) return
    if (!(await conclude(job, await watchStability(job)))) return
    await prove(job)
    await succeed(job)
  } catch (error) {
    const touched = job.state().out !== undefined
    if (error instanceof StoppedError && error.why === 'cancelled') return fail(job, [cancelled(job, error.by)], touched ? factsSafe(job) : null, 'Cancelled')
    if (error instanceof EndedEarlyError) {
      const { verdict } = error
      return verdict.kind === 'failed' ? fail(job, verdict.causes, factsSafe(job), statusAfter(verdict)) : supersede(job, verdict.cause)
    }
    if (error instanceof StoppedError) return fail(job, [deadlinePassed(job)], null, 'Deadline')
    // A newer version of ours may refuse what this one had begun to apply.
    if (error instanceof RefusalError) return touched ? fail(job, [notPossible(job, error)], factsSafe(job), 'Error') : failBeforeAnyChange(job, notPossible(job, error))
    if (error instanceof PullSecretError) return failBeforeAnyChange(job, pullSecretCause(job, error))
    if (!(error instanceof ClusterRefusal)) throw error
    const changed = touched && (await storedInventory(job.rack, job.promotion().id)).length > 0
    return changed ? fail(job, [refusedCause(job, error)], factsSafe(job), 'Error') : failBeforeAnyChange(job, refusedCause(job, error))
  }
}

const factsSafe = (job: Job): RolloutFacts | null => {
  const state = outState(job)
  return state === undefined ? null : factsNow(job, 'out', state, blindOf(job, state).blindMs)
}

