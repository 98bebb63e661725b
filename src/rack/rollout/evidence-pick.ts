import type { Cause } from '../cause.ts'
import type { ContainerFacts } from './facts.ts'
import type { RolloutFacts } from './rollout-facts.ts'

/** One container's log to fetch, or why there is none. */
export interface EvidencePick {
  readonly service: string
  readonly namespace: string
  /** Pod name. */
  readonly process: string
  readonly container: string
  /** Ask for the log of the run before the present one. */
  readonly previous: boolean
  /** Its first restart comes at once, and perhaps while we ask. */
  readonly restarting?: true
  /** Set when there is nothing to fetch. */
  readonly none?: 'never_started' | 'not_kept'
}

/** Rollouts are explained with this many containers at most (issue 4, watching: two reads for each). */
export const maxContainers = 3

/**
 * A running container that restarted has its failure in the run before. One that waits or has ended has it in the run that ended last, which
 * the kubelet gives without `previous` too, until the next run starts: the first restart comes at once, later ones are backed off from.
 */
const runOf = (container: ContainerFacts): Pick<EvidencePick, 'previous' | 'restarting' | 'none'> => {
  if (container.terminated) return container.restartCount === 0 ? { previous: true, restarting: true } : { previous: false }
  if (container.last) return { previous: true }
  return container.running ? { previous: false } : { previous: false, none: 'never_started' }
}

/** Which containers' logs explain a failed verdict: one for each cause first, in the order of the causes. */
export const pickEvidence = (causes: readonly Cause[], facts: RolloutFacts): EvidencePick[] => {
  const picks = causes.flatMap((cause): EvidencePick[] => {
    if (cause.service === undefined || cause.process === undefined || cause.container === undefined) return []
    const place = { service: cause.service, process: cause.process, container: cause.container }
    const pod = facts.pods.find((candidate) => candidate.meta.name === cause.process)
    const container = pod?.containers.find((candidate) => candidate.name === cause.container)
    if (!pod || !container) return [{ ...place, namespace: facts.deployments[0]?.meta.namespace ?? '', previous: false, none: 'not_kept' }]
    return [{ ...place, namespace: pod.meta.namespace, ...runOf(container) }]
  })
  const first = (pick: EvidencePick) => picks.find((other) => other.process === pick.process && other.container === pick.container) === pick
  return picks.filter(first).slice(0, maxContainers)
}
