import type { Cause } from '../cause.ts'
import type { CronJobFacts, DaemonSetFacts, DeploymentFacts, Manager } from './facts.ts'
import type { ExpectedService, RolloutFacts } from './rollout-facts.ts'

/** A new workload's first watch event is this late at most, in ms; only then is a missing one a deleted one. */
export const arrival = 5_000

type Live = DeploymentFacts | DaemonSetFacts | CronJobFacts
type Workloads = Pick<RolloutFacts, 'deployments' | 'daemonSets' | 'cronJobs'>

const liveOf = (facts: Workloads, { workload, uid }: ExpectedService): Live | undefined => {
  const live = { Deployment: facts.deployments, DaemonSet: facts.daemonSets, CronJob: facts.cronJobs }[workload]
  return live.find(({ meta }) => meta.uid === uid)
}

/** The workload of an object's kind and name, as the watch shows it. */
export const workloadNamed = (facts: Workloads, object: { readonly kind: string; readonly metadata: { readonly name: string } }): Live | undefined =>
  [...facts.deployments, ...facts.daemonSets, ...facts.cronJobs].find(({ kind, meta }) => kind === object.kind && meta.name === object.metadata.name)

/** Whose change it is: the newest owner of the template that is not us, else the newest writer that is not us. */
const managerOf = (managers: readonly Manager[], ours: string): Manager | undefined => {
  const others = managers
    .filter((entry) => entry.manager !== ours && entry.subresource !== 'status' && entry.manager !== 'kube-controller-manager')
    .toSorted((a, b) => (b.at ?? '').localeCompare(a.at ?? '') || a.manager.localeCompare(b.manager))
  return others.find((entry) => entry.ownsTemplate) ?? others[0]
}

/** A workload as it stood when the rehearsal looked at it: what was approved is to replace that, and no change of somebody else's after it. */
export interface Stood {
  readonly uid: string
  readonly generation: number
  readonly templateKey: string
  /** RFC 3339, the cluster's clock; when we applied it last, where it tells. */
  readonly appliedAt?: string
}

const appliedAt = (live: Live, ours: string): string | undefined => live.managers.find((entry) => entry.manager === ours && entry.operation === 'Apply')?.at

/** What to keep of a workload before it is written. Pure. */
export const stoodAs = (live: Live, ourManager: string): Stood => {
  const at = appliedAt(live, ourManager)
  return { uid: live.meta.uid, generation: live.meta.generation, templateKey: live.templateKey, ...(at === undefined ? {} : { appliedAt: at }) }
}

/**
 * Who changed the template of a workload since it stood so; undefined when nobody did. Its status, its number of processes and a restart are no such
 * change, nor is a write of ours whose answer was lost; what somebody wrote over that is. Pure.
 */
export const changedSince = (stood: Stood, live: Live, ourManager: string): Pick<Drift, 'manager'> | undefined => {
  const same = live.meta.uid === stood.uid
  if (same && (live.meta.generation <= stood.generation || live.templateKey === stood.templateKey)) return undefined
  const ours = appliedAt(live, ourManager)
  const writtenByUs = ours !== undefined && (!same || ours !== stood.appliedAt)
  if (writtenByUs && !live.managers.some(({ manager, ownsTemplate, at }) => manager !== ourManager && ownsTemplate && at !== undefined && at > ours)) return undefined
  const { manager } = managerOf(live.managers, ourManager) ?? {}
  return manager === undefined ? {} : { manager }
}

/** The cause that ends a promotion when somebody else changed a service. */
export const changedBy = (service: string, manager: string | undefined, now: Date): Cause =>
  ({ rule: 'changed-by-somebody-else', service, firstSeen: now.toISOString(), kind: 'changed_by', ...(manager === undefined ? {} : { manager }) })

/** A workload that is not as we applied it any more. */
export interface Drift {
  readonly service: string
  readonly what: 'changed' | 'deleted'
  /** Field manager, where the object tells. */
  readonly manager?: string
  /** RFC 3339, the cluster's clock; when they wrote it. */
  readonly at?: string
}

const driftOf = (facts: Workloads, expected: ExpectedService, ourManager: string): Drift | undefined => {
  const live = liveOf(facts, expected)
  if (!live || live.meta.deletedAt !== undefined) return { service: expected.service, what: 'deleted' }
  // Below our generation the watch has not caught up with our own write yet.
  if (live.meta.generation < expected.generation || live.templateKey === expected.templateKey) return undefined
  const { manager, at } = managerOf(live.managers, ourManager) ?? {}
  return { service: expected.service, what: 'changed', ...(manager === undefined ? {} : { manager }), ...(at === undefined ? {} : { at }) }
}

/**
 * What somebody else changed or deleted of the active release while no promotion is on: by the same test as within one. `expected` is as it was kept when
 * that release was applied. Pure; ask only while the view is fresh.
 */
export const drift = (expected: readonly ExpectedService[], facts: Workloads, ourManager: string): readonly Drift[] =>
  expected.flatMap((each) => driftOf(facts, each, ourManager) ?? [])

/** Somebody else changed or deleted the workload of a service; `dueAt` (ms) may lie in the future while its first event may still come. */
export const supersession = (facts: RolloutFacts, expected: ExpectedService, now: Date): { dueAt: number; cause: Cause } | undefined => {
  const found = driftOf(facts, expected, facts.ourManager)
  if (!found) return undefined
  const changed = changedBy(expected.service, found.manager, now)
  if (found.what === 'changed') return { dueAt: now.getTime(), cause: changed }
  const gone = liveOf(facts, expected) !== undefined
  return { dueAt: gone ? now.getTime() : Date.parse(facts.startedAt) + arrival, cause: { rule: changed.rule, service: expected.service, firstSeen: changed.firstSeen, kind: 'deleted_by' } }
}

/** The cluster refuses to make anything in a namespace that is on its way out, and says so. */
const terminating = /because it is being terminated/

/** The app's namespace is being deleted: nothing can be rolled out or back in it any more. */
export const namespaceGone = (facts: RolloutFacts, now: Date): Cause | undefined => {
  const told = facts.replicaSets.some((set) => set.failingSince !== undefined && set.conditions.some(({ type, status, message }) => type === 'ReplicaFailure' && status === 'True' && terminating.test(message ?? '')))
  if (!told && !facts.namespaces.some(({ deletedAt }) => deletedAt !== undefined)) return undefined
  return { kind: 'namespace_deleted', rule: 'namespace-deleted', firstSeen: now.toISOString() }
}
