import { templateHash } from '../hash.ts'
import { at, canonical, mapAt, numberAt, same } from '../json.ts'
import { controllerOf, deletedAt, generationOf, labelsOf, namespaceOf, type KubeObject } from '../object.ts'
import { resourceNamed } from '../resources.ts'
import { counters } from './conditions.ts'
import { keyOf, manager, ownedBy, splitKey, type Controller, type ControllerContext } from './context.ts'
import { isAvailable, isFinished, isLive, isReady, nodeOf } from './pod-order.ts'
import { bind } from './scheduler.ts'
import { podFrom } from './replicaset.ts'

const sets = resourceNamed('daemonsets.apps')
const pods = resourceNamed('pods')
const hashLabel = 'controller-revision-hash'

/** One pod on every node; a changed template replaces them one after another. Binds by itself, keeps no revisions. */
export const createDaemonSetController = (context: ControllerContext): Controller => {
  const { api, store, queue, now } = context
  const recorder = context.recorder('daemonset-controller')

  const worker = queue.controller('daemonset', (key) => {
    const set = store.get(sets.key, ...splitKey(key))
    if (!set || deletedAt(set) !== '') return
    const hash = templateHash(canonical(at(set, 'spec', 'template')))
    const owned = ownedBy(store, 'pods', set)
    const nodes = store.list('nodes')
    const live = (node: KubeObject): KubeObject | undefined => owned.find((pod) => nodeOf(pod) === node.metadata.name && isLive(pod))
    const current = (pod: KubeObject): boolean => labelsOf(pod)[hashLabel] === hash
    const minReady = numberAt(set, 'spec', 'minReadySeconds') ?? 0
    for (const pod of owned.filter(isFinished)) if (deletedAt(pod) === '') api.remove(pods, namespaceOf(pod), pod.metadata.name, {})
    for (const node of nodes) {
      if (owned.some((pod) => nodeOf(pod) === node.metadata.name && !isFinished(pod))) continue
      const body = podFrom(set)
      const metadata = mapAt(body, 'metadata')
      const pod = api.create(pods, namespaceOf(set), { ...body, metadata: { ...metadata, labels: { ...mapAt(metadata, 'labels'), [hashLabel]: hash } } }, { manager })
      bind(store, pod, node.metadata.name, now())
      recorder.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`)
    }
    const waiting = nodes.filter((node) => !owned.some((pod) => nodeOf(pod) === node.metadata.name && isLive(pod) && isAvailable(pod, minReady, now())))
    const stale = nodes.map(live).find((pod) => pod !== undefined && !current(pod))
    if (stale && waiting.every((node) => live(node) === stale)) {
      api.remove(pods, namespaceOf(stale), stale.metadata.name, {})
      recorder.event(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${stale.metadata.name}`)
    }
    const running = nodes.map(live).filter((pod) => pod !== undefined)
    const available = running.filter((pod) => isAvailable(pod, minReady, now())).length
    const status = counters(
      {
        currentNumberScheduled: running.length,
        numberMisscheduled: 0,
        desiredNumberScheduled: nodes.length,
        numberReady: running.filter(isReady).length,
        observedGeneration: generationOf(set),
        updatedNumberScheduled: running.filter(current).length,
        numberAvailable: available,
        numberUnavailable: nodes.length - available,
      },
      ['currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady'],
    )
    if (!same(mapAt(set, 'status'), status)) api.update(sets, namespaceOf(set), set.metadata.name, { ...set, status }, { manager, subresource: 'status' })
    if (minReady > 0 && available < running.length) worker.addAfter(key, minReady * 1000)
  })

  return {
    changed: ({ resource, type, object }) => {
      if (resource === sets.key && type !== 'DELETED') worker.add(keyOf(object))
      if (resource === 'nodes' && type !== 'MODIFIED') for (const set of store.list(sets.key)) worker.add(keyOf(set))
      const owner = resource === 'pods' ? controllerOf(object) : undefined
      if (owner?.kind === 'DaemonSet') worker.add(`${namespaceOf(object)}/${owner.name}`)
    },
  }
}
