/** Where a right is held: on the whole cluster, in the namespace of each app, through a RoleBinding to the ClusterRole `appRole`, or where the pull secret is. */
export type RightScope = 'cluster' | 'app' | 'pull_secret'

/** Where a Secret is. */
export interface SecretPlace { readonly namespace: string; readonly name: string }

/** One rule of a ClusterRole, and what goes wrong without it. */
export interface Right {
  readonly scope: RightScope
  /** API group; empty for the core one. */
  readonly group: string
  /** `pods`, `pods/log`. */
  readonly resources: readonly string[]
  /** Only these objects; all when left out. */
  readonly names?: readonly string[]
  readonly verbs: readonly ('get' | 'list' | 'watch' | 'create' | 'patch' | 'delete' | 'deletecollection' | 'bind')[]
  /** What does not work without it: the end of a sentence. */
  readonly why: string
  /** Without a `vital` one what rolls out cannot be judged, and Slipway does not start. */
  readonly vital?: boolean
}

/** The ClusterRole with everything we write inside an app's namespace; the installation makes it (deploy/slipway.yaml). */
export const appRole = 'slipway-app'

const seen = ['list', 'watch'] as const
/** What has a name and our labels is deleted in one request, which the API counts as one of a collection. */
const written = ['get', 'create', 'patch', 'delete', 'deletecollection'] as const

/**
 * Every right Slipway uses: deploy/slipway.yaml is written from this table, the check at start asks for it line by line, and the cluster suite has no other.
 * SelfSubjectReviews and SelfSubjectAccessReviews are everybody's (`system:basic-user`) and not among them. No line reads Secrets
 * cluster-wide; yet who may bind `appRole` in any namespace may read those that it can name there.
 */
export const rights: readonly Right[] = [
  { scope: 'cluster', group: 'apps', resources: ['deployments', 'replicasets'], verbs: seen, why: 'rollouts cannot be watched', vital: true },
  { scope: 'cluster', group: '', resources: ['pods'], verbs: seen, why: 'rollouts cannot be watched', vital: true },
  { scope: 'cluster', group: 'apps', resources: ['daemonsets'], verbs: seen, why: 'agents cannot be watched', vital: true },
  { scope: 'cluster', group: 'batch', resources: ['cronjobs', 'jobs'], verbs: seen, why: 'timers and release commands cannot be watched', vital: true },
  { scope: 'cluster', group: '', resources: ['events'], verbs: seen, why: 'threads miss the cluster\'s own words, and some failures are found later' },
  { scope: 'cluster', group: '', resources: ['nodes'], verbs: seen, why: 'processes on a cordoned or lost node are not excused' },
  { scope: 'cluster', group: '', resources: ['namespaces'], verbs: ['get', 'list', 'watch', 'create', 'delete'], why: 'apps cannot be created or deleted, and a namespace that somebody deletes looks like a failure' },
  { scope: 'cluster', group: 'rbac.authorization.k8s.io', resources: ['rolebindings'], verbs: ['create', 'patch'], why: `Slipway cannot bind itself to ${appRole} in the namespaces it makes` },
  { scope: 'cluster', group: 'rbac.authorization.k8s.io', resources: ['clusterroles'], names: [appRole], verbs: ['bind'], why: `Slipway cannot bind itself to ${appRole} in the namespaces it makes` },
  { scope: 'app', group: 'apps', resources: ['deployments', 'daemonsets'], verbs: written, why: 'services and agents cannot be released' },
  { scope: 'app', group: 'batch', resources: ['cronjobs', 'jobs'], verbs: written, why: 'timers and release commands cannot be released' },
  { scope: 'app', group: '', resources: ['secrets', 'services', 'configmaps'], verbs: written, why: 'releases cannot be applied' },
  { scope: 'app', group: '', resources: ['persistentvolumeclaims'], verbs: ['get', 'create', 'patch'], why: 'volumes cannot be made; they are never deleted' },
  { scope: 'app', group: 'autoscaling', resources: ['horizontalpodautoscalers'], verbs: written, why: 'services with scale targets cannot be released' },
  { scope: 'app', group: 'networking.k8s.io', resources: ['ingresses'], verbs: written, why: 'services with a domain cannot be released' },
  { scope: 'app', group: '', resources: ['pods/log'], verbs: ['get'], why: 'a failure is told without the last lines of its log' },
]

/** To read the rack's pull secret, for racks that have one: no line of the table, as its name is a setting. */
export const pullSecretRight = ({ name }: SecretPlace): Right => ({ scope: 'pull_secret', group: '', resources: ['secrets'], names: [name], verbs: ['get'], why: 'nothing can be promoted' })

/** One thing the cluster does not let us do. */
export interface MissingRight { readonly right: Right; readonly verb: string; readonly resource: string; readonly namespace: string | null }

const listed = (words: readonly string[]): string => (words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`)

/** `may not list and watch pods in any namespace: rollouts cannot be watched; add it to ClusterRole slipway`: one line for each line of the table. Pure. */
export const inWords = (missing: readonly MissingRight[]): readonly string[] =>
  [...new Set([...rights, ...missing.map(({ right }) => right)])].flatMap((right) => {
    const ours = missing.filter((each) => each.right === right)
    const [first] = ours
    if (first === undefined) return []
    const byResource = right.resources.flatMap((resource) => {
      const verbs = ours.filter((each) => each.resource === resource).map(({ verb }) => verb)
      return verbs.length === 0 ? [] : [{ resource, verbs: listed(verbs) }]
    })
    const same = byResource.every(({ verbs }) => verbs === byResource[0]?.verbs)
    const what = same ? `${byResource[0]?.verbs ?? ''} ${listed(byResource.map(({ resource }) => resource))}` : listed(byResource.map(({ resource, verbs }) => `${verbs} ${resource}`))
    const named = right.names === undefined ? '' : ` ${listed(right.names)}`
    const where = first.namespace !== null ? ` in namespace ${first.namespace}` : isClusterWide(right) ? '' : ' in any namespace'
    return [`may not ${what}${named}${where}: ${right.why}; add it to ${roleOf[right.scope]}`]
  })

const isClusterWide = (right: Right): boolean => right.resources.some((resource) => ['nodes', 'namespaces', 'clusterroles'].includes(resource))

/** What holds the rights of a scope. */
const roleOf = { cluster: 'ClusterRole slipway', app: `ClusterRole ${appRole}`, pull_secret: 'a Role there' } as const satisfies Record<RightScope, string>
