import type { Cause, LogExcerpt } from '../cause.ts'
import { ClusterRefusal } from '../cluster/cluster-error.ts'
import { nameOf, type PlainObject } from '../cluster/objects.ts'
import { fromJson, toJson } from '../json.ts'
import type { Warning } from '../progress.ts'
import { RefusalError } from '../refusal.ts'
import { objectKey } from '../render/inventory.ts'
import { applyRelease } from './apply-release.ts'
import { awaitSight } from './await-sight.ts'
import { awaitVerdict, blindOf, factsNow } from './await-verdict.ts'
import { collectEvidence, evidenceOf, maskCause, maskFor } from './evidence.ts'
import { supersede } from './fail.ts'
import type { Job } from './job.ts'
import { judge } from './judge.ts'
import { lackedBy, objectsOf, renderInputOf, storedInventory } from './plan.ts'
import { notGone, removableOf, removeObjects } from './prune.ts'
import { removeCommand } from './release-command.ts'
import { moreWarnings } from './more-warnings.ts'
import { autoscaled, droppedAutoscalers, replicasOwnedByOthers, withoutReplicas } from './replicas.ts'
import { workloads } from './rollout-facts.ts'
import { merged, perhapsLate, standingBefore } from './standing.ts'
import { resumeTimers, suspendedWarnings } from './timers.ts'
import { limitFromNow, persevere, StoppedError, type WaitLimits } from './write.ts'

interface Restored {
  readonly objects: readonly PlainObject[]
  /** resourceVersions of what was looked at, null of what is gone. */
  readonly seen: ReadonlyMap<string, string | null>
}

/** Their status changes all the time while they fail: a version read early would be an old one by the time of the write. */
const isRestless = ({ kind }: PlainObject): boolean => kind === 'HorizontalPodAutoscaler' || workloads.some((workload) => workload === kind)

/** The target's stored objects, applied again and not rendered anew; a Secret is only made again when somebody deleted it. */
const restored = async (job: Job, stored: readonly PlainObject[], failed: readonly PlainObject[], limits: WaitLimits): Promise<Restored> => {
  const promotion = job.promotion()
  const kept = autoscaled(stored)
  const { deployments } = job.rack.cluster.facts(job.namespace)
  const owned = replicasOwnedByOthers(deployments, droppedAutoscalers(failed, stored))
  const running = new Map(deployments.map(({ meta, replicas }) => [meta.name, replicas]))
  const seen = new Map(await Promise.all(stored.filter((object) => !isRestless(object)).map(async (object) => {
    const there = await persevere(job, limits, (timeout) => job.rack.objects.read(nameOf(object), timeout))
    return [objectKey(object), there?.metadata.resourceVersion ?? null] as const
  })))
  const objects: PlainObject[] = []
  let rendered: readonly PlainObject[] | null = null
  for (const object of stored) {
    if (object.kind === 'Secret') {
      if (seen.get(objectKey(object)) !== null) continue
      rendered ??= objectsOf(await renderInputOf(job.rack, {
        app: promotion.app, release: promotion.targetReleaseId ?? '', promotion: promotion.targetPromotionId ?? '', deadlineSeconds: promotion.deadlineSeconds, namespace: job.namespace,
      }))
      const secret = rendered.find((each) => each.kind === 'Secret' && each.metadata.name === object.metadata.name)
      if (secret !== undefined) objects.push(secret)
    } else {
      objects.push(object.kind === 'Deployment' ? withReplicas(object, owned, kept, running) : object)
    }
  }
  return { objects, seen }
}

/**
 * Whose number of processes somebody else owns is left alone. Where an autoscaler comes back, it goes on from what runs now: what was stored is from before
 * it scaled, and a number that only we own would fall to 1 if it were left out.
 */
const withReplicas = (object: PlainObject, owned: ReadonlySet<string>, autoscaledNow: ReadonlySet<string>, running: ReadonlyMap<string, number>): PlainObject => {
  const spec = object['spec']
  if (typeof spec !== 'object' || spec === null) return object
  const { name } = object.metadata
  if (owned.has(name)) return withoutReplicas(object)
  const now = running.get(name)
  // An autoscaler leaves a Deployment of none alone.
  return now === undefined || now === 0 || ('replicas' in spec && !autoscaledNow.has(name)) ? object : { ...object, spec: { ...spec, replicas: now } }
}

/** The way back failed: loud, final, and what still runs is named. */
export const giveUpRollBack = async (job: Job, cause: Cause): Promise<void> => {
  const masked = maskCause(cause, await maskFor(job))
  const asleep = suspendedWarnings(await storedInventory(job.rack, job.promotion().targetPromotionId), 'the rollback failed')
  await job.commit({
    status: 'rollback_failed', say: ['Failure'], notice: true, set: { rollbackCause: toJson(masked), finishedAt: job.rack.clock(), ...moreWarnings(job.promotion(), asleep, await maskFor(job)) },
    audit: { action: 'promotion.rollback_failed', detail: { cause: cause.kind, rule: cause.rule, target: job.promotion().targetReleaseId } },
  })
}

