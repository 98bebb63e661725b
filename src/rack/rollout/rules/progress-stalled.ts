import type { Mark } from '../facts.ts'
import type { Rule } from '../finding.ts'
import { readyPods } from '../service-view.ts'
import type { ServiceView } from '../service-view.ts'
import { readyBudget } from './never-ready.ts'

/** The most that was reached since the rollout began, and when; what was there at the beginning is where it starts from. */
const highWater = (marks: readonly Mark[], startedAt: number): { value: number; at: number } => {
  const before = marks.filter((mark) => Date.parse(mark.at) <= startedAt).at(-1)
  let best = { value: before?.value ?? 0, at: startedAt }
  for (const mark of marks) if (Date.parse(mark.at) > startedAt && mark.value > best.value) best = { value: mark.value, at: Date.parse(mark.at) }
  return best
}

/** What has to be reached, counted as the marks are; an autoscaler that asks for more later does not raise it. */
const needed = ({ expected, daemonSet, desired }: ServiceView): number => {
  const asked = Math.min(expected.replicas ?? desired, desired)
  return daemonSet ? asked * 2 : asked
}

/**
 * Our own progress clock, where convox.yml gives a `progressDeadline`: the most new processes that were ever available has not risen for so long, the time
 * that the service's own checks take added. The Deployment's own clock starts anew at every blip of readiness, this one only at a new maximum. It stands
 * while the Deployment is paused; blind time does not count; it ends once all have been available.
 */
export const progressStalled: Rule = (view) => {
  const { expected, deployment, daemonSet } = view
  const marks = view.replicaSet?.marks ?? daemonSet?.marks ?? []
  if (!expected.progressDeadline || expected.progressDeadline < 0 || deployment?.paused || !(deployment ?? daemonSet)) return []
  const top = highWater(marks, view.startedAt)
  if (top.value >= needed(view)) return []
  const budget = Math.max(0, ...expected.containers.map((spec) => readyBudget(spec) ?? 0))
  const since = Math.max(top.at, Date.parse(deployment?.memory?.resumedAt ?? '') || 0)
  const allowed = Math.min(expected.progressDeadline * 1000, view.deadline)
  return [{
    dueAt: since + allowed + budget + view.blind,
    cause: {
      kind: 'timed_out', rule: 'progress-stalled', service: expected.service, deadline: Math.round(allowed / 1000),
      ready: { ready: readyPods(view).length, of: view.desired },
      firstSeen: new Date(since).toISOString(),
    },
  }]
}
