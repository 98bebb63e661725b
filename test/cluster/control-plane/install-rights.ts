import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import type { Api } from '../../../sandbox/kubelet/api.ts'

const rbac = '/apis/rbac.authorization.k8s.io/v1'
const collections: Readonly<Record<string, string>> = {
  Namespace: '/api/v1/namespaces', ServiceAccount: '/api/v1/namespaces/slipway/serviceaccounts', ClusterRole: `${rbac}/clusterroles`,
  ClusterRoleBinding: `${rbac}/clusterrolebindings`, Role: `${rbac}/namespaces/slipway/roles`, RoleBinding: `${rbac}/namespaces/slipway/rolebindings`,
}
const object = z.looseObject({ kind: z.string() })

/** Makes what deploy/slipway.yaml installs, but for the Deployment: ServiceAccount `slipway/slipway` then has exactly the rights of that file. */
export const installRights = async (admin: Api): Promise<void> => {
  const text = readFileSync(new URL('../../../deploy/slipway.yaml', import.meta.url), 'utf8')
  for (const each of parseAllDocuments(text).map((document) => object.parse(document.toJS()))) {
    const path = collections[each.kind]
    if (path !== undefined) await admin.post(`${path}?fieldValidation=Strict`, each)
  }
}
