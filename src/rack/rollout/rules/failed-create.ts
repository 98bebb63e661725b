import type { Rule } from '../finding.ts'

/** Quota frees itself when an old pod ends; a policy does not change its mind (rollouts.md 2, rule 3). In ms. */
const quotaGrace = 30_000
const policyGrace = 5_000

/** The new ReplicaSet may not create its pods. The Deployment's own copy of the condition outlives its reason and is not read. */
export const failedCreate: Rule = (view) => {
  const set = view.replicaSet
  const condition = set?.conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True')
  if (!set || !condition || set.replicas <= set.status.replicas) return []
  const quota = /exceeded quota/i.test(condition.message ?? '')
  const since = Math.max(Date.parse(set.failingSince ?? condition.changedAt ?? set.meta.createdAt), view.startedAt)
  return [{
    dueAt: since + (quota ? quotaGrace : policyGrace),
    cause: {
      kind: quota ? 'quota' : 'refused', rule: 'failed-create', service: view.expected.service,
      reason: condition.reason ?? 'FailedCreate',
      ...(condition.message ? { message: condition.message } : {}),
      firstSeen: new Date(since).toISOString(),
    },
  }]
}
