import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { pino } from 'pino'
import { startCluster, type ClusterOptions, type SimulatedCluster } from '../../../sandbox/cluster/start.ts'
import { memoryJournal } from '../../../sandbox/journal.ts'
import { ClusterUnreachable } from '../../../src/rack/cluster/cluster-error.ts'
import { connectCluster, type Cluster } from '../../../src/rack/cluster/connect.ts'
import { collectionPath } from '../../../src/rack/cluster/kinds.ts'
import { isBlinding, missingRights, MissingRightsError } from '../../../src/rack/cluster/review-rights.ts'
import { inWords, rights, type MissingRight, type SecretPlace } from '../../../src/rack/cluster/rights.ts'
import { rightsManifest } from '../../../src/rack/cluster/rights-manifest.ts'
import { checkRights } from '../../../src/rack/rights-check.ts'

/** A busy machine may take its time: what counts is that it comes. */
const slowly = { timeout: 20_000, interval: 20 }

type Denied = NonNullable<ClusterOptions['denied']>

describe('the rights we use', () => {
  it('are those of deploy/slipway.yaml, to the letter', () => {
    expect(readFileSync(new URL('../../../deploy/slipway.yaml', import.meta.url), 'utf8')).toContain(`---\n# From here to the Deployment: what \`npm run rights\` prints.\n${rightsManifest()}---\n`)
  })

  it('are YAML that a cluster takes, with the rules of the table and nothing else', () => {
    const documents = parseAllDocuments(rightsManifest()).map((document) => document.toJS())
    expect(documents.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(['ClusterRole slipway', 'ClusterRole slipway-app', 'ClusterRoleBinding slipway', 'Role slipway-pull', 'RoleBinding slipway-pull'])
    const rules = documents.slice(0, 2).flatMap((role) => role.rules)
    expect(rules).toEqual(rights.map(({ group, resources, names, verbs }) => ({ apiGroups: [group], resources: [...resources], ...(names === undefined ? {} : { resourceNames: [...names] }), verbs: [...verbs] })))
  })

  it('let nobody read Secrets, or write anything of an app, on the whole cluster', () => {
    const wide = rights.filter(({ scope }) => scope === 'cluster')
    expect(wide.filter(({ resources }) => resources.includes('secrets'))).toEqual([])
    const writes = wide.filter(({ verbs }) => verbs.some((verb) => verb !== 'list' && verb !== 'watch'))
    expect(writes.flatMap(({ resources }) => resources)).toEqual(['namespaces', 'rolebindings', 'clusterroles'])
  })

  it.each([
    ['v1', 'Secret'], ['v1', 'Service'], ['v1', 'ConfigMap'], ['v1', 'PersistentVolumeClaim'], ['apps/v1', 'Deployment'], ['apps/v1', 'DaemonSet'],
    ['batch/v1', 'CronJob'], ['batch/v1', 'Job'], ['autoscaling/v2', 'HorizontalPodAutoscaler'], ['networking.k8s.io/v1', 'Ingress'],
  ])('include what it takes to apply a %s %s', (apiVersion, kind) => {
    const plural = collectionPath(apiVersion, kind, 'x').split('/').at(-1) ?? ''
    const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : ''
    expect(rights.find((right) => right.scope === 'app' && right.group === group && right.resources.includes(plural))?.verbs).toEqual(expect.arrayContaining(['get', 'create', 'patch']))
  })
})

const lacking = (wanted: (right: MissingRight['right'], verb: string, resource: string) => boolean, namespace: string | null = null): MissingRight[] =>
  rights.flatMap((right) => right.resources.flatMap((resource) => right.verbs.flatMap((verb) => (wanted(right, verb, resource) ? [{ right, verb, resource, namespace }] : []))))

it.each<[string, MissingRight[], string[]]>([
  ['nothing', [], []],
  ['one verb', lacking((_, verb, resource) => resource === 'pods' && verb === 'list'), ['may not list pods in any namespace: rollouts cannot be watched; add it to ClusterRole slipway']],
  ['a whole line', lacking((right) => right.group === 'batch' && right.scope === 'cluster'), ['may not list and watch cronjobs and jobs in any namespace: timers and release commands cannot be watched; add it to ClusterRole slipway']],
  ['different verbs', lacking((right, verb, resource) => right.scope === 'cluster' && (resource === 'deployments' || (resource === 'replicasets' && verb === 'watch'))),
    ['may not list and watch deployments and watch replicasets in any namespace: rollouts cannot be watched; add it to ClusterRole slipway']],
  ['what has no namespace', lacking((_, __, resource) => resource === 'nodes'), ['may not list and watch nodes: processes on a cordoned or lost node are not excused; add it to ClusterRole slipway']],
  ['a named object', lacking((_, verb) => verb === 'bind'), ['may not bind clusterroles slipway-app: Slipway cannot bind itself to slipway-app in the namespaces it makes; add it to ClusterRole slipway']],
  ['one of an app', lacking((right, verb, resource) => right.scope === 'app' && resource === 'jobs' && verb === 'create', 'convox-shop'),
    ['may not create jobs in namespace convox-shop: timers and release commands cannot be released; add it to ClusterRole slipway-app']],
])('says in words what is missing: %s', (_what, missing, words) => {
  expect(inWords(missing)).toEqual(words)
})

describe('the check at start', () => {
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })
  const connected = async (denied: Denied, pullSecret: SecretPlace | null = null): Promise<{ cluster: Cluster; simulated: SimulatedCluster; logged: string[] }> => {
    const simulated = await startCluster({ journal: memoryJournal(), denied })
    const logged: string[] = []
    const cluster = connectCluster({ kubeconfig: simulated.kubeconfig, pullSecret, namespacePrefix: 'convox-', clock: () => new Date(), log: (what, trouble) => logged.push(`${what}: ${trouble}`) })
    closing.push(() => simulated.close(), () => cluster.close())
    return { cluster, simulated, logged }
  }
  const reviews = (simulated: SimulatedCluster) => simulated.requests().filter(({ path }) => path.includes('selfsubjectaccessreviews')).length
  const questions = (scope: 'cluster' | 'app') => rights.filter((right) => right.scope === scope).reduce((sum, { resources, verbs }) => sum + resources.length * verbs.length, 0)

  it('asks once for each right, and for those of an app in the namespace of one', async () => {
    const { cluster, simulated } = await connected(() => false)
    expect(await cluster.missingRights(null)).toEqual([])
    expect(reviews(simulated)).toBe(questions('cluster'))
    expect(await cluster.missingRights('convox-shop')).toEqual([])
    expect(reviews(simulated)).toBe(2 * questions('cluster') + questions('app'))
  })

  it('needs no binding where the rights of an app are held everywhere', async () => {
    const { cluster } = await connected(({ group }) => group === 'rbac.authorization.k8s.io')
    expect(await cluster.missingRights(null)).toEqual([])
  })

  it('names the binding and what would come with it where neither is given', async () => {
    const { cluster } = await connected(({ group, resource }) => group === 'rbac.authorization.k8s.io' || resource === 'secrets')
    const lines = inWords(await cluster.missingRights(null))
    expect(lines.map((line) => line.split(':')[0])).toEqual(['may not create and patch rolebindings in any namespace', 'may not bind clusterroles slipway-app', 'may not get, create, patch, delete and deletecollection secrets in any namespace'])
  })

  it('asks for the pull secret of the rack, and names it where it may not be read', async () => {
    const secret = { namespace: 'slipway', name: 'registry' }
    const { cluster, simulated } = await connected(({ resource, namespace, name }) => resource === 'secrets' && namespace === 'slipway' && name !== 'slipway-pull', secret)
    expect(inWords(await cluster.missingRights(null))).toEqual(['may not get secrets registry in namespace slipway: nothing can be promoted; add it to a Role there'])
    expect(reviews(simulated)).toBe(questions('cluster') + 1)
    expect(isBlinding(await cluster.missingRights(null))).toBe(false)
    expect(await missingRights(cluster.session, null, { ...secret, name: 'slipway-pull' })).toEqual([])
  })

  it('refuses to start only where watching is impossible', async () => {
    const { cluster } = await connected(({ resource, verb }) => resource === 'pods' && verb === 'watch')
    expect(isBlinding(await cluster.missingRights(null))).toBe(true)
    const error = await checkRights(cluster, async () => null, pino({ level: 'silent' })).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(MissingRightsError)
    expect(String(error)).toContain('may not watch pods in any namespace: rollouts cannot be watched; add it to ClusterRole slipway')
  })

  it('goes on without nodes and events, and says once what that means', async () => {
    const { cluster, logged } = await connected(({ resource }) => resource === 'nodes' || resource === 'events')
    const warned: string[] = []
    const check = await checkRights(cluster, async () => null, pino({ level: 'warn' }, { write: (line: string) => void warned.push(JSON.parse(line).msg) }))
    await expect.poll(() => cluster.view.blindSince(), slowly).toBeNull()
    await expect.poll(() => cluster.view.unseen().map(({ kind }) => kind).sort(), slowly).toEqual(['Event', 'Node'])
    expect(warned).toEqual([
      'may not list and watch events in any namespace: threads miss the cluster\'s own words, and some failures are found later; add it to ClusterRole slipway',
      'may not list and watch nodes: processes on a cordoned or lost node are not excused; add it to ClusterRole slipway',
    ])
    expect(check.lines().slice(0, 2)).toEqual(warned)
    expect(check.lines().slice(2).sort()).toEqual([expect.stringMatching(/^Events are not seen: events is forbidden/), expect.stringMatching(/^Nodes are not seen: nodes is forbidden/)])
    expect(logged.map((line) => line.split(':')[0]).sort()).toEqual(['Event', 'Node'])
    check.stop()
  })

  it('is blind, and says why, without a kind that decides', async () => {
    const { cluster } = await connected(({ resource }) => resource === 'replicasets')
    await expect.poll(() => cluster.view.trouble(), slowly).toContain('replicasets.apps is forbidden')
    expect(cluster.view.blindSince()).not.toBeNull()
  })

  it('waits for a cluster that does not answer yet, and asks when it does', async () => {
    const { cluster } = await connected(({ resource }) => resource === 'nodes')
    const warned: string[] = []
    let down = true
    const check = await checkRights({
      view: cluster.view,
      missingRights: async (namespace) => {
        if (!down) return missingRights(cluster.session, namespace)
        down = false
        throw new ClusterUnreachable('POST', new Error('connection refused'))
      },
    }, async () => null, pino({ level: 'warn' }, { write: (line: string) => void warned.push(JSON.parse(line).msg) }))
    await expect.poll(() => check.lines()[0], slowly).toContain('may not list and watch nodes')
    expect(warned).toHaveLength(1)
    check.stop()
  })
})
