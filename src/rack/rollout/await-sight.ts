import { setTimeout as sleep } from 'node:timers/promises'
import { LeaseLostError, type Job } from './job.ts'
import { StoppedError } from './write.ts'

/** Milliseconds between looks; the card says so meanwhile. */
const lookEvery = 200

/**
 * Waits until the cluster is seen: what a direction begins with (restarts so far, who owns the number of processes) is read from the watches, and right
 * after a start, or while the API server is away, they show nothing. Throws `StoppedError` on a cancel, `LeaseLostError`.
 */
export const awaitSight = async (job: Job, options: { readonly cancellable: boolean }): Promise<void> => {
  for (let blind = job.rack.cluster.blindSince(); blind !== null; blind = job.rack.cluster.blindSince()) {
    if (job.lease.lost.aborted) throw new LeaseLostError(job.promotion().id)
    if (options.cancellable && job.lease.cancelBy() !== null) throw new StoppedError('cancelled')
    job.show({ blindSince: blind.toISOString() })
    await sleep(lookEvery)
  }
  if (job.progress()?.blindSince !== undefined) job.show({ blindSince: undefined })
}
