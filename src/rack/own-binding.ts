import { ClusterRefusal } from './cluster/cluster-error.ts'
import { plainObject } from './cluster/objects.ts'
import { appRole } from './cluster/rights.ts'
import type { AppRack } from './context.ts'
import { ownerLabels } from './render/names.ts'

/** `system:serviceaccount:ns:name` as a subject of a RoleBinding; other names are users. Pure. */
export const subjectOf = (username: string): Readonly<Record<string, string>> => {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? []
  return namespace === undefined || name === undefined
    ? { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: username }
    : { kind: 'ServiceAccount', namespace, name }
}

/**
 * Gives ourselves the rights of `slipway-app` in one of our namespaces and nowhere else (design 5).
 * A cluster that does not tell who we are (before SelfSubjectReview, 1.28) or does not let us bind is left as it is: our rights may already suffice, and
 * what they do not allow is refused by name later.
 */
export const bindOwnRights = async (rack: AppRack, app: string, namespace: string): Promise<void> => {
  try {
    const username = await rack.whoAmI()
    if (username === null) return
    await rack.objects.apply(plainObject({
      apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding',
      metadata: { name: 'slipway', namespace, labels: ownerLabels({ rack: rack.name, app, installation: rack.installation }) },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: appRole }, subjects: [subjectOf(username)],
    }), { force: true })
  } catch (error) {
    if (!(error instanceof ClusterRefusal)) throw error
    rack.log.warn({ app, namespace, err: error }, `could not bind ClusterRole ${appRole} in ${namespace}; our rights have to come from elsewhere`)
  }
}
