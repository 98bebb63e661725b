import { appRole, pullSecretRight, rights, type Right, type SecretPlace } from './rights.ts'

const flow = (words: readonly string[]): string => `[${words.map((word) => (word === '' ? '\'\'' : word)).join(', ')}]`

const rule = (right: Right): string => [
  `  # without it ${right.why}`,
  `  - apiGroups: ${flow([right.group])}`,
  `    resources: ${flow(right.resources)}`,
  ...(right.names === undefined ? [] : [`    resourceNames: ${flow(right.names)}`]),
  `    verbs: ${flow(right.verbs)}`,
].join('\n')

const role = (name: string, about: string, held: readonly Right[]): string =>
  `# ${about}\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: ${name}\nrules:\n${held.map(rule).join('\n')}\n`

const subject = 'subjects:\n  - kind: ServiceAccount\n    name: slipway\n    namespace: slipway\n'

const binding = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: slipway
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: slipway
${subject}`

const pull = (secret: SecretPlace): string => `# Where images need a pull secret: PULL_SECRET=${secret.namespace}/${secret.name}, a Secret of that name; it is copied into each app's namespace.
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: slipway-pull
  namespace: ${secret.namespace}
rules:
${rule(pullSecretRight(secret))}
`

const pullBinding = ({ namespace }: SecretPlace): string => `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: slipway-pull
  namespace: ${namespace}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: slipway-pull
${subject}`

const wideAbout = `Cluster-wide: to see what moves, and to make and delete the namespaces of apps. Secrets are not among it, but whoever holds the token can, with the last
# two rules, bind ${appRole} in any namespace, read its Secrets by name and start workloads there: keep it like an administrator's.`
const appAbout = `Inside the namespace of an app: what a release consists of. Slipway binds itself to it in the namespaces it makes and nowhere else; the cluster does not
# hold its token to that.`

/** The pull secret that deploy/slipway.yaml lets Slipway read. */
const shipped: SecretPlace = { namespace: 'slipway', name: 'slipway-pull' }

/** The least ClusterRoles and their bindings, as YAML: what `npm run rights` prints and, with the pull secret it names, deploy/slipway.yaml holds. */
export const rightsManifest = (pullSecret: SecretPlace = shipped): string => [
  role('slipway', wideAbout, rights.filter(({ scope }) => scope === 'cluster')),
  role(appRole, appAbout, rights.filter(({ scope }) => scope === 'app')),
  binding, pull(pullSecret), pullBinding(pullSecret),
].join('---\n')
