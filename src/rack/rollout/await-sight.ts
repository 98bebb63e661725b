import { LeaseLostError, type Job } from './job.ts'
import { createWaker } from './waker.ts'
import { StoppedError } from './write.ts'

/**
 * Waits until the cluster is seen: what a direction begins with (restarts so far, who owns the number of processes) is read from the watches, and right
 * after a start, or while the API server is away, they show nothing. The card says so meanwhile. Throws `StoppedError` on a cancel, `LeaseLostError`.
 */
export const awaitSight = async (job: Job, options: { readonly cancellable: boolean }): Promise<void> => {
  const { lease, rack } = job
  const waker = createWaker()
  const stopSight = rack.cluster.onSight(waker.wake)
  const stopNews = lease.onNews(waker.wake)
  lease.lost.addEventListener('abort', waker.wake)
  try {
    for (let blind = rack.cluster.blindSince(); blind !== null; blind = rack.cluster.blindSince()) {
      if (lease.lost.aborted) throw new LeaseLostError(job.promotion().id)
      if (options.cancellable && lease.cancelBy() !== null) throw new StoppedError('cancelled')
      job.show({ blindSince: blind.toISOString() })
      await waker.sleep(null)
    }
  } finally {
    stopSight()
    stopNews()
    lease.lost.removeEventListener('abort', waker.wake)
  }
  if (job.progress()?.blindSince !== undefined) job.show({ blindSince: undefined })
}
