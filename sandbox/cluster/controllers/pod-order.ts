import { at, mapsAt, numberAt, textAt, type JsonMap } from '../json.ts'
import type { KubeObject } from '../object.ts'

const phases = ['Pending', 'Unknown', 'Running']

const readyCondition = (pod: KubeObject): JsonMap | undefined => mapsAt(pod, 'status', 'conditions').find((condition) => textAt(condition, 'type') === 'Ready')
export const isReady = (pod: KubeObject): boolean => readyCondition(pod)?.['status'] === 'True'
/** ms since the epoch; 0 when unknown. */
export const readySince = (pod: KubeObject): number => Date.parse(textAt(readyCondition(pod), 'lastTransitionTime')) || 0

/** Ready for at least `minReady` seconds. */
export const isAvailable = (pod: KubeObject, minReady: number, now: number): boolean => isReady(pod) && (minReady === 0 || readySince(pod) + minReady * 1000 <= now)

const cost = (pod: KubeObject): number => Number(textAt(pod, 'metadata', 'annotations', 'controller.kubernetes.io/pod-deletion-cost')) || 0
const restarts = (pod: KubeObject): number => Math.max(0, ...mapsAt(pod, 'status', 'containerStatuses').map((status) => numberAt(status, 'restartCount') ?? 0))

/** The real one compares ages by orders of magnitude (base 2), so that equal-ish ages fall to the uid. */
const rank = (since: number, now: number): number => (now - since <= 0 ? 0 : Math.floor(Math.log2((now - since) * 1e6)))

/** Which pod goes first on a scale-down (pkg/controller/controller_utils.go, ActivePodsWithRanks). */
export const deletionOrder =
  (now: number, readyOnNode: (pod: KubeObject) => number) =>
  (left: KubeObject, right: KubeObject): number => {
    const bound = (pod: KubeObject): number => (textAt(pod, 'spec', 'nodeName') === '' ? 0 : 1)
    const phase = (pod: KubeObject): number => phases.indexOf(textAt(pod, 'status', 'phase'))
    const ready = (pod: KubeObject): number => (isReady(pod) ? 1 : 0)
    const created = (pod: KubeObject): number => Date.parse(textAt(pod, 'metadata', 'creationTimestamp')) || 0
    const steps: [number, number][] = [
      [bound(left), bound(right)],
      [phase(left), phase(right)],
      [ready(left), ready(right)],
      [cost(left), cost(right)],
      [readyOnNode(right), readyOnNode(left)],
    ]
    if (isReady(left) && isReady(right)) steps.push([rank(readySince(left), now), rank(readySince(right), now)])
    steps.push([restarts(right), restarts(left)], [rank(created(left), now), rank(created(right), now)])
    for (const [a, b] of steps) if (a !== b) return a - b
    return left.metadata.uid < right.metadata.uid ? -1 : 1
  }

export const nodeOf = (pod: KubeObject): string => textAt(pod, 'spec', 'nodeName')
export const phaseOf = (pod: KubeObject): string => textAt(pod, 'status', 'phase')
export const isFinished = (pod: KubeObject): boolean => phaseOf(pod) === 'Succeeded' || phaseOf(pod) === 'Failed'
export const isLive = (pod: KubeObject): boolean => !isFinished(pod) && at(pod, 'metadata', 'deletionTimestamp') === undefined
export const isEnding = (pod: KubeObject): boolean => !isFinished(pod) && at(pod, 'metadata', 'deletionTimestamp') !== undefined
