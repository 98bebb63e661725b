import type { Job } from './job.ts'
import { createWaker, onLeaseNews } from './waker.ts'
import { mayGoOn } from './write.ts'

/**
 * Waits until the cluster is seen: what a direction begins with (restarts so far, who owns the number of processes) is read from the watches, and right
 * after a start, or while the API server is away, they show nothing. The card says so meanwhile. Throws `StoppedError` on a cancel, `LeaseLostError`.
 */
export const awaitSight = async (job: Job, options: { readonly cancellable: boolean }): Promise<void> => {
  const { lease, rack } = job
  const waker = createWaker()
  const stopSight = rack.cluster.onSight(waker.wake)
  const stopNews = onLeaseNews(lease, waker)
  try {
    for (let blind = rack.cluster.blindSince(); blind !== null; blind = rack.cluster.blindSince()) {
      mayGoOn(job, options)
      job.show({ blindSince: blind.toISOString() })
      await waker.sleep(null)
    }
  } finally {
    stopSight()
    stopNews()
  }
  if (job.progress()?.blindSince !== undefined) job.show({ blindSince: undefined })
}
