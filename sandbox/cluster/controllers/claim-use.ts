import { mapsAt, textAt } from '../json.ts'
import { deletedAt, namespaceOf, type KubeObject } from '../object.ts'
import type { Store } from '../store.ts'

/** The claims that a pod mounts. */
export const claimsOf = (pod: KubeObject): string[] => mapsAt(pod, 'spec', 'volumes').map((volume) => textAt(volume, 'persistentVolumeClaim', 'claimName')).filter((name) => name !== '')

/** Why the scheduler will not look at nodes for that pod yet, in its words; undefined when its claims are bound. */
export const unboundClaims = (store: Store, pod: KubeObject): string | undefined => {
  const names = claimsOf(pod)
  for (const name of names) {
    const claim = store.get('persistentvolumeclaims', namespaceOf(pod), name)
    if (!claim) return `persistentvolumeclaim ${JSON.stringify(name)} not found`
    if (deletedAt(claim) !== '') return `persistentvolumeclaim ${JSON.stringify(name)} is being deleted`
  }
  const unbound = names.some((name) => textAt(store.get('persistentvolumeclaims', namespaceOf(pod), name), 'status', 'phase') !== 'Bound')
  return unbound ? 'pod has unbound immediate PersistentVolumeClaims' : undefined
}
