import type { Finding, Rule } from '../finding.ts'
import { eventsOf } from '../places.ts'
import type { ServiceView } from '../service-view.ts'

/** Quota frees itself when an old pod ends; a policy does not change its mind (rollouts.md 2, rule 3). In ms. */
export const quotaGrace = 30_000
export const policyGrace = 5_000

const finding = (view: ServiceView, since: number, reason: string, message: string | undefined): Finding => {
  const quota = /exceeded quota/i.test(message ?? '')
  return {
    dueAt: since + (quota ? quotaGrace : policyGrace),
    cause: {
      kind: quota ? 'quota' : 'refused', rule: 'failed-create', service: view.expected.service, reason, ...(message ? { message } : {}),
      firstSeen: new Date(since).toISOString(),
    },
  }
}

/** A DaemonSet has no condition for it: nodes lack their process, and its events say that it may not be made. */
const ofDaemonSet = (view: ServiceView): Finding[] => {
  const set = view.daemonSet
  if (set?.behindSince === undefined || set.status.observedGeneration < set.meta.generation) return []
  const refused = eventsOf(view, set.meta.uid).findLast((event) => event.reason === 'FailedCreate' && Date.parse(event.lastAt ?? '') >= view.writtenAt)
  return refused ? [finding(view, Math.max(Date.parse(set.behindSince), view.startedAt), 'FailedCreate', refused.message)] : []
}

/** The new ReplicaSet may not create its pods. The Deployment's own copy of the condition outlives its reason and is not read. */
export const failedCreate: Rule = (view) => {
  if (view.expected.workload === 'DaemonSet') return ofDaemonSet(view)
  const set = view.replicaSet
  const condition = set?.conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True')
  if (!set || !condition || set.replicas <= set.status.replicas) return []
  const since = Math.max(Date.parse(set.failingSince ?? condition.changedAt ?? set.meta.createdAt), view.startedAt)
  return [finding(view, since, condition.reason ?? 'FailedCreate', condition.message)]
}
