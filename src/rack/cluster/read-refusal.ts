import { ClusterRefusal } from './cluster-error.ts'
import { isRecord } from '../is-record.ts'

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    // A proxy answers in HTML or plain words: they are shown as they are.
    return undefined
  }
}

/** The refusal that an answer of 400 or more means: the words of its `Status` object, or the beginning of whatever else it is. */
export const readRefusal = (status: number, body: string, retryAfter: string | null): ClusterRefusal => {
  const answer = parsed(body)
  const seconds = retryAfter === null ? null : Number(retryAfter)
  if (!isRecord(answer)) return new ClusterRefusal(status, 'Unknown', body.slice(0, 300) || `HTTP ${status}`, [], seconds)
  const details = isRecord(answer['details']) ? answer['details'] : {}
  const causes = Array.isArray(details['causes']) ? details['causes'].filter(isRecord).map((cause) => ({ field: String(cause['field'] ?? ''), message: String(cause['message'] ?? '') })) : []
  return new ClusterRefusal(status, String(answer['reason'] ?? 'Unknown'), String(answer['message'] ?? body), causes, seconds)
}
