import { atLeastOne } from '../finding.ts'
import type { Rule } from '../finding.ts'

/** In ms (rollouts.md 2, rule 11): a probe that misses once comes back within this. */
export const shortGrace = 5_000

/**
 * The rollout itself took the service below the least it must keep: fewer are available than the strategy allows, and new processes that had been ready
 * are what is missing. Without them it would be a node that went or an autoscaler that asks for more, and those are no reason to go back. On the way
 * back there is nothing better to go to, and the other rules decide.
 */
export const tooFew: Rule = (view) => {
  const { deployment } = view
  const short = Date.parse(deployment?.memory?.shortSince ?? '')
  if (view.direction === 'back' || !deployment || Number.isNaN(short) || deployment.paused) return []
  const minimum = deployment.replicas - deployment.maxUnavailable
  const lost = view.pods
    .map((pod) => ({ pod, since: Date.parse(pod.memory?.unreadySince ?? '') }))
    .filter(({ since }) => since >= view.startedAt)
    .toSorted((a, b) => a.since - b.since)
  const missing = minimum - deployment.status.available
  const deciding = lost[missing - 1]
  const gone = atLeastOne(lost)
  if (missing <= 0 || !deciding || !gone) return []
  const [{ pod }] = gone
  const container = pod.containers.find((one) => !one.ready && !one.init)
  const since = Math.max(short, deciding.since, view.startedAt)
  return [{
    dueAt: since + shortGrace,
    cause: {
      kind: 'too_few', rule: 'too-few', service: view.expected.service, process: pod.meta.name, ...(container ? { container: container.name } : {}),
      ready: { ready: deployment.status.available, of: deployment.replicas }, minimum, affected: { failing: lost.length, of: view.pods.length },
      firstSeen: new Date(since).toISOString(),
    },
  }]
}