/** The way back, as the database knows it. */
interface WayBack {
  /** Objects of the target as it was proven. */
  readonly target: readonly PlainObject[]
  /** Of the release that failed, and of those before it that ended without a way back: the target whole is none of theirs. */
  readonly failed: readonly PlainObject[]
}

const wayBackOf = async (job: Job): Promise<WayBack> => {
  const { id, targetPromotionId } = job.promotion()
  const [target, own, before] = await Promise.all([storedInventory(job.rack, targetPromotionId), storedInventory(job.rack, id), standingBefore(job)])
  return { target, failed: merged(own, before) }
}

/** From now, as long as the rollout itself had. */
const limitsOf = (job: Job): WaitLimits => limitFromNow(job, job.promotion().deadlineSeconds * 1000)

const restore = async (job: Job, { target, failed }: WayBack): Promise<void> => {
  const limits = limitsOf(job)
  // What has to be asked of the cluster is asked while the logs are read.
  const [evidence, found] = await Promise.allSettled([
    evidenceNow(job).then((logs) => ({ set: logs === null ? {} : { logs: toJson(logs) }, evidenceAt: job.rack.clock().toISOString() })), restored(job, target, failed, limits),
  ])
  if (evidence.status === 'rejected') throw evidence.reason
  if (found.status === 'rejected') {
    await job.commit({ set: evidence.value.set })
    throw found.reason
  }
  const { objects, seen } = found.value
  await removeCommand(job)
  await applyRelease(job, 'back', objects, failed, (object) => seen.get(objectKey(object)), () => limits, { say: ['Rollback'], ...evidence.value })
}

/** What the target lacks goes before the verdict: nothing of the failed release may keep running. Secrets stay while its ReplicaSets refer to them. */
const removeExtra = async (job: Job, { target, failed }: WayBack): Promise<readonly Warning[]> =>
  removeObjects(job, removableOf(lackedBy(target, merged(notGone(failed, job.state().back?.removed), await perhapsLate(job)))), limitsOf(job))

/**
 * The logs that are not kept yet; null when there are none to keep. A process that died while it read them left none: they are read now, while the failed
 * containers still exist.
 */
const evidenceNow = async (job: Job): Promise<readonly LogExcerpt[] | null> => {
  const begun = evidenceOf(job)
  if (begun !== undefined) return begun
  const promotion = job.promotion()
  const cause = fromJson<Cause>(promotion.cause)
  const { out } = job.state()
  if (promotion.step !== 'evidence' || promotion.logs !== null || out === undefined || cause === null || cause.kind === 'cancelled') return null
  const causes = [cause, ...(fromJson<Cause[]>(promotion.otherCauses) ?? [])]
  return collectEvidence(job, causes, factsNow(job, 'out', out, blindOf(job, out).blindMs))
}

const verify = async (job: Job, { target }: WayBack, left: readonly Warning[]): Promise<void> => {
  const promotion = job.promotion()
  const { verdict } = await awaitVerdict(job, {
    direction: 'back', release: promotion.targetReleaseId ?? '', cancellable: false, phase: 'services_back', judge,
    decided: (each) => each.kind === 'complete' || each.kind === 'failed' || each.kind === 'superseded',
  })
  if (verdict.kind === 'failed') return giveUpRollBack(job, verdict.causes[0])
  if (verdict.kind === 'superseded') return supersede(job, verdict.cause)
  const warnings = [...left, ...await resumeTimers(job, target, limitsOf(job))]
  const at = job.rack.clock()
  const cause = fromJson<Cause>(promotion.cause)
  job.show({ phase: 'services_back', verifiedAt: at.toISOString() })
  return job.commit({
    status: 'rolled_back', say: ['Reverted'], notice: true, set: { finishedAt: at, ...moreWarnings(job.promotion(), warnings, await maskFor(job)), ...(cause?.kind === 'cancelled' ? { endedBy: cause.by ?? null } : {}) },
    audit: { action: 'promotion.rolled_back', detail: { target: promotion.targetReleaseId } },
  })
}

/** Goes on with the way back, from whatever step it stands at, until it is proven or has failed. */
export const rollBack = async (job: Job): Promise<void> => {
  try {
    if (job.promotion().step !== 'services_back') await awaitSight(job, { cancellable: false })
    const way = await wayBackOf(job)
    if (job.promotion().step !== 'services_back') await restore(job, way)
    await verify(job, way, await removeExtra(job, way))
  } catch (error) {
    const firstSeen = job.rack.clock().toISOString()
    if (error instanceof StoppedError) return giveUpRollBack(job, { kind: 'timed_out', rule: 'deadline', deadline: job.promotion().deadlineSeconds, firstSeen })
    if (error instanceof ClusterRefusal) return giveUpRollBack(job, { kind: 'refused', rule: 'apply-refused', reason: error.reason, message: error.message, firstSeen })
    if (error instanceof RefusalError) return giveUpRollBack(job, { kind: 'not_possible', rule: 'not-possible', message: error.refusal.code, firstSeen })
    throw error
  }
}
