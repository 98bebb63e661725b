import type { Cause } from '../cause.ts'
import type { DeploymentFacts } from './facts.ts'
import type { ExpectedService, RolloutFacts } from './rollout-facts.ts'

/** A new Deployment's first watch event is this late at most, in ms; only then is a missing one a deleted one. */
const arrival = 5_000

/** Whose change it is: the newest owner of the template that is not us, else the newest writer that is not us. */
const managerOf = (deployment: DeploymentFacts, ours: string): string | undefined => {
  const others = deployment.managers
    .filter((entry) => entry.manager !== ours && entry.subresource !== 'status' && entry.manager !== 'kube-controller-manager')
    .toSorted((a, b) => (b.at ?? '').localeCompare(a.at ?? '') || a.manager.localeCompare(b.manager))
  return (others.find((entry) => entry.ownsTemplate) ?? others[0])?.manager
}

/** Somebody else changed or deleted the Deployment of a service; `dueAt` (ms) may lie in the future while its first event may still come. */
export const supersession = (facts: RolloutFacts, expected: ExpectedService, now: Date): { dueAt: number; cause: Cause } | undefined => {
  const base = { rule: 'changed-by-somebody-else', service: expected.service, firstSeen: now.toISOString() }
  const live = facts.deployments.find((deployment) => deployment.meta.uid === expected.uid)
  if (!live) return { dueAt: Date.parse(facts.startedAt) + arrival, cause: { ...base, kind: 'deleted_by' } }
  if (live.meta.deletedAt !== undefined) return { dueAt: now.getTime(), cause: { ...base, kind: 'deleted_by' } }
  // Below our generation the watch has not caught up with our own write yet.
  if (live.meta.generation < expected.generation || live.templateKey === expected.templateKey) return undefined
  const manager = managerOf(live, facts.ourManager)
  return { dueAt: now.getTime(), cause: { ...base, kind: 'changed_by', ...(manager === undefined ? {} : { manager }) } }
}
