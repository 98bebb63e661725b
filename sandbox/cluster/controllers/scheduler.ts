import { podAmounts, isTerminal } from '../admission/quota.ts'
import { quantity } from '../admission/quantity.ts'
import { conflict } from '../failure.ts'
import { at, mapAt, mapsAt, same, textAt, textsAt } from '../json.ts'
import { deletedAt, generationOf, labelsOf, namespaceOf, timestamp, type KubeObject } from '../object.ts'
import { resourceNamed } from '../resources.ts'
import type { Store } from '../store.ts'
import { withCondition } from './conditions.ts'
import { claimsOf, unboundClaims } from './claim-use.ts'
import { keyOf, splitKey, type Controller, type ControllerContext } from './context.ts'
import { cordoned, isNodeReady, matchesNode, namedNodes, taintsOf, tolerates } from './node-fit.ts'
import { nodeOf } from './pod-order.ts'

const pods = resourceNamed('pods')

/** Gives a pod its node, as POST …/binding does: neither generation nor spec rules apply. Throws 409 for a pod that has one. */
export const bind = (store: Store, pod: KubeObject, node: string, now: number): void => {
  if (deletedAt(pod) !== '') throw conflict(pods, pod.metadata.name, `pod ${pod.metadata.name} is being deleted, cannot be assigned to a host`)
  if (nodeOf(pod) !== '') throw conflict(pods, pod.metadata.name, `pod ${pod.metadata.name} is already assigned to node ${JSON.stringify(nodeOf(pod))}`)
  const status = mapAt(pod, 'status')
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: timestamp(now) }
  const conditions = withCondition(mapsAt(status, 'conditions'), scheduled)
  store.save('pods', { ...pod, spec: { ...mapAt(pod, 'spec'), nodeName: node }, status: { ...status, conditions } })
}

interface Reasons {
  texts: string[]
  /** Whether no amount of eviction would help. */
  final: boolean
}

/** Why the pod does not fit on the node; no texts when it does. */
const reasonsAgainst = (store: Store, pod: KubeObject, node: KubeObject): Reasons => {
  const spec = mapAt(pod, 'spec')
  const named = namedNodes(spec)
  if (named && !named.includes(node.metadata.name)) return { texts: ["node(s) didn't satisfy plugin(s) [NodeAffinity]"], final: true }
  if (at(node, 'spec', 'unschedulable') === true && !tolerates(spec, cordoned)) return { texts: ['node(s) were unschedulable'], final: true }
  if (!matchesNode(spec, node)) return { texts: ["node(s) didn't match Pod's node affinity/selector"], final: true }
  if (taintsOf(node).some((taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(spec, taint))) return { texts: ['node(s) had untolerated taint(s)'], final: true }

  const allocatable = { ...textsAt(node, 'status', 'capacity'), ...textsAt(node, 'status', 'allocatable') }
  const here = store.list('pods').filter((other) => nodeOf(other) === node.metadata.name && !isTerminal(other))
  const texts: string[] = []
  let final = false
  if (allocatable['pods'] !== undefined && here.length + 1 > Number(allocatable['pods'])) texts.push('Too many pods')
  for (const [name, asked] of Object.entries(podAmounts(mapAt(pod, 'spec'), 'requests')).sort()) {
    const total = quantity(allocatable[name]) ?? 0
    const taken = here.reduce((sum, other) => sum + (podAmounts(mapAt(other, 'spec'), 'requests')[name] ?? 0), 0)
    if (asked <= total - taken || asked === 0) continue
    texts.push(`Insufficient ${name}`)
    final ||= asked > total
  }
  return { texts, final }
}

const counted = (texts: string[]): string => {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts]
    .map(([text, count]) => `${count} ${text}`)
    .sort()
    .join(', ')
}

