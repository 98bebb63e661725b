import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { at, listAt, mapAt, mapsAt, numberAt, textAt, textsAt, type JsonMap } from '../../../sandbox/cluster/json.ts'
import { closeCluster, deployment, deploymentsPath, openCluster, type Client } from './client.ts'

let client: Client
beforeEach(async () => {
  client = await openCluster()
})
afterEach(() => closeCluster(client))

const path = `${deploymentsPath}/web`
const container = (body: JsonMap, index = 0): JsonMap => mapAt(body, 'spec', 'template', 'spec', 'containers', index)
const annotated = (annotations: JsonMap): JsonMap => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', annotations } })
const replicas = (count: number): JsonMap => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: count } })
const owners = (body: JsonMap): string[] => mapsAt(body, 'metadata', 'managedFields').map((entry) => `${textAt(entry, 'manager')} ${textAt(entry, 'operation')} ${textAt(entry, 'subresource')}`.trim())

describe('Server-side apply', () => {
  it('makes the object with what was sent owned and what was added owned by nobody', async () => {
    const made = await client.apply(path, deployment(), 'slipway')
    expect(made.status).toBe(201)
    expect(owners(made.body)).toEqual(['slipway Apply'])
    const fields = mapAt(mapsAt(made.body, 'metadata', 'managedFields')[0], 'fieldsV1', 'f:spec')
    expect(Object.keys(fields).sort()).toEqual(['f:replicas', 'f:selector', 'f:template'])
    expect(mapAt(fields, 'f:template', 'f:spec', 'f:containers')).toEqual({ 'k:{"name":"main"}': { '.': {}, 'f:image': {}, 'f:name': {} } })
    expect(numberAt(made.body, 'spec', 'progressDeadlineSeconds')).toBe(600)
  })

  it('answers 200 and writes nothing when nothing changes', async () => {
    await client.apply(path, deployment(), 'slipway')
    await client.cluster.settled()
    const before = client.cluster.get('deployments.apps', 'demo', 'web')
    const again = await client.apply(path, deployment(), 'slipway')
    expect(again.status).toBe(200)
    expect(textAt(again.body, 'metadata', 'resourceVersion')).toBe(before?.metadata.resourceVersion)
    expect(numberAt(again.body, 'metadata', 'generation')).toBe(1)
  })

  it('needs a field manager', async () => {
    const answer = await client.call('PATCH', path, deployment(), { 'content-type': 'application/apply-patch+yaml' })
    expect([answer.status, answer.message]).toEqual([422, 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch'])
  })

  it('refuses to take what somebody else changed, by name, until forced', async () => {
    await client.apply(path, deployment(), 'slipway')
    await client.call('PATCH', path, { spec: { replicas: 5 } })
    const refused = await client.apply(path, deployment(), 'slipway')
    expect([refused.status, refused.message]).toEqual([409, 'Apply failed with 1 conflict: conflict with "kubectl-edit" using apps/v1: .spec.replicas'])
    expect(listAt(refused.body, 'details', 'causes')).toEqual([{ reason: 'FieldManagerConflict', message: 'conflict with "kubectl-edit" using apps/v1', field: '.spec.replicas' }])
    const forced = await client.apply(path, deployment(), 'slipway', '&force=true')
    expect([forced.status, numberAt(forced.body, 'spec', 'replicas')]).toEqual([200, 2])
    expect(owners(forced.body)).not.toContain('kubectl-edit Update')
  })

  it('lists several conflicts by manager', async () => {
    await client.apply(path, deployment(), 'slipway')
    await client.call('PATCH', path, { spec: { replicas: 5, template: { spec: { containers: [{ name: 'main', image: 'shop:9' }] } } } }, { 'content-type': 'application/strategic-merge-patch+json' })
    const refused = await client.apply(path, deployment(), 'slipway')
    expect(refused.message).toBe('Apply failed with 2 conflicts: conflicts with "kubectl-edit" using apps/v1:\n- .spec.replicas\n- .spec.template.spec.containers[name="main"].image')
  })

  it('names the subresource a conflict came through', async () => {
    await client.apply(path, deployment(), 'slipway')
    await client.call('PATCH', `${path}/scale`, { spec: { replicas: 4 } }, { 'user-agent': 'hpa/1' })
    const refused = await client.apply(path, deployment(), 'slipway')
    expect(refused.message).toBe('Apply failed with 1 conflict: conflict with "hpa" with subresource "scale" using apps/v1: .spec.replicas')
  })

  it('shares a field that two apply with the same value, and keeps it until both let go', async () => {
    await client.apply(path, deployment(), 'slipway')
    expect((await client.apply(path, replicas(2), 'other')).status).toBe(200)
    const without = deployment()
    delete mapAt(without, 'spec')['replicas']
    await client.apply(path, without, 'slipway')
    expect(numberAt(client.cluster.get('deployments.apps', 'demo', 'web'), 'spec', 'replicas')).toBe(2)
    const changed = await client.apply(path, replicas(7), 'other')
    expect([changed.status, numberAt(changed.body, 'spec', 'replicas')]).toEqual([200, 7])
  })

  it('falls back to the default for a field only this manager owned and no longer sends', async () => {
    await client.apply(path, deployment({ replicas: 3, minReadySeconds: 9 }), 'slipway')
    const without = deployment()
    delete mapAt(without, 'spec')['replicas']
    const after = await client.apply(path, without, 'slipway')
    expect(numberAt(after.body, 'spec', 'replicas')).toBe(1)
    expect(at(after.body, 'spec', 'minReadySeconds')).toBeUndefined()
  })

  it('removes env entries, containers and annotations it stops sending, and leaves those of others', async () => {
    const env = (names: string[]): JsonMap => ({ env: names.map((name) => ({ name, value: '1' })) })
    await client.apply(path, { ...deployment({}, env(['A', 'B'])), metadata: { name: 'web', annotations: { mine: '1' } } }, 'slipway')
    const theirs = { spec: { template: { spec: { containers: [{ name: 'main', env: [{ name: 'C', value: '1' }] }, { name: 'sidecar', image: 'proxy:1' }] } } }, metadata: { annotations: { theirs: '1' } } }
    await client.call('PATCH', path, theirs, { 'content-type': 'application/strategic-merge-patch+json' })
    const after = await client.apply(path, deployment({}, env(['B'])), 'slipway')
    expect(after.status).toBe(200)
    expect(mapsAt(container(after.body), 'env').map((entry) => entry['name'])).toEqual(['C', 'B'])
    expect(mapsAt(after.body, 'spec', 'template', 'spec', 'containers').map((item) => item['name'])).toEqual(['main', 'sidecar'])
    expect(Object.keys(textsAt(after.body, 'metadata', 'annotations')).filter((key) => !key.startsWith('deployment.'))).toEqual(['theirs'])
  })

  it('takes a whole container away with the defaults nobody owns', async () => {
    const two = deployment()
    const spec = mapAt(two, 'spec', 'template', 'spec')
    spec['containers'] = [...listAt(spec, 'containers'), { name: 'old', image: 'old:1', ports: [{ containerPort: 1 }] }]
    await client.apply(path, two, 'slipway')
    const after = await client.apply(path, deployment(), 'slipway')
    expect(mapsAt(after.body, 'spec', 'template', 'spec', 'containers').map((item) => item['name'])).toEqual(['main'])
  })

  it('replaces a map that counts as one, like a selector of a Service', async () => {
    const service = (selector: JsonMap): JsonMap => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector, ports: [{ port: 80, targetPort: 3000 }] } })
    await client.apply('/api/v1/namespaces/demo/services/web', service({ a: '1', b: '1' }), 'slipway')
    const after = await client.apply('/api/v1/namespaces/demo/services/web', service({ a: '2' }), 'slipway')
    expect(mapAt(after.body, 'spec', 'selector')).toEqual({ a: '2' })
    expect(textAt(after.body, 'spec', 'clusterIP')).toMatch(/^10\.96\./)
  })

  it('checks a resourceVersion in the body', async () => {
    await client.apply(path, deployment(), 'slipway')
    const stale = { ...deployment(), metadata: { name: 'web', resourceVersion: '3' } }
    expect((await client.apply(path, stale, 'slipway')).status).toBe(409)
  })

  it('does nothing in a dry run, and still says what would conflict', async () => {
    const made = await client.apply(path, deployment(), 'slipway', '&dryRun=All')
    expect([made.status, at(made.body, 'metadata', 'resourceVersion')]).toEqual([201, undefined])
    expect(client.cluster.get('deployments.apps', 'demo', 'web')).toBeUndefined()
    await client.apply(path, deployment(), 'slipway')
    await client.call('PATCH', path, { spec: { replicas: 5 } })
    expect((await client.apply(path, deployment(), 'slipway', '&dryRun=All')).status).toBe(409)
    const forced = await client.apply(path, deployment(), 'slipway', '&dryRun=All&force=true')
    expect(numberAt(forced.body, 'spec', 'replicas')).toBe(2)
    expect(numberAt(client.cluster.get('deployments.apps', 'demo', 'web'), 'spec', 'replicas')).toBe(5)
  })

  it('refuses a field the schema does not have', async () => {
    const answer = await client.apply(path, deployment({ colour: 'red' }), 'slipway')
    expect([answer.status, answer.message]).toEqual([500, 'failed to create typed patch object (demo/web; apps/v1, Kind=Deployment): .spec.colour: field not declared in schema'])
  })

  it('refuses managedFields, another name and two items of one key', async () => {
    expect((await client.apply(path, { ...deployment(), metadata: { name: 'web', managedFields: [] } }, 'slipway')).message).toBe('metadata.managedFields must be nil')
    expect((await client.apply(path, { ...deployment(), metadata: { name: 'other' } }, 'slipway')).status).toBe(400)
    const twice = deployment({}, { env: [{ name: 'A', value: '1' }, { name: 'A', value: '2' }] })
    expect((await client.apply(path, twice, 'slipway')).message).toContain('duplicate entries for key [name="A"]')
  })

  it('counts a generation for a changed spec and for changed annotations, not for labels', async () => {
    await client.apply(path, deployment(), 'slipway')
    const generation = async (body: JsonMap) => numberAt((await client.apply(path, body, 'other')).body, 'metadata', 'generation')
    expect(await generation(annotated({ a: '1' }))).toBe(2)
    expect(await generation({ ...annotated({ a: '1' }), metadata: { name: 'web', annotations: { a: '1' }, labels: { l: '1' } } })).toBe(2)
    expect(numberAt((await client.apply(path, replicas(2), 'other')).body, 'metadata', 'generation')).toBe(3)
  })

  it('keeps the status of its own out of the main endpoint', async () => {
    const made = await client.apply(path, { ...deployment(), status: { replicas: 99 } }, 'slipway', '&dryRun=All')
    expect(mapAt(made.body, 'status')).toEqual({})
  })
})

describe('Ownership after plain writes', () => {
  it('goes to the program before the slash of the user agent', async () => {
    const made = await client.call('POST', deploymentsPath, deployment(), { 'user-agent': 'helm/4.3' })
    expect(owners(made.body)).toEqual(['helm Update'])
    const patched = await client.call('PATCH', `${path}?fieldManager=me`, { spec: { replicas: 3 } })
    expect(owners(patched.body)).toEqual(expect.arrayContaining(['helm Update', 'me Update']))
  })

  it('is forgotten when a client sends an empty managedFields', async () => {
    await client.apply(path, deployment(), 'slipway')
    const reset = await client.call('PATCH', path, [{ op: 'replace', path: '/metadata/managedFields', value: [{}] }], { 'content-type': 'application/json-patch+json' })
    expect(owners(reset.body)).toEqual([])
  })

  it('tells the status apart', async () => {
    await client.apply(path, deployment(), 'slipway')
    await client.cluster.settled()
    const live = client.cluster.get('deployments.apps', 'demo', 'web')
    expect(owners(live ?? {})).toEqual(['slipway Apply', 'kube-controller-manager Update status'])
  })
})
