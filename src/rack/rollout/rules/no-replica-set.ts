import { replicaSetRefused } from '../remember-workload.ts'
import type { Rule } from '../finding.ts'

/** In ms (rollouts.md 2, rule 13): two templates whose names collide are tried again within this. */
export const replicaSetGrace = 2_000

/** The Deployment may not make its ReplicaSet, so that there is nothing to look at. */
export const noReplicaSet: Rule = (view) => {
  const { deployment, replicaSet } = view
  const seen = Date.parse(deployment?.memory?.createErrorSince ?? '')
  if (!deployment || replicaSet || Number.isNaN(seen) || deployment.status.observedGeneration < deployment.meta.generation) return []
  const condition = deployment.conditions.find(({ type, reason }) => type === 'Progressing' && reason === replicaSetRefused)
  const since = Math.max(seen, view.startedAt)
  return [{
    dueAt: since + replicaSetGrace,
    cause: {
      kind: 'refused', rule: 'no-replica-set', service: view.expected.service, reason: replicaSetRefused, ...(condition?.message ? { message: condition.message } : {}),
      firstSeen: new Date(since).toISOString(),
    },
  }]
}