export const createScheduler = (context: ControllerContext): Controller => {
  const { api, store, queue, now, schedulerRecorder } = context

  const refuse = (pod: KubeObject, message: string): void => {
    const status = mapAt(pod, 'status')
    const before = mapsAt(status, 'conditions')
    const condition = {
      type: 'PodScheduled',
      observedGeneration: generationOf(pod),
      status: 'False',
      lastProbeTime: null,
      lastTransitionTime: timestamp(now()),
      reason: 'Unschedulable',
      message,
    }
    const kept = before.filter((known) => textAt(known, 'type') !== 'PodScheduled')
    const known = before.find((item) => textAt(item, 'type') === 'PodScheduled')
    const unchanged = known && same({ ...known, lastTransitionTime: '' }, { ...condition, lastTransitionTime: '' })
    if (!unchanged) {
      const transition = known?.['status'] === 'False' ? { lastTransitionTime: known['lastTransitionTime'] } : {}
      api.update(pods, namespaceOf(pod), pod.metadata.name, { ...pod, status: { ...status, conditions: [...kept, { ...condition, ...transition }] } }, { manager: 'kube-scheduler', subresource: 'status' })
    }
    schedulerRecorder.event(pod, 'Warning', 'FailedScheduling', 'Scheduling', message)
  }

  /** What an unscheduled pod waits for, by uid: only that makes the scheduler look again (its queueing hints), and not too often. */
  const waiting = new Map<string, { lacks: 'room' | 'node' | 'claim'; attempts: number; tried: number }>()
  const wait = (pod: KubeObject, lacks: 'room' | 'node' | 'claim', message: string): void => {
    waiting.set(pod.metadata.uid, { lacks, attempts: (waiting.get(pod.metadata.uid)?.attempts ?? 0) + 1, tried: now() })
    refuse(pod, message)
  }

  const worker = queue.controller('scheduler', (key) => {
    const pod = store.get('pods', ...splitKey(key))
    if (!pod || nodeOf(pod) !== '' || deletedAt(pod) !== '' || isTerminal(pod) || textAt(pod, 'spec', 'schedulerName') !== 'default-scheduler') return
    const nodes = store.list('nodes')
    if (nodes.length === 0) {
      wait(pod, 'node', 'no nodes available to schedule pods')
      return
    }
    const waitsFor = unboundClaims(store, pod)
    if (waitsFor !== undefined) {
      wait(pod, 'claim', `0/${nodes.length} nodes are available: ${waitsFor}. not found`)
      return
    }
    const judged = nodes.map((node) => ({ node, reasons: reasonsAgainst(store, pod, node) }))
    const load = (node: KubeObject): number => store.list('pods').filter((other) => nodeOf(other) === node.metadata.name && !isTerminal(other)).length
    const [chosen] = judged.filter(({ reasons }) => reasons.texts.length === 0).sort((left, right) => load(left.node) - load(right.node))
    if (chosen) {
      waiting.delete(pod.metadata.uid)
      bind(store, pod, chosen.node.metadata.name, now())
      schedulerRecorder.event(pod, 'Normal', 'Scheduled', 'Binding', `Successfully assigned ${namespaceOf(pod)}/${pod.metadata.name} to ${chosen.node.metadata.name}`)
      return
    }
    const verdict = `0/${nodes.length} nodes are available:`
    const preemption = counted(judged.map(({ reasons }) => (reasons.final ? 'Preemption is not helpful for scheduling' : 'No preemption victims found for incoming pod')))
    const lacks = judged.some(({ reasons }) => reasons.texts.some((text) => /^(Insufficient|Too many)/.test(text))) ? 'room' : 'node'
    wait(pod, lacks, `${verdict} ${counted(judged.flatMap(({ reasons }) => reasons.texts))}. no new claims to deallocate, preemption: ${verdict} ${preemption}.`)
  })

  /** Tries again what may be helped now, at the end of its back-off: one second, doubling, at most ten (PodInitialBackoffSeconds). */
  const retry = (helps: (pod: KubeObject, lacks: 'room' | 'node' | 'claim') => boolean): void => {
    for (const pod of store.list('pods')) {
      const attempt = waiting.get(pod.metadata.uid)
      if (nodeOf(pod) !== '' || isTerminal(pod) || (attempt && !helps(pod, attempt.lacks))) continue
      worker.addAfter(keyOf(pod), attempt ? Math.max(attempt.tried + Math.min(1_000 * 2 ** (attempt.attempts - 1), 10_000) - now(), 0) : 0)
    }
  }

  return {
    changed: ({ resource, type, object, previous }) => {
      if (resource === 'pods') {
        if (type === 'DELETED') waiting.delete(object.metadata.uid)
        if (type === 'ADDED' && nodeOf(object) === '') worker.add(keyOf(object))
        // Room was made.
        const ended = type === 'DELETED' || isTerminal(object)
        if (ended && nodeOf(object) !== '' && !(previous && isTerminal(previous) && type !== 'DELETED')) retry((_, lacks) => lacks === 'room')
      }
      if (resource === 'persistentvolumeclaims') retry((pod, lacks) => lacks === 'claim' && namespaceOf(pod) === namespaceOf(object) && claimsOf(pod).includes(object.metadata.name))
      if (resource === 'nodes') {
        const relevant = (node: KubeObject | undefined): unknown[] => (node ? [isNodeReady(node), node['spec'], at(node, 'status', 'allocatable'), labelsOf(node)] : [])
        if (type === 'ADDED' || JSON.stringify(relevant(previous)) !== JSON.stringify(relevant(object))) retry((_, lacks) => lacks !== 'claim')
      }
    },
  }
}

/** POST …/pods/x/eviction: marks the pod and deletes it. */
export const evict = (context: Pick<ControllerContext, 'api' | 'now'>, pod: KubeObject, grace: number | undefined): void => {
  const status = mapAt(pod, 'status')
  const condition = { type: 'DisruptionTarget', status: 'True', lastProbeTime: null, lastTransitionTime: timestamp(context.now()), reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' }
  const conditions = withCondition(mapsAt(status, 'conditions'), condition)
  context.api.update(pods, namespaceOf(pod), pod.metadata.name, { ...pod, status: { ...status, conditions } }, { manager: 'kube-apiserver', subresource: 'status' })
  context.api.remove(pods, namespaceOf(pod), pod.metadata.name, grace === undefined ? {} : { grace })
}
