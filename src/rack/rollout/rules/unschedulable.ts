import type { Cause } from '../../cause.ts'
import type { EventFacts, PodFacts } from '../facts.ts'
import type { Finding, Rule } from '../finding.ts'
import { eventsOf } from '../places.ts'
import { missingObject } from './cannot-create.ts'

/** In ms (rollouts.md 2, rule 8): a node may be on its way. */
export const nodeGrace = 60_000
export const nodeComing = 300_000
export const noNodeComes = 15_000

const graceFor = (events: readonly EventFacts[]): number => {
  if (events.some((event) => event.reason === 'TriggeredScaleUp' || event.reason === 'Nominated')) return nodeComing
  return events.some((event) => event.reason === 'NotTriggerScaleUp') ? noNodeComes : nodeGrace
}

/** By our clock: a pod is tried as soon as it is there. */
const sinceOf = (pod: PodFacts, startedAt: number): number => Math.max(Date.parse(pod.memory?.firstSeen ?? pod.meta.createdAt), startedAt)

/** No node takes a new pod. */
export const unschedulable: Rule = (view) => {
  const stuck = view.pods.flatMap((pod) => {
    const condition = pod.conditions.find(({ type, status, reason }) => type === 'PodScheduled' && status === 'False' && reason === 'Unschedulable')
    return condition ? [{ pod, condition, since: sinceOf(pod, view.startedAt), grace: graceFor(eventsOf(view, pod.meta.uid)) }] : []
  })
  const [first] = stuck.toSorted((a, b) => a.since + a.grace - b.since - b.grace)
  if (!first) return []
  const { pod, condition } = first
  const message = condition.message ?? ''
  const object = missingObject(message)
  const cause: Cause = {
    kind: object === undefined ? 'unschedulable' : 'missing_object', rule: 'unschedulable', service: view.expected.service, process: pod.meta.name,
    reason: 'Unschedulable', message, ...(object === undefined ? {} : { object }),
    affected: { failing: stuck.length, of: view.pods.length },
    firstSeen: new Date(first.since).toISOString(),
  }
  const finding: Finding = { dueAt: first.since + first.grace, cause }
  return [finding]
}
