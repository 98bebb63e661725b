import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { connectApi, type Api } from '../../sandbox/kubelet/api.ts'
import { connectCluster, type Cluster } from '../../src/rack/cluster/connect.ts'
import { appRole, inWords, rights } from '../../src/rack/cluster/rights.ts'
import { subjectOf } from '../../src/rack/own-binding.ts'
import { installRights } from '../support/install-rights.ts'
import { canRunControlPlane } from './control-plane/available.ts'
import { startControlPlane, type ControlPlane } from './control-plane/start.ts'

const namespace = 'convox-rights'
const labels = { 'app.kubernetes.io/managed-by': 'slipway', 'slipway-installation': 'i1' }
const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles'
const deployment = (name: string) => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace, labels },
  spec: { replicas: 1, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'shop:1' }] } } },
})
const slowly = { timeout: 30_000, interval: 100 }

describe.skipIf(!canRunControlPlane())('the rights of deploy/slipway.yaml on a real control plane', () => {
  let control: ControlPlane
  let admin: Api
  let kubeconfig = ''
  const open: Cluster[] = []
  const connected = (): Cluster => {
    const cluster = connectCluster({ kubeconfig, namespacePrefix: 'convox-', clock: () => new Date(), log: () => undefined })
    open.push(cluster)
    return cluster
  }

  beforeAll(async () => {
    control = await startControlPlane()
    admin = connectApi(control.kubeconfig)
    await installRights(admin)
    kubeconfig = readFileSync(await control.serviceAccountKubeconfig('slipway', 'slipway'), 'utf8')
  })
  afterEach(async () => {
    for (const cluster of open.splice(0)) await cluster.close()
  })
  afterAll(async () => {
    await admin?.close()
    await control?.stop()
  })

  it('are all there is to ask for, before the first app and inside one', async () => {
    const cluster = connected()
    expect(inWords(await cluster.missingRights(null))).toEqual([])
    await cluster.objects.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } })
    expect((await cluster.missingRights(namespace)).length).toBe(rights.filter(({ scope }) => scope === 'app').reduce((sum, { resources, verbs }) => sum + resources.length * verbs.length, 0))
    await cluster.objects.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'slipway', namespace }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: appRole },
      subjects: [subjectOf(await cluster.whoAmI() ?? '')],
    }, { force: true })
    await expect.poll(async () => inWords(await cluster.missingRights(namespace)), slowly).toEqual([])
  })

  it('suffice to see every kind at once, and to delete by labels what is ours, with what belongs to it', async () => {
    const cluster = connected()
    await expect.poll(() => cluster.view.blindSince(), slowly).toBeNull()
    expect(cluster.view.unseen()).toEqual([])
    for (const name of ['web', 'worker']) await cluster.objects.apply(deployment(name), { force: true })
    await expect.poll(() => cluster.view.facts(namespace).replicaSets.length, slowly).toBe(2)
    const name = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'web' }
    expect(await cluster.objects.removeLabelled(name, { ...labels, 'slipway-installation': 'another' })).toBe(false)
    expect(await cluster.objects.removeLabelled(name, labels)).toBe(true)
    expect(await cluster.objects.removeLabelled(name, labels)).toBe(false)
    await expect.poll(() => [...cluster.view.facts(namespace).deployments, ...cluster.view.facts(namespace).replicaSets].map(({ meta }) => meta.name.split('-')[0]), slowly).toEqual(['worker', 'worker'])
  })

  it('are watched with through a restart of the API server, which is blindness and no end', async () => {
    const cluster = connected()
    await expect.poll(() => cluster.view.facts(namespace).deployments.length, slowly).toBe(1)
    await control.killApiServer()
    await expect.poll(() => cluster.view.blindSince(), slowly).not.toBeNull()
    await control.restartApiServer()
    await expect.poll(() => cluster.view.blindSince(), slowly).toBeNull()
    await expect.poll(() => cluster.objects.apply(deployment('late'), { force: true, timeout: 5_000 }).then(({ kind }) => kind, String), slowly).toBe('Deployment')
    await expect.poll(() => cluster.view.facts(namespace).deployments.map(({ meta }) => meta.name).sort(), slowly).toEqual(['late', 'worker'])
  })

  it('are missed by name when one is taken away, and a rack goes on without nodes', async () => {
    await admin.patch(`${roles}/slipway`, {
      rules: rights.filter(({ scope, resources }) => scope === 'cluster' && !resources.includes('nodes'))
        .map(({ group, resources, names, verbs }) => ({ apiGroups: [group], resources, verbs, ...(names === undefined ? {} : { resourceNames: names }) })),
    })
    const cluster = connected()
    await expect.poll(async () => inWords(await cluster.missingRights(null)), slowly).toEqual([
      'may not list and watch nodes: processes on a cordoned or lost node are not excused; add it to ClusterRole slipway',
    ])
    await expect.poll(() => cluster.view.blindSince(), slowly).toBeNull()
    await expect.poll(() => cluster.view.unseen().map(({ kind }) => kind), slowly).toEqual(['Node'])
  })
})
