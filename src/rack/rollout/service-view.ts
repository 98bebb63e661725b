import { excuseOf } from './excuses.ts'
import type { PodExcuse } from './excuses.ts'
import type { CronJobFacts, DaemonSetFacts, DeploymentFacts, EventFacts, JobFacts, Manager, Meta, PodFacts, ReplicaSetFacts } from './facts.ts'
import type { Baseline, ExpectedService, RolloutFacts } from './rollout-facts.ts'

const revision = 'deployment.kubernetes.io/revision'
/** A DaemonSet's count of its templates, and the label of the pods made from the present one. */
const templateGeneration = { set: 'deprecated.daemonset.template.generation', pod: 'pod-template-generation' } as const

/** One service's part of the facts, sorted out by who belongs to the new release. */
export interface ServiceView {
  readonly expected: ExpectedService
  readonly direction: RolloutFacts['direction']
  /** The live one, once the watch shows at least the generation we were answered. So are the next two; one of the three is there at most. */
  readonly deployment?: DeploymentFacts
  readonly daemonSet?: DaemonSetFacts
  readonly cronJob?: CronJobFacts
  /** Of a Deployment: the ReplicaSet whose template is ours and whose revision is the Deployment's. */
  readonly replicaSet?: ReplicaSetFacts
  /** Of a timer: its runs with our template. */
  readonly jobs: readonly JobFacts[]
  /** Processes there should be now, whoever said so last; of a timer none. */
  readonly desired: number
  /** New pods that are judged, oldest first: not terminating, not excused. */
  readonly pods: readonly PodFacts[]
  readonly excused: readonly { readonly pod: PodFacts; readonly excuse: PodExcuse }[]
  /** New pods that are being stopped. */
  readonly stopping: readonly PodFacts[]
  /** Pods of the workload's earlier templates. */
  readonly oldPods: readonly PodFacts[]
  readonly replicaSets: readonly ReplicaSetFacts[]
  readonly events: readonly EventFacts[]
  readonly baseline: Baseline
  /** Milliseconds, our clock. */
  readonly startedAt: number
  /**
   * Milliseconds: what the cluster dates later than this came after our write. The later of its own time of our write (it may be of an earlier rollout, when
   * nothing changed) and the start by our clock; whole seconds.
   */
  readonly writtenAt: number
  /** Milliseconds the rollout was given. */
  readonly deadline: number
  /** Milliseconds of it during which nothing was seen. */
  readonly blind: number
  readonly ourManager: string
}

const controllerUid = (owned: { readonly meta: Meta }): string | undefined => owned.meta.owners.find((owner) => owner.controller)?.uid

/** Order by age: what was made in the same second by name. */
const byAge = (a: PodFacts, b: PodFacts): number => {
  if (a.meta.createdAt !== b.meta.createdAt) return a.meta.createdAt < b.meta.createdAt ? -1 : 1
  return a.meta.name < b.meta.name ? -1 : 1
}

/** Pods of one workload: those of the new template, and the others. */
interface Sorted {
  readonly ours: readonly PodFacts[]
  readonly others: readonly PodFacts[]
  readonly desired: number
  readonly parts: Partial<Pick<ServiceView, 'deployment' | 'daemonSet' | 'cronJob' | 'replicaSet' | 'jobs' | 'replicaSets'>>
}

const found = <T extends { readonly meta: Meta }>(among: readonly T[], { uid, generation }: ExpectedService): T | undefined =>
  among.find((live) => live.meta.uid === uid && live.meta.generation >= generation)

const ofDeployment = (facts: RolloutFacts, expected: ExpectedService, pods: readonly PodFacts[]): Sorted => {
  const deployment = found(facts.deployments, expected)
  const replicaSets = facts.replicaSets.filter((set) => controllerUid(set) === expected.uid)
  const replicaSet = deployment && replicaSets
    .filter((set) => set.templateKey === expected.templateKey && set.meta.annotations[revision] === deployment.meta.annotations[revision])
    .toSorted((a, b) => (a.meta.uid < b.meta.uid ? -1 : 1))[0]
  const earlier = new Set(replicaSets.filter((set) => set.meta.uid !== replicaSet?.meta.uid).map((set) => set.meta.uid))
  return {
    ours: pods.filter((pod) => replicaSet !== undefined && controllerUid(pod) === replicaSet.meta.uid),
    others: pods.filter((pod) => earlier.has(controllerUid(pod) ?? '')),
    desired: deployment?.replicas ?? replicaSet?.replicas ?? 0, parts: { deployment, replicaSet, replicaSets },
  }
}

