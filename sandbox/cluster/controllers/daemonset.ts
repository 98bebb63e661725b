import { Failure } from '../failure.ts'
import { at, mapAt, mapsAt, numberAt, same, textAt, type JsonMap } from '../json.ts'
import { annotationsOf, controllerOf, deletedAt, generationOf, labelsOf, namespaceOf, type KubeObject } from '../object.ts'
import { resourceNamed } from '../resources.ts'
import { counters } from './conditions.ts'
import { keyOf, manager, ownedBy, splitKey, type Controller, type ControllerContext } from './context.ts'
import { currentRevision, removeOldRevisions, revisionLabel } from './daemonset-revision.ts'
import { matchesNode, namedNodes, taintsOf, tolerates } from './node-fit.ts'
import { isAvailable, isFinished, isReady, nodeOf, phaseOf } from './pod-order.ts'
import { namespaceGone, podFrom } from './replicaset.ts'
import { scaled } from './rollout-sizes.ts'

// A port of k8s.io/kubernetes v1.36.1 pkg/controller/daemon, without maxSurge.

const sets = resourceNamed('daemonsets.apps')
const pods = resourceNamed('pods')
/** A failed pod is removed at once, the next of that node after a second, then two … at most 15 minutes, in ms. */
const firstBackOff = 1_000
const longestBackOff = 900_000

const alwaysTolerated: readonly [key: string, effect: string][] = [
  ['not-ready', 'NoExecute'], ['unreachable', 'NoExecute'], ['disk-pressure', 'NoSchedule'], ['memory-pressure', 'NoSchedule'], ['pid-pressure', 'NoSchedule'], ['unschedulable', 'NoSchedule'],
]

/** The template's spec with what every pod of a DaemonSet tolerates. */
const tolerantSpec = (set: KubeObject): JsonMap => {
  const spec = mapAt(set, 'spec', 'template', 'spec')
  const own = mapsAt(spec, 'tolerations')
  const added = alwaysTolerated.map(([name, effect]) => ({ key: `node.kubernetes.io/${name}`, operator: 'Exists', effect }))
  return { ...spec, tolerations: [...own, ...added.filter((one) => !own.some((known) => same(known, one)))] }
}

/** The node that a pod is for, bound or not. */
const targetOf = (pod: KubeObject): string => nodeOf(pod) || (namedNodes(mapAt(pod, 'spec'))?.[0] ?? '')

const byAge = (left: KubeObject, right: KubeObject): number =>
  Number(nodeOf(right) !== '') - Number(nodeOf(left) !== '') || Date.parse(left.metadata.creationTimestamp) - Date.parse(right.metadata.creationTimestamp)

