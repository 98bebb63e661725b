import { ClusterRefusal } from './cluster-error.ts'
import type { ClusterSession } from './session.ts'

/** The end of one container's log: that of its present run, or of the one before. */
export interface LogQuery {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly previous: boolean
  readonly lines: number
  /** Milliseconds. */
  readonly timeout: number
}

/** What a kubelet writes, with status 200, where the log of a container that it has removed would be (kuberuntime, ReadLogs). */
const removed = /^unable to retrieve container logs for \S+\s*$/

/** The log, or null where there is none (any more). Throws what the session throws. */
export const readLog = async (session: Pick<ClusterSession, 'text'>, { namespace, pod, container, previous, lines, timeout }: LogQuery): Promise<string | null> => {
  try {
    const text = await session.text({
      method: 'GET', path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log`, timeout,
      query: { container, tailLines: String(lines), limitBytes: '262144', ...(previous ? { previous: 'true' } : {}) },
    })
    return removed.test(text) ? null : text
  } catch (error) {
    // 400: "previous terminated container not found", "container is waiting to start"; 404: the pod is gone.
    if (error instanceof ClusterRefusal && (error.status === 400 || error.status === 404)) return null
    throw error
  }
}