/** A DaemonSet has no ReplicaSets: its pods tell their template by its count, or by the release that their labels name. */
const ofDaemonSet = (facts: RolloutFacts, expected: ExpectedService, pods: readonly PodFacts[]): Sorted => {
  const daemonSet = found(facts.daemonSets, expected)
  const count = daemonSet?.meta.annotations[templateGeneration.set]
  const isNew = ({ meta: { labels } }: PodFacts): boolean =>
    daemonSet !== undefined && ((count !== undefined && labels[templateGeneration.pod] === count) || (expected.release !== undefined && labels['release'] === expected.release))
  const all = pods.filter((pod) => controllerUid(pod) === expected.uid)
  return { ours: all.filter(isNew), others: all.filter((pod) => !isNew(pod)), desired: daemonSet?.status.desired ?? 0, parts: { daemonSet } }
}

const ofCronJob = (facts: RolloutFacts, expected: ExpectedService, pods: readonly PodFacts[]): Sorted => {
  const cronJob = found(facts.cronJobs, expected)
  const runs = facts.jobs.filter((job) => controllerUid(job) === expected.uid)
  const jobs = runs.filter((job) => cronJob !== undefined && job.templateKey === expected.templateKey).toSorted((a, b) => (a.meta.uid < b.meta.uid ? -1 : 1))
  const isOf = (some: readonly JobFacts[]) => (pod: PodFacts): boolean => some.some((job) => job.meta.uid === controllerUid(pod))
  return { ours: pods.filter(isOf(jobs)), others: pods.filter(isOf(runs.filter((job) => !jobs.includes(job)))), desired: 0, parts: { cronJob, jobs } }
}

const writtenAt = (facts: RolloutFacts, managers: readonly Manager[] = []): number => {
  const ours = managers.filter((entry) => entry.manager === facts.ourManager && entry.ownsTemplate).map((entry) => Date.parse(entry.at ?? '')).filter((at) => !Number.isNaN(at))
  return Math.max(Math.floor(Date.parse(facts.startedAt) / 1000) * 1000, ...ours)
}

const sortedOut = { Deployment: ofDeployment, DaemonSet: ofDaemonSet, CronJob: ofCronJob } as const

/** What the facts hold of one service, in an order that does not depend on theirs. */
export const viewService = (facts: RolloutFacts, expected: ExpectedService): ServiceView => {
  const { ours, others, desired, parts } = sortedOut[expected.workload](facts, expected, facts.pods.toSorted(byAge))
  const judged = ours.filter((pod) => pod.meta.deletedAt === undefined).map((pod) => ({ pod, excuse: excuseOf(pod, facts.nodes, expected.workload === 'CronJob') }))
  const startedAt = Date.parse(facts.startedAt)
  return {
    jobs: [], replicaSets: [], ...parts, expected, direction: facts.direction, desired,
    pods: judged.filter(({ excuse }) => excuse === undefined).map(({ pod }) => pod),
    excused: judged.flatMap(({ pod, excuse }) => (excuse === undefined ? [] : [{ pod, excuse }])),
    stopping: ours.filter((pod) => pod.meta.deletedAt !== undefined),
    oldPods: others,
    events: facts.events.toSorted((a, b) => (a.uid < b.uid ? -1 : 1)),
    baseline: facts.baseline,
    startedAt,
    writtenAt: writtenAt(facts, (parts.deployment ?? parts.daemonSet ?? parts.cronJob)?.managers),
    deadline: facts.deadline * 1000,
    blind: Math.max(0, Date.parse(facts.deadlineAt) - startedAt - facts.deadline * 1000),
    ourManager: facts.ourManager,
  }
}

/** The processes of one Job as the rules look at them: nothing was there before it, and nothing is excused. */
export const viewRun = (
  run: { readonly service: string; readonly name: string; readonly uid: string; readonly containers: ExpectedService['containers']; readonly startedAt: string; readonly deadline: number },
  pods: readonly PodFacts[], events: readonly EventFacts[],
): ServiceView => ({
  expected: { service: run.service, workload: 'CronJob', deployment: run.name, uid: run.uid, generation: 0, templateKey: '', containers: run.containers },
  direction: 'out', desired: 0, pods: pods.filter((pod) => pod.meta.deletedAt === undefined), excused: [], stopping: [], oldPods: [], replicaSets: [], jobs: [],
  events, baseline: {}, startedAt: Date.parse(run.startedAt), writtenAt: Date.parse(run.startedAt), deadline: run.deadline * 1000, blind: 0, ourManager: '',
})

/** True when the pod is ready and stays. */
export const isReady = (pod: PodFacts): boolean =>
  pod.meta.deletedAt === undefined && pod.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True')

/** New pods that serve: also those which only their node excuses, since a cordoned node still runs what it has. */
export const readyPods = (view: ServiceView): readonly PodFacts[] =>
  [...view.pods, ...view.excused.filter(({ excuse }) => excuse === 'NodeCordoned' || excuse === 'NodeNotReady').map(({ pod }) => pod)].filter(isReady)
