import type { PromotionRecord } from '../../db/promotions.ts'
import type { Cause } from '../cause.ts'
import { ClusterRefusal } from '../cluster/cluster-error.ts'
import { describeName } from '../cluster/objects.ts'
import { fromJson, toJson } from '../json.ts'
import type { Warning } from '../progress.ts'
import type { AppStatus } from '../promotion.ts'
import { beginEvidence, evidenceOf, maskCause, maskFor } from './evidence.ts'
import type { Job } from './job.ts'
import { removeCommand } from './release-command.ts'
import { stopped } from '../render/inventory.ts'
import { serviceOf, storedInventory } from './plan.ts'
import type { RolloutFacts } from './rollout-facts.ts'
import { moreWarnings } from './more-warnings.ts'
import { merged } from './standing.ts'
import { suspendedWarnings } from './timers.ts'
import { persevere, untilRefused } from './write.ts'

const causeLine = (job: Job, cause: Cause) =>
  cause.kind === 'cancelled' ? { kind: 'cancelled' as const, at: job.rack.clock().toISOString(), by: cause.by ?? '' } : { kind: 'cause' as const, at: job.rack.clock().toISOString(), cause }

/** False for a first release: it has nothing to go back to. */
export const hasWayBack = ({ targetReleaseId, targetPromotionId }: Pick<PromotionRecord, 'targetReleaseId' | 'targetPromotionId'>): boolean => targetReleaseId !== null && targetPromotionId !== null

/** Nothing moved: the promotion failed and what ran still runs. */
export const failBeforeAnyChange = async (job: Job, cause: Cause): Promise<void> => {
  const at = job.rack.clock()
  const masked = maskCause(cause, await maskFor(job))
  await job.commit({
    status: 'failed', say: ['Error'], notice: true, lines: [causeLine(job, masked)], set: { cause: toJson(masked), failedAt: at, finishedAt: at },
    audit: { action: 'promotion.fail', detail: { cause: cause.kind, rule: cause.rule } },
  })
}

/** A first release has nothing to go back to: its processes are stopped, everything else stays for inspection. */
const scaleDown = async (job: Job, causes: readonly Cause[]): Promise<void> => {
  const [cause] = causes
  await removeCommand(job)
  job.show({ phase: 'scaling_down' })
  await job.commit({ step: 'scale_down' })
  const mask = await maskFor(job)
  const warnings: Warning[] = []
  const running = new Set<string>()
  for (const object of await storedInventory(job.rack, job.promotion().id)) {
    const asStopped = stopped(object)
    if (asStopped === undefined) continue
    const name = { apiVersion: object.apiVersion, kind: object.kind, name: object.metadata.name, namespace: job.namespace }
    try {
      await persevere(job, untilRefused(job, false), async (timeout) => {
        if ((await job.rack.objects.read(name, timeout)) === undefined) return
        await job.rack.objects.apply(asStopped, { force: true, timeout })
      })
    } catch (error) {
      // Asking again would get the same answer for ever, and the promotion would never end.
      if (!(error instanceof ClusterRefusal)) throw error
      warnings.push({ kind: 'not_stopped', object: describeName(name), why: error.message })
      running.add(serviceOf(object))
    }
  }
  const services = (job.progress()?.services ?? []).map((service) =>
    running.has(service.service) ? service : { ...service, state: 'scaled_to_zero' as const, ready: 0, desired: 0 })
  job.show({ services })
  await job.commit({
    status: 'failed', notice: true, say: ['Failure'],
    set: {
      finishedAt: job.rack.clock(), ...moreWarnings(job.promotion(), warnings, mask),
      ...(cause?.kind === 'cancelled' ? { endedBy: cause.by ?? null } : {}),
    },
    audit: { action: 'promotion.fail', detail: { cause: cause?.kind ?? null, rule: cause?.rule ?? null } },
  })
}

/**
 * A verdict fell: it is written at once, so that the card turns; the logs are read meanwhile (2 s at most), while the containers still exist: the way back
 * waits for them before its first write, and so does a first release before its processes are stopped.
 */
export const fail = async (job: Job, causes: readonly [Cause, ...Cause[]], facts: RolloutFacts | null, status: AppStatus): Promise<void> => {
  const promotion = job.promotion()
  const known = fromJson<Cause>(promotion.cause)
  const mask = await maskFor(job)
  const [first, ...others] = causes.map((cause) => maskCause(cause, mask))
  if (first === undefined) throw new Error('a failure without a cause')
  if (facts !== null && first.kind !== 'cancelled') beginEvidence(job, causes, facts)
  const wayBack = hasWayBack(promotion)
  if (known === null) job.show({ phase: 'collecting' })
  await job.commit({
    step: 'evidence',
    ...(known === null ? { say: [status], lines: [causeLine(job, first)], set: { cause: toJson(first), otherCauses: toJson(others), failedAt: job.rack.clock() } } : {}),
    ...(wayBack ? { status: 'rolling_back' as const, audit: { action: 'promotion.roll_back', detail: { cause: first.kind, rule: first.rule, target: promotion.targetReleaseId } } } : {}),
  })
  if (wayBack) return
  const logs = await evidenceOf(job)
  if (logs !== undefined) await job.commit({ set: { logs: toJson(logs) } })
  await scaleDown(job, [first, ...others])
}

/** Somebody else changed what we applied: stop, name them, leave it. On the way back the failure stays the cause. */
export const supersede = async (job: Job, found: Cause): Promise<void> => {
  const mask = await maskFor(job)
  const cause = maskCause(found, mask)
  const set = job.promotion().status === 'rolling_back' ? { rollbackCause: toJson(cause) } : { cause: toJson(cause) }
  const { targetPromotionId, id } = job.promotion()
  const timers = cause.kind === 'namespace_deleted' ? [] : merged(await storedInventory(job.rack, targetPromotionId), job.promotion().status === 'rolling_back' ? [] : await storedInventory(job.rack, id))
  const asleep = suspendedWarnings(timers, 'nobody knows what it would run now')
  await job.commit({
    status: 'superseded', notice: true, lines: [causeLine(job, cause)],
    set: { ...set, finishedAt: job.rack.clock(), ...moreWarnings(job.promotion(), asleep, mask) },
    audit: { action: 'promotion.supersede', detail: { manager: cause.manager ?? null, service: cause.service ?? null } },
  })
}
