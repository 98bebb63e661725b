import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterView } from '../cluster/cache.ts'
import { ClusterRefusal, isPassing } from '../cluster/cluster-error.ts'
import type { PlainObject } from '../cluster/objects.ts'
import { nameOf } from '../cluster/objects.ts'
import { keepsData } from '../render/inventory.ts'
import { LeaseLostError, type Job } from './job.ts'

/** Milliseconds a single cluster write may take; never longer than what is left of the lease. */
const writeLimit = 8_000
/** Less lease than this is not enough to begin a write with. */
const leastLease = 1_000

/** Stop conditions of everything that waits: cancelled while it still may be, or out of time. */
export class StoppedError extends Error {
  readonly why: 'cancelled' | 'deadline'
  /** Slack id of who cancelled. */
  readonly by: string | null
  constructor(why: 'cancelled' | 'deadline', by: string | null = null) {
    super(why)
    this.name = 'StoppedError'
    this.why = why
    this.by = by
  }
}

/**
 * When waiting for the cluster must end: `until`, and as much later as `blindMs` tells that the cluster was not seen; never while it is not.
 * `check` throws what else ends it. `refusing`: for so many ms the cluster may go on answering with what usually passes
 * (429, 5xx: a webhook that is down, for instance) before its refusal is thrown; time in which it does not answer at all never counts.
 */
export interface WaitLimits {
  readonly until: Date | null
  readonly blindMs?: () => number
  readonly cancellable: boolean
  readonly refusing?: number
  readonly check?: () => void
}

/** So long from now, the time not counted in which the cluster is not seen. Nobody can cancel it. */
export const limitFromNow = ({ rack }: { readonly rack: { clock(): Date; readonly cluster: Pick<ClusterView, 'blindFor'> } }, ms: number): WaitLimits => {
  const now = rack.clock()
  return { until: new Date(now.getTime() + ms), blindMs: () => rack.cluster.blindFor(now), cancellable: false }
}

/** However long the cluster does not answer, and as long as the rollout may take while it answers and refuses. */
export const untilRefused = (job: Pick<Job, 'promotion'>, cancellable: boolean): WaitLimits => ({ until: null, cancellable, refusing: job.promotion().deadlineSeconds * 1000 })

/** resourceVersion of what exists, null of what was seen not to exist, undefined where nobody looked. */
export type Sight = (object: PlainObject) => string | null | undefined

/** What writing needs of a job. */
export interface Writer extends Pick<Job, 'lease'> {
  readonly rack: Pick<Job['rack'], 'clock'> & { readonly cluster: Pick<ClusterView, 'blindSince' | 'confirm'>; readonly objects: Pick<Job['rack']['objects'], 'read' | 'apply'> }
  promotion(): { readonly id: string }
  readonly show?: Job['show']
}

/** Throws what ends a wait, whatever the clock says: `LeaseLostError`, `StoppedError` on a cancel. */
export const mayGoOn = (job: { readonly lease: Pick<Job['lease'], 'lost' | 'cancelBy'>; promotion(): { readonly id: string } }, limits: Omit<WaitLimits, 'until' | 'blindMs'>): void => {
  if (job.lease.lost.aborted) throw new LeaseLostError(job.promotion().id)
  const cancelBy = limits.cancellable ? job.lease.cancelBy() : null
  if (cancelBy !== null) throw new StoppedError('cancelled', cancelBy)
  limits.check?.()
}

/** Whether time is up. Blind means undecided, and a connection may be frozen that nobody has missed yet: the cluster is asked for a sign of life before. */
const isOver = async ({ rack }: Pick<Writer, 'rack'>, { until, blindMs }: WaitLimits): Promise<boolean> => {
  if (until === null) return false
  const late = (): boolean => rack.cluster.blindSince() === null && rack.clock().getTime() >= until.getTime() + (blindMs?.() ?? 0)
  return late() && (await rack.cluster.confirm()) && late()
}

/** Milliseconds of refusals in a row after which the card says so. */
const toldAfter = 15_000

/** Why the cluster refuses, in words of ours: its own may repeat what was sent. Pure. */
export const whyRefused = ({ status, reason, message }: Pick<ClusterRefusal, 'status' | 'reason' | 'message'>): string => {
  const webhook = /failed calling webhook "([^"\s]+)"/.exec(message)?.[1]
  return webhook === undefined ? `${String(status)} ${reason}`.trim() : `the webhook ${webhook} does not answer`
}

