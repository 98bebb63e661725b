import type { Finding, Rule } from '../finding.ts'
import { eventsOf } from '../places.ts'
import type { ServiceView } from '../service-view.ts'
import { tellsOfPassing } from './image-pull.ts'

/** Processes that are still ending count against a quota, whatever the strategy allows to be away (rollouts.md 2, rule 3). In ms. */
export const quotaGrace = 30_000
/** A webhook that does not answer may be moving to another node. In ms; the ReplicaSet tries again after 5, 10 and 20 s. */
export const webhookGrace = 30_000
/** A new namespace gets its service account a moment later; the same for what is not known. In ms. */
export const refusalGrace = 5_000

const quotaWords = /exceeded quota/i
const unanswered = /failed calling webhook/i
/** PodSecurity, an admission webhook, a ValidatingAdmissionPolicy: they have looked at the pod and will say the same of the next one. */
const denied = /violates PodSecurity|denied (the )?request/

const graceOf = (message: string): number => {
  if (quotaWords.test(message)) return quotaGrace
  if (unanswered.test(message)) return webhookGrace
  // A webhook also denies what it could not look at: a registry that limits it, a server of its own that is away.
  return denied.test(message) && !tellsOfPassing(message) ? 0 : refusalGrace
}

const finding = (view: ServiceView, since: number, grace: number, reason: string, message = ''): Finding => ({
  dueAt: since + grace,
  cause: {
    kind: quotaWords.test(message) ? 'quota' : 'refused', rule: 'failed-create', service: view.expected.service, reason, ...(message === '' ? {} : { message }),
    firstSeen: new Date(since).toISOString(),
  },
})

/**
 * A DaemonSet has no condition for it: nodes lack their process, and its events say that it may not be made. An event stays when its reason is gone, and each
 * node lacks its process for a moment when its turn comes: never at once.
 */
const ofDaemonSet = (view: ServiceView): Finding[] => {
  const set = view.daemonSet
  if (set?.behindSince === undefined || set.status.observedGeneration < set.meta.generation) return []
  const refused = eventsOf(view, set.meta.uid).findLast((event) => event.reason === 'FailedCreate' && Date.parse(event.lastAt ?? '') >= view.writtenAt)
  if (!refused) return []
  const since = Math.max(Date.parse(set.behindSince), view.startedAt)
  return [finding(view, since, Math.max(graceOf(refused.message), refusalGrace), 'FailedCreate', refused.message)]
}

/**
 * The new ReplicaSet may not create its pods. The Deployment's own copy of the condition outlives its reason and is not read; neither is one that the
 * ReplicaSet has not looked at since it got its present size.
 */
export const failedCreate: Rule = (view) => {
  if (view.expected.workload === 'DaemonSet') return ofDaemonSet(view)
  const set = view.replicaSet
  const condition = set?.conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True')
  if (!set || !condition || set.replicas <= set.status.replicas || set.status.observedGeneration < set.meta.generation) return []
  const since = Math.max(Date.parse(set.failingSince ?? condition.changedAt ?? set.meta.createdAt), view.startedAt)
  return [finding(view, since, graceOf(condition.message ?? ''), condition.reason ?? 'FailedCreate', condition.message)]
}
