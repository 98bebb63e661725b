import { ClusterRefusal, ClusterUnreachable } from './cluster/cluster-error.ts'
import type { PlainObject } from './cluster/objects.ts'
import type { AppRack } from './context.ts'
import { refuse } from './refusal.ts'
import { renderNamespace } from './render/render.ts'

const namespaceName = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', name })

/** True when the namespace carries the labels of this installation, rack and app: only then it is ever adopted or deleted (design 5). */
export const isOurs = (rack: Pick<AppRack, 'name' | 'installation'>, app: string, namespace: PlainObject): boolean => {
  const labels = namespace.metadata.labels ?? {}
  return labels['app.kubernetes.io/managed-by'] === 'slipway' && labels['slipway-installation'] === rack.installation && labels['rack'] === rack.name && labels['app'] === app
}

/** Turns what the cluster did wrong into a refusal that a person can act on. */
export const clusterTrouble = (error: unknown, object: string): never => {
  if (error instanceof ClusterUnreachable) return refuse({ code: 'cluster_unreachable', since: null })
  if (error instanceof ClusterRefusal) return refuse({ code: 'cluster_refused', object, message: error.message })
  throw error
}

/** Makes the app's namespace, or finds the one that an earlier try made. Returns its uid. */
export const ensureNamespace = async (rack: AppRack, app: string): Promise<string> => {
  const wanted = renderNamespace({ rack: rack.name, app, installation: rack.installation })
  const name = wanted.metadata.name
  try {
    const there = await rack.objects.read(namespaceName(name))
    if (there !== undefined) {
      if (!isOurs(rack, app, there)) return refuse({ code: 'namespace_not_ours', namespace: name })
      if (there.metadata.deletionTimestamp !== undefined) return refuse({ code: 'app_deleting', app })
      return there.metadata.uid ?? ''
    }
    const made = await rack.objects.create({ ...wanted, metadata: { ...wanted.metadata } })
    return made.metadata.uid ?? ''
  } catch (error) {
    return clusterTrouble(error, `namespace ${name}`)
  }
}

/** Deletes the app's namespace when labels and uid agree; a namespace that is not ours stays. */
export const removeNamespace = async (rack: AppRack, app: string, name: string, uid: string | null): Promise<void> => {
  try {
    const there = await rack.objects.read(namespaceName(name))
    if (there === undefined || there.metadata.deletionTimestamp !== undefined) return
    if (!isOurs(rack, app, there) || uid === null || there.metadata.uid !== uid) return refuse({ code: 'namespace_not_ours', namespace: name })
    await rack.objects.remove(namespaceName(name), uid)
  } catch (error) {
    clusterTrouble(error, `namespace ${name}`)
  }
}
