import { printQuantity } from '../admission/quantity.ts'
import { usedIn } from '../admission/quota.ts'
import { Failure } from '../failure.ts'
import { at, listAt, mapAt, mapsAt, same, textAt, textsAt, type JsonMap } from '../json.ts'
import { deletedAt, finalizersOf, namespaceOf, ownersOf, timestamp, type KubeObject } from '../object.ts'
import { resourceNamed, resourceOfKind, resources } from '../resources.ts'
import { keyOf, manager, splitKey, type Controller, type ControllerContext } from './context.ts'

const namespaces = resourceNamed('namespaces')
const stored = resources.filter((resource) => resource.type !== '')
const contents = stored.filter((resource) => resource.namespaced)
/** An event is kept for an hour (kube-apiserver --event-ttl). */
const eventLife = 3_600_000

/** A deleted namespace is left alone for so long, in ms (a real one for five seconds), so that everybody sees it go. */
const deletionDelay = 1_000

/** What a namespace that is going says of what it still holds (staging/src/k8s.io/controller-manager: pkg/controller/namespace/deletion). */
const deletionConditions = (left: readonly KubeObject[], lastTransitionTime: string): JsonMap[] => {
  const tally = (names: readonly string[]): [string, number][] => [...new Set(names)].sort().map((name) => [name, names.filter((other) => other === name).length])
  const kinds = tally(left.map((object) => resourceOfKind(object.apiVersion, object.kind)).map((resource) => (resource ? `${resource.plural}.${resource.group}` : ''))).map(([name, count]) => `${name} has ${count} resource instances`)
  const holders = tally(left.flatMap(finalizersOf)).map(([name, count]) => `${name} in ${count} resource instances`)
  const good = (type: string, reason: string, message: string): JsonMap => ({ type, status: 'False', lastTransitionTime, reason, message })
  return [
    good('NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'),
    good('NamespaceDeletionGroupVersionParsingFailure', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'),
    good('NamespaceDeletionContentFailure', 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization'),
    kinds.length === 0
      ? good('NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed')
      : { type: 'NamespaceContentRemaining', status: 'True', lastTransitionTime, reason: 'SomeResourcesRemain', message: `Some resources are remaining: ${kinds.join(', ')}` },
    holders.length === 0
      ? good('NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished')
      : { type: 'NamespaceFinalizersRemaining', status: 'True', lastTransitionTime, reason: 'SomeFinalizersRemain', message: `Some content in the namespace has finalizers remaining: ${holders.join(', ')}` },
  ]
}

/** A namespace gets its default service account and the cluster's certificate; a deleted one is emptied, then goes. */
export const createNamespaceController = (context: ControllerContext, certificate: string): Controller => {
  const { api, store, queue, now } = context
  /** When the deletion of each was seen, in ms since the epoch: its own timestamp knows only seconds. */
  const noticed = new Map<string, number>()

  const furnish = (name: string): void => {
    if (!store.get('serviceaccounts', name, 'default')) api.create(resourceNamed('serviceaccounts'), name, { metadata: { name: 'default' } }, { manager })
    if (!store.get('configmaps', name, 'kube-root-ca.crt')) api.create(resourceNamed('configmaps'), name, { metadata: { name: 'kube-root-ca.crt' }, data: { 'ca.crt': certificate } }, { manager })
  }

  const report = (namespace: KubeObject, left: readonly KubeObject[]): void => {
    const conditions = deletionConditions(left, timestamp(now()))
    const before = mapsAt(namespace, 'status', 'conditions')
    const kept = conditions.map((condition) => before.find((known) => ['type', 'status', 'reason', 'message'].every((field) => known[field] === condition[field])) ?? condition)
    const status = { ...mapAt(namespace, 'status'), conditions: kept }
    if (!same(mapAt(namespace, 'status'), status)) api.update(namespaces, '', namespace.metadata.name, { ...namespace, status }, { manager, subresource: 'status' })
  }

  const worker = queue.controller('namespace', (name) => {
    const namespace = store.get(namespaces.key, '', name)
    if (!namespace) return
    if (deletedAt(namespace) === '') {
      furnish(name)
      return
    }
    const seen = noticed.get(name) ?? now()
    noticed.set(name, seen)
    if (now() < seen + deletionDelay) {
      worker.addAfter(name, seen + deletionDelay - now())
      return
    }
    const left: KubeObject[] = []
    // Pods go first, and everything else only when none is left (OrderedNamespaceDeletion).
    const first = store.list('pods', name).length > 0
    for (const resource of first ? [resourceNamed('pods')] : contents) {
      for (const object of store.list(resource.key, name)) {
        if (deletedAt(object) === '') api.remove(resource, name, object.metadata.name, { propagation: 'Background' })
        left.push(...[store.get(resource.key, name, object.metadata.name)].filter((still) => still !== undefined))
      }
    }
    if (first && left.length === 0) worker.addAfter(name, deletionDelay)
    else if (left.length === 0 && finalizersOf(namespace).length === 0) {
      store.remove(namespaces.key, namespace)
      noticed.delete(name)
    }
    // Pods that are ending are not counted as remaining.
    else report(namespace, first ? [] : left)
  })

  return {
    changed: ({ resource, type, object }) => {
      if (resource === namespaces.key && type !== 'DELETED') worker.add(object.metadata.name)
      const home = namespaceOf(object)
      const gone = type === 'DELETED' && home !== ''
      if (gone && (resource === 'serviceaccounts' || resource === 'configmaps' || deletedAt(store.get(namespaces.key, '', home) ?? object) !== '')) {
        // Controllers see the end of what goes before the next step is taken.
        if (noticed.has(home)) worker.addAfter(home, deletionDelay)
        else worker.add(home)
      }
    },
  }
}

/** Deletes what nobody owns any more, and lets foreground and orphan deletions end. */
export const createGarbageCollector = (context: ControllerContext): Controller => {
  const { api, store, queue } = context

  const exists = (child: KubeObject, owner: { apiVersion: string; kind: string; name: string; uid: string }): boolean => {
    const resource = resourceOfKind(owner.apiVersion, owner.kind)
    // Of a kind not served here nothing is known: such an owner is left alone.
    if (!resource) return true
    return store.get(resource.key, resource.namespaced ? namespaceOf(child) : '', owner.name)?.metadata.uid === owner.uid
  }

  const dependents = (owner: KubeObject): { resource: (typeof stored)[number]; object: KubeObject }[] =>
    stored.flatMap((resource) =>
      store
        .list(resource.key, resource.namespaced && namespaceOf(owner) !== '' ? namespaceOf(owner) : undefined)
        .filter((object) => ownersOf(object).some((reference) => reference.uid === owner.metadata.uid))
        .map((object) => ({ resource, object })),
    )

  const withoutFinalizer = (key: string, object: KubeObject, name: string): void => {
    const finalizers = finalizersOf(object).filter((item) => item !== name)
    api.update(resourceNamed(key), namespaceOf(object), object.metadata.name, { ...object, metadata: { ...object.metadata, finalizers: finalizers.length > 0 ? finalizers : undefined } }, { manager })
  }

  const worker = queue.controller('garbage', (id) => {
    const [key = '', namespace = '', name = ''] = id.split('/')
    const resource = resourceNamed(key)
    const object = store.get(key, namespace, name)
    if (!object) return
    if (deletedAt(object) !== '' && finalizersOf(object).includes('foregroundDeletion')) {
      const blocking = dependents(object).filter(({ object: child }) => ownersOf(child).some((owner) => owner.uid === object.metadata.uid && owner.blockOwnerDeletion === true))
      if (blocking.length === 0) withoutFinalizer(key, object, 'foregroundDeletion')
      for (const { resource: kind, object: child } of blocking) if (deletedAt(child) === '') api.remove(kind, namespaceOf(child), child.metadata.name, { propagation: 'Foreground' })
      return
    }
    if (deletedAt(object) !== '' && finalizersOf(object).includes('orphan')) {
      for (const { resource: kind, object: child } of dependents(object)) {
        const owners = listAt(child, 'metadata', 'ownerReferences').filter((owner) => textAt(owner, 'uid') !== object.metadata.uid)
        api.update(kind, namespaceOf(child), child.metadata.name, { ...child, metadata: { ...child.metadata, ownerReferences: owners.length > 0 ? owners : undefined } }, { manager })
      }
      withoutFinalizer(key, object, 'orphan')
      return
    }
    const owners = ownersOf(object)
    if (owners.length === 0 || deletedAt(object) !== '') return
    if (owners.every((owner) => !exists(object, owner))) api.remove(resource, namespace, name, { uid: object.metadata.uid, propagation: 'Background' })
  })

  const idOf = (resource: string, object: KubeObject): string => `${resource}/${namespaceOf(object)}/${object.metadata.name}`

  return {
    changed: ({ resource, type, object }) => {
      if (type !== 'DELETED') {
        if (ownersOf(object).length > 0 || finalizersOf(object).length > 0) worker.add(idOf(resource, object))
        return
      }
      for (const child of dependents(object)) worker.add(idOf(child.resource.key, child.object))
      for (const owner of ownersOf(object)) {
        const kind = resourceOfKind(owner.apiVersion, owner.kind)
        if (kind) worker.add(`${kind.key}/${kind.namespaced ? namespaceOf(object) : ''}/${owner.name}`)
      }
    },
  }
}

/** Keeps `status.used` of every quota. */
export const createQuotaController = (context: ControllerContext): Controller => {
  const { api, store, queue } = context
  const quotas = resourceNamed('resourcequotas')
  const worker = queue.controller('quota', (key) => {
    const quota = store.get(quotas.key, ...splitKey(key))
    if (!quota || deletedAt(quota) !== '') return
    const hard = textsAt(quota, 'spec', 'hard')
    const used = Object.fromEntries(Object.entries(usedIn(store, resources, quota)).map(([name, amount]) => [name, printQuantity(name, amount)]))
    const status = { hard, used }
    if (!same(mapAt(quota, 'status'), status)) api.update(quotas, namespaceOf(quota), quota.metadata.name, { ...quota, status }, { manager, subresource: 'status' })
  })
  return {
    changed: ({ resource, type, object, previous }) => {
      if (resource === quotas.key) {
        if (type !== 'DELETED') worker.add(keyOf(object))
        return
      }
      const counts = type !== 'MODIFIED' || (resource === 'pods' && at(previous, 'status', 'phase') !== at(object, 'status', 'phase'))
      if (counts && namespaceOf(object) !== '') for (const quota of store.list(quotas.key, namespaceOf(object))) worker.add(keyOf(quota))
    },
  }
}

/** Forgets old events. Returns the way to stop. */
export const expireEvents = ({ store, api, clock, now }: ControllerContext): (() => void) => {
  const events = resourceNamed('events')
  const sweep = (): void => {
    const oldest = timestamp(now() - eventLife)
    for (const event of store.list(events.key)) {
      const last = textAt(event, 'lastTimestamp') || textAt(event, 'series', 'lastObservedTime') || event.metadata.creationTimestamp
      if (last >= oldest) continue
      try {
        api.remove(events, namespaceOf(event), event.metadata.name, {})
      } catch (error) {
        if (!(error instanceof Failure)) throw error
      }
    }
    stop = clock.after(60_000, sweep)
  }
  let stop = clock.after(60_000, sweep)
  return () => stop()
}
