import type { StabilityWindow } from '../rollout/judge.ts'
import type { RolloutFacts } from '../rollout/rollout-facts.ts'

/** The lists of cluster objects in the facts; this file is the one place that names them. */
type ListName = 'deployments' | 'daemonSets' | 'cronJobs' | 'jobs' | 'replicaSets' | 'pods' | 'nodes' | 'namespaces' | 'events'

/** One object of the cluster, as the judge sees it. */
export type ObjectFacts = RolloutFacts[ListName][number]

/** What of the facts is no list of cluster objects, and the stability window while it is on: written when it changes. */
export type Frame = Omit<RolloutFacts, ListName> & Partial<StabilityWindow>

export const frameOf = (facts: RolloutFacts): Frame => {
  const { deployments: _d, daemonSets: _a, cronJobs: _t, jobs: _j, replicaSets: _r, pods: _p, nodes: _n, namespaces: _s, events: _e, ...frame } = facts
  return frame
}

/** Of the nodes those on which the app runs: a cluster may have thousands, and they excuse only what happens on them. */
export const objectsOf = (facts: RolloutFacts): readonly ObjectFacts[] => {
  const used = new Set(facts.pods.map((pod) => pod.node))
  return [
    ...facts.deployments, ...facts.daemonSets, ...facts.cronJobs, ...facts.jobs, ...facts.replicaSets, ...facts.pods, ...facts.nodes.filter((node) => used.has(node.name)), ...facts.namespaces, ...facts.events,
  ]
}

/** The stability window of a frame; undefined outside it. */
export const windowOf = ({ stableSince, stableUntil, stableBlindMs }: Partial<StabilityWindow>): StabilityWindow | undefined =>
  stableSince === undefined ? undefined : { stableSince, stableUntil, stableBlindMs }

/** The facts again; the objects may come in any order. */
export const factsFrom = ({ stableSince: _since, stableUntil: _until, stableBlindMs: _blind, ...frame }: Frame, objects: readonly ObjectFacts[]): RolloutFacts => ({
  ...frame,
  deployments: objects.filter((each) => each.kind === 'Deployment'),
  daemonSets: objects.filter((each) => each.kind === 'DaemonSet'),
  cronJobs: objects.filter((each) => each.kind === 'CronJob'),
  jobs: objects.filter((each) => each.kind === 'Job'),
  replicaSets: objects.filter((each) => each.kind === 'ReplicaSet'),
  pods: objects.filter((each) => each.kind === 'Pod'),
  nodes: objects.filter((each) => each.kind === 'Node'),
  namespaces: objects.filter((each) => each.kind === 'Namespace'),
  events: objects.filter((each) => each.kind === 'Event'),
})

/** The uid by which an object of the facts is known. */
export const uidOf = (object: ObjectFacts): string => ('meta' in object ? object.meta.uid : object.uid)

/** The cluster's version of it; empty where the facts keep none. */
export const versionOf = (object: ObjectFacts): string => ('meta' in object ? object.meta.resourceVersion : 'resourceVersion' in object ? object.resourceVersion : '')
