import type { Rule } from '../finding.ts'
import { readyPods } from '../service-view.ts'

/**
 * The Deployment's own `ProgressDeadlineExceeded`. It outlives its reason, even with the generation observed: it counts only when it was written after our
 * template was, and names the ReplicaSet of our revision. Ours is rendered above the app's deadline, so it speaks only where somebody lowered it.
 */
export const nativeDeadline: Rule = (view) => {
  const { deployment, replicaSet, expected } = view
  // Where nothing changed there is no write of ours to date it by.
  if (expected.unchanged || !deployment || !replicaSet || deployment.status.observedGeneration < deployment.meta.generation) return []
  const condition = deployment.conditions.find(({ type, status, reason }) => type === 'Progressing' && status === 'False' && reason === 'ProgressDeadlineExceeded')
  const at = Date.parse(condition?.updatedAt ?? '')
  // A tie within a second says nothing: ours comes minutes later.
  if (!condition || !(at > view.writtenAt) || condition.message?.includes(`"${replicaSet.meta.name}"`) !== true) return []
  return [{
    dueAt: view.startedAt,
    cause: {
      kind: 'timed_out', rule: 'native-deadline', service: expected.service, reason: 'ProgressDeadlineExceeded', message: condition.message,
      ready: { ready: readyPods(view).length, of: view.desired },
      firstSeen: new Date(at).toISOString(),
    },
  }]
}
