import type { Api } from '../api/api.ts'
import { Failure } from '../failure.ts'
import { templateHash } from '../hash.ts'
import { annotationsOf, controllerReference, labelsOf, namespaceOf, type KubeObject } from '../object.ts'
import { canonical, mapAt, numberAt, same, type JsonMap } from '../json.ts'
import { resourceNamed } from '../resources.ts'
import type { Store } from '../store.ts'
import { manager, ownedBy } from './context.ts'

const revisions = resourceNamed('controllerrevisions.apps')
const sets = resourceNamed('daemonsets.apps')
export const revisionLabel = 'controller-revision-hash'

const numberOf = (revision: KubeObject): number => numberAt(revision, 'revision') ?? 0
const patchOf = (set: KubeObject): JsonMap => ({ spec: { template: { ...mapAt(set, 'spec', 'template'), $patch: 'replace' } } })

/** The revision of the set's template, made when there is none, and the older ones. Throws when its name is taken by another template. */
export const currentRevision = (api: Api, store: Store, set: KubeObject): { hash: string; old: KubeObject[] } => {
  const all = ownedBy(store, revisions.key, set)
  const patch = patchOf(set)
  const found = all.find((revision) => same(revision['data'], patch))
  const old = all.filter((revision) => revision !== found)
  const next = Math.max(0, ...old.map(numberOf)) + 1
  const namespace = namespaceOf(set)
  if (found) {
    if (numberOf(found) < next) api.update(revisions, namespace, found.metadata.name, { ...found, revision: next }, { manager })
    return { hash: labelsOf(found)[revisionLabel] ?? '', old }
  }
  const collisions = numberAt(set, 'status', 'collisionCount')
  const hash = templateHash(`${canonical(mapAt(set, 'spec', 'template'))}${collisions ?? ''}`)
  try {
    api.create(
      revisions,
      namespace,
      {
        metadata: {
          name: `${set.metadata.name}-${hash}`,
          labels: { ...mapAt(set, 'spec', 'template', 'metadata', 'labels'), [revisionLabel]: hash },
          annotations: annotationsOf(set),
          ownerReferences: [controllerReference(set)],
        },
        data: patch,
        revision: next,
      },
      { manager },
    )
  } catch (error) {
    if (error instanceof Failure && error.reason === 'AlreadyExists') {
      const status = { ...mapAt(set, 'status'), collisionCount: (collisions ?? 0) + 1 }
      api.update(sets, namespace, set.metadata.name, { ...set, status }, { manager, subresource: 'status' })
    }
    throw error
  }
  return { hash, old }
}

/** Removes the oldest revisions beyond the limit that no pod carries. */
export const removeOldRevisions = (api: Api, set: KubeObject, old: readonly KubeObject[], pods: readonly KubeObject[]): void => {
  const live = new Set(pods.map((pod) => labelsOf(pod)[revisionLabel]))
  let surplus = old.length - (numberAt(set, 'spec', 'revisionHistoryLimit') ?? 10)
  for (const revision of [...old].sort((left, right) => numberOf(left) - numberOf(right))) {
    if (surplus <= 0) return
    if (live.has(labelsOf(revision)[revisionLabel])) continue
    api.remove(revisions, namespaceOf(revision), revision.metadata.name, {})
    surplus -= 1
  }
}