/** Looks after one call that is refused again and again. */
const refusals = (job: Writer, limits: WaitLimits) => {
  let first: { readonly at: number; readonly since: string } | null = null
  let told = false
  return {
    /** Throws the refusal once it has lasted for too long. */
    note: (error: unknown): void => {
      if (!(error instanceof ClusterRefusal)) return
      first ??= { at: performance.now(), since: job.rack.clock().toISOString() }
      const lasted = performance.now() - first.at
      if (limits.refusing !== undefined && lasted >= limits.refusing) throw error
      if (lasted < toldAfter) return
      told = true
      job.show?.({ refused: { since: first.since, why: whyRefused(error) } })
    },
    over: (): void => {
      if (told) job.show?.({ refused: undefined })
    },
  }
}

/**
 * Runs one call to the cluster, again and again while the trouble is passing (429, 5xx, no answer). Throws what the cluster refuses for good,
 * `StoppedError`, or `LeaseLostError`; never writes without a lease that outlives the write.
 */
export const persevere = async <T>(job: Writer, limits: WaitLimits, call: (timeout: number) => Promise<T>): Promise<T> => {
  const refused = refusals(job, limits)
  try {
    for (let wait = 200; ; wait = Math.min(wait * 2, 3_000)) {
      mayGoOn(job, limits)
      if (await isOver(job, limits)) throw new StoppedError('deadline')
      const left = job.lease.remaining()
      if (left > leastLease) {
        try {
          return await call(Math.floor(Math.min(writeLimit, left)))
        } catch (error) {
          if (!isPassing(error)) throw error
          refused.note(error)
          const asked = error instanceof ClusterRefusal && error.retryAfter !== null ? error.retryAfter * 1000 : 0
          wait = Math.max(wait, Math.min(asked, 10_000))
        }
      }
      await sleep(wait)
    }
  } finally {
    refused.over()
  }
}

/** True for a 409 that means "changed since you read it", not "owned by another manager" and not "exists". */
export const isStale = (error: unknown): boolean => error instanceof ClusterRefusal && error.status === 409 && error.reason === 'Conflict' && error.causes.length === 0

/**
 * Applies one object. What exists is written with the resourceVersion that was seen, so that a zombie's write gets 409: `seen` is that version, null when
 * the object was seen not to be there, undefined when nobody looked, and then it is read first. A 409 of ours reads again and is tried again, each time
 * only while the lease holds. `over` is shown what was read (undefined: nothing) and tells what to write over it; it throws when that must not be.
 */
export const applyObject = async (
  job: Writer, limits: WaitLimits, object: PlainObject, seen: string | null | undefined, over: (there: PlainObject | undefined) => PlainObject = () => object,
): Promise<PlainObject> => {
  let sent = object
  const versionNow = async (): Promise<string | null> => {
    const there = await persevere(job, limits, (timeout) => job.rack.objects.read(nameOf(object), timeout))
    sent = over(there)
    return there?.metadata.resourceVersion ?? null
  }
  let version = seen === undefined ? await versionNow() : seen
  for (;;) {
    const applied = await persevere(job, limits, async (timeout) => {
      try {
        return await job.rack.objects.apply(sent, { force: true, timeout, ...(version === null ? {} : { resourceVersion: version }) })
      } catch (error) {
        const gone = version !== null && error instanceof ClusterRefusal && error.status === 404
        if (!isStale(error) && !gone) throw error
        return null
      }
    })
    if (applied !== null) return applied
    version = await versionNow()
  }
}

/**
 * Applies one object, but leaves a claim that is there as it is: somebody may have made it larger, and the cluster never takes less. Null for such a one.
 */
export const establish = async (
  job: Writer, limits: WaitLimits, object: PlainObject, seen: string | null | undefined, over?: (there: PlainObject | undefined) => PlainObject,
): Promise<PlainObject | null> => {
  if (!keepsData(object)) return applyObject(job, limits, object, seen, over)
  const there = seen === undefined ? (await persevere(job, limits, (timeout) => job.rack.objects.read(nameOf(object), timeout))) !== undefined : seen !== null
  return there ? null : applyObject(job, limits, object, null)
}
