import type { PodFacts } from '../facts.ts'
import { atLeastOne } from '../finding.ts'
import type { Rule } from '../finding.ts'
import type { ServiceView } from '../service-view.ts'
import { readyBudget } from './never-ready.ts'

/** In ms (rollouts.md 2, rule 11): a probe that misses once comes back within this. */
export const shortGrace = 5_000

/** The kubelet tells of an exit and of lost readiness in two updates, in ms. */
const together = 2_000

/** When it may be back, in ms: a container that exited has to start and pass its checks again; one exit is no reason to go back (rule 6 asks for two). */
const backBy = (view: ServiceView, pod: PodFacts, since: number): number => {
  const exited = pod.containers.filter(({ name }) => pod.memory?.containers[name]?.exits.some((exit) => Date.parse(exit.seenAt) >= since - together))
  return since + Math.max(0, ...exited.map(({ name }) => readyBudget(view.expected.containers.find((spec) => spec.name === name)) ?? 0))
}

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
    .map(({ pod, since }) => ({ pod, since, back: backBy(view, pod, since) }))
    .toSorted((a, b) => a.back - b.back)
  const missing = minimum - deployment.status.available
  const deciding = lost[missing - 1]
  const gone = atLeastOne(lost)
  if (missing <= 0 || !deciding || !gone) return []
  const [{ pod }] = gone
  const container = pod.containers.find((one) => !one.ready && !one.init)
  const since = Math.max(short, deciding.since)
  return [{
    dueAt: Math.max(short, deciding.back) + shortGrace,
    cause: {
      kind: 'too_few', rule: 'too-few', service: view.expected.service, process: pod.meta.name, ...(container ? { container: container.name } : {}),
      ready: { ready: deployment.status.available, of: deployment.replicas }, minimum, affected: { failing: lost.length, of: view.pods.length },
      firstSeen: new Date(since).toISOString(),
    },
  }]
}