/** Whether a pod should be started there, and whether one that runs may stay. */
const runsOn = (spec: JsonMap, node: KubeObject): { start: boolean; stay: boolean } => {
  if (!matchesNode(spec, node)) return { start: false, stay: false }
  const untolerated = taintsOf(node).filter((taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(spec, taint))
  return { start: untolerated.length === 0, stay: !untolerated.some((taint) => taint.effect === 'NoExecute') }
}

/** One pod on every node that fits; a changed template replaces them, no more than maxUnavailable at once. */
export const createDaemonSetController = (context: ControllerContext): Controller => {
  const { api, store, queue, now } = context
  const recorder = context.recorder('daemonset-controller')
  const backOffs = new Map<string, { delay: number; at: number }>()

  const place = (set: KubeObject, node: KubeObject, hash: string): Failure | undefined => {
    const body = podFrom(set)
    const spec = tolerantSpec(set)
    const terms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node.metadata.name] }] }]
    const affinity = mapAt(spec, 'affinity')
    const nodeAffinity = { ...mapAt(affinity, 'nodeAffinity'), requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } }
    const metadata = mapAt(body, 'metadata')
    const counter = annotationsOf(set)['deprecated.daemonset.template.generation']
    const labels = { ...mapAt(metadata, 'labels'), ...(counter !== undefined && { 'pod-template-generation': counter }), [revisionLabel]: hash }
    try {
      const pod = api.create(pods, namespaceOf(set), { ...body, metadata: { ...metadata, labels }, spec: { ...spec, affinity: { ...affinity, nodeAffinity } } }, { manager })
      recorder.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      if (namespaceGone(error)) return undefined
      recorder.event(set, 'Warning', 'FailedCreate', `Error creating: ${error.message}`)
      return error
    }
    return undefined
  }

  const removePod = (set: KubeObject, pod: KubeObject): void => {
    api.remove(pods, namespaceOf(pod), pod.metadata.name, {})
    recorder.event(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)
  }

  /** ms until the failed pod of that node may be removed; 0 removes it, and makes the next wait longer. */
  const waitFor = (set: KubeObject, node: KubeObject): number => {
    const key = `${set.metadata.uid}/${generationOf(set)}/${node.metadata.name}`
    const last = backOffs.get(key)
    if (last && now() - last.at < last.delay) return last.delay
    backOffs.set(key, { at: now(), delay: last ? Math.min(last.delay * 2, longestBackOff) : firstBackOff })
    return 0
  }

  /** Makes and removes pods node by node; says what went wrong, and whether anything moved. */
  const manage = (set: KubeObject, nodes: readonly KubeObject[], byNode: ReadonlyMap<string, KubeObject[]>, hash: string, key: string): { moved: boolean; failure: Failure | undefined } => {
    const spec = tolerantSpec(set)
    const surplus: KubeObject[] = []
    let moved = false
    let failure: Failure | undefined
    for (const node of nodes) {
      const { start, stay } = runsOn(spec, node)
      const here = byNode.get(node.metadata.name) ?? []
      if (here.length === 0) {
        if (!start) continue
        moved = true
        failure = place(set, node, hash) ?? failure
        continue
      }
      const live = here.filter((pod) => deletedAt(pod) === '')
      if (!stay) surplus.push(...live)
      for (const pod of stay ? live.filter(isFinished) : []) {
        const failed = phaseOf(pod) === 'Failed'
        const wait = failed ? waitFor(set, node) : 0
        if (wait > 0) {
          worker.addAfter(key, wait)
          continue
        }
        const name = `${namespaceOf(pod)}/${pod.metadata.name} on node ${node.metadata.name}`
        if (failed) recorder.event(set, 'Warning', 'FailedDaemonPod', `Found failed daemon pod ${name}, will try to kill it`)
        else recorder.event(set, 'Normal', 'SucceededDaemonPod', `Found succeeded daemon pod ${name}, will try to delete it`)
        surplus.push(pod)
      }
      if (stay) surplus.push(...live.filter((pod) => !isFinished(pod)).sort(byAge).slice(1))
    }
    const homeless = [...byNode].filter(([name]) => !nodes.some((node) => node.metadata.name === name)).flatMap(([, list]) => list.filter((pod) => nodeOf(pod) === '' && deletedAt(pod) === ''))
    for (const pod of [...surplus, ...homeless]) removePod(set, pod)
    return { moved: moved || surplus.length + homeless.length > 0, failure }
  }

  /** Takes old pods away: those that are not available at once, the others as far as maxUnavailable allows. */
  const rollingUpdate = (set: KubeObject, wanted: readonly KubeObject[], byNode: ReadonlyMap<string, KubeObject[]>, hash: string): void => {
    const minReady = numberAt(set, 'spec', 'minReadySeconds') ?? 0
    const most = Math.max(scaled(at(set, 'spec', 'updateStrategy', 'rollingUpdate', 'maxUnavailable'), wanted.length, Math.ceil), 1)
    const names = new Set([...byNode.keys(), ...wanted.map((node) => node.metadata.name)])
    const replaceable: KubeObject[] = []
    const candidates: KubeObject[] = []
    let unavailable = 0
    for (const name of names) {
      const live = (byNode.get(name) ?? []).filter((pod) => deletedAt(pod) === '')
      const fresh = live.filter((pod) => labelsOf(pod)[revisionLabel] === hash)
      const [old, ...more] = live.filter((pod) => !fresh.includes(pod))
      if (more.length > 0 || fresh.length + (old ? 1 : 0) !== 1) unavailable += 1
      else if (!old) unavailable += fresh.every((pod) => isAvailable(pod, minReady, now())) ? 0 : 1
      else if (!isAvailable(old, minReady, now())) {
        replaceable.push(old)
        unavailable += 1
      } else if (unavailable < most) candidates.push(old)
    }
    for (const pod of [...replaceable, ...candidates.slice(0, Math.max(most - unavailable, 0))]) removePod(set, pod)
  }

  const statusOf = (set: KubeObject, nodes: readonly KubeObject[], byNode: ReadonlyMap<string, KubeObject[]>, hash: string): JsonMap => {
    const minReady = numberAt(set, 'spec', 'minReadySeconds') ?? 0
    const spec = tolerantSpec(set)
    const first = (node: KubeObject): KubeObject[] => [...(byNode.get(node.metadata.name) ?? [])].sort(byAge).slice(0, 1)
    const wanted = nodes.filter((node) => runsOn(spec, node).start)
    const running = wanted.flatMap(first)
    const available = running.filter((pod) => isAvailable(pod, minReady, now())).length
    return counters(
      {
        currentNumberScheduled: running.length,
        numberMisscheduled: nodes.filter((node) => !wanted.includes(node)).flatMap(first).length,
        desiredNumberScheduled: wanted.length,
        numberReady: running.filter(isReady).length,
        observedGeneration: generationOf(set),
        updatedNumberScheduled: running.filter((pod) => labelsOf(pod)[revisionLabel] === hash).length,
        numberAvailable: available,
        numberUnavailable: wanted.length - available,
        collisionCount: numberAt(set, 'status', 'collisionCount'),
      },
      ['currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady'],
    )
  }

  const podsByNode = (set: KubeObject): Map<string, KubeObject[]> => {
    const byNode = new Map<string, KubeObject[]>()
    for (const pod of ownedBy(store, 'pods', set)) {
      if (deletedAt(pod) !== '' && isFinished(pod)) continue
      const name = targetOf(pod)
      byNode.set(name, [...(byNode.get(name) ?? []), pod])
    }
    return byNode
  }

  const worker = queue.controller('daemonset', (key) => {
    const set = store.get(sets.key, ...splitKey(key))
    if (!set || deletedAt(set) !== '') return
    const nodes = store.list('nodes')
    const { hash, old } = currentRevision(api, store, set)
    const { moved, failure } = manage(set, nodes, podsByNode(set), hash, key)
    if (!moved && textAt(set, 'spec', 'updateStrategy', 'type') === 'RollingUpdate') {
      const spec = tolerantSpec(set)
      rollingUpdate(set, nodes.filter((node) => runsOn(spec, node).start), podsByNode(set), hash)
    }
    if (!failure) removeOldRevisions(api, set, old, ownedBy(store, 'pods', set))
    const status = statusOf(set, nodes, podsByNode(set), hash)
    if (!same(mapAt(set, 'status'), status)) api.update(sets, namespaceOf(set), set.metadata.name, { ...set, status }, { manager, subresource: 'status' })
    if (failure) throw failure
    const minReady = numberAt(set, 'spec', 'minReadySeconds') ?? 0
    if (minReady > 0 && status['numberReady'] !== (status['numberAvailable'] ?? 0)) worker.addAfter(key, minReady * 1000)
  })

  return {
    changed: ({ resource, type, object, previous }) => {
      if (resource === sets.key && type !== 'DELETED') worker.add(keyOf(object))
      if (resource === 'nodes') {
        const relevant = (node: KubeObject): JsonMap => ({ labels: labelsOf(node), taints: taintsOf(node).map(({ key, effect }) => `${key}:${effect}`) })
        if (type !== 'MODIFIED' || !previous || !same(relevant(previous), relevant(object))) for (const set of store.list(sets.key)) worker.add(keyOf(set))
      }
      const owner = resource === 'pods' || resource === 'controllerrevisions.apps' ? controllerOf(object) : undefined
      if (owner?.kind === 'DaemonSet') worker.add(`${namespaceOf(object)}/${owner.name}`)
    },
  }
}
