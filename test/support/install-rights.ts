import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import type { Api } from '../../sandbox/kubelet/api.ts'

const collections: Readonly<Record<string, string>> = {
  Namespace: '/api/v1/namespaces', ServiceAccount: '/api/v1/namespaces/slipway/serviceaccounts',
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles', ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  Role: '/apis/rbac.authorization.k8s.io/v1/namespaces/slipway/roles', RoleBinding: '/apis/rbac.authorization.k8s.io/v1/namespaces/slipway/rolebindings',
  Deployment: '/apis/apps/v1/namespaces/slipway/deployments',
}
const object = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) })

/** What deploy/slipway.yaml installs, in its order. */
const installation = () =>
  parseAllDocuments(readFileSync(new URL('../../deploy/slipway.yaml', import.meta.url), 'utf8')).map((document) => object.parse(document.toJS()))

/** Installs deploy/slipway.yaml as an administrator; its ServiceAccount is `slipway` in `slipway`. Throws what the cluster refuses. */
export const installRights = async (admin: Api): Promise<void> => {
  for (const each of installation()) {
    // The Deployment is checked, not made: nothing here can build its image.
    const dryRun = each.kind === 'Deployment' ? '?dryRun=All&fieldValidation=Strict' : '?fieldValidation=Strict'
    await admin.post(`${collections[each.kind] ?? `no path for ${each.kind}`}${dryRun}`, each)
  }
}
