import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { at, listAt, mapAt, mapsAt, numberAt, textAt, type Json } from '../../../sandbox/cluster/json.ts'
import { closeCluster, deployment, deploymentsPath, openCluster, type Client } from './client.ts'

let client: Client
beforeAll(async () => {
  client = await openCluster()
})
afterAll(() => closeCluster(client))
beforeEach(() => {
  if (client.cluster.get('deployments.apps', 'demo', 'web')) client.cluster.remove('deployments.apps', 'demo', 'web')
  client.cluster.put('deployments.apps', 'demo', deployment({}, { env: [{ name: 'A', value: '1' }] }))
})

const path = `${deploymentsPath}/web`
const patch = (kind: 'json' | 'merge' | 'strategic-merge', body: Json) => client.call('PATCH', path, body, { 'content-type': `application/${kind}-patch+json` })

describe('A patch', () => {
  it('of JSON operations changes what they name', async () => {
    const after = await patch('json', [
      { op: 'test', path: '/spec/replicas', value: 2 },
      { op: 'replace', path: '/spec/replicas', value: 3 },
      { op: 'add', path: '/metadata/annotations', value: { 'a/b': '1' } },
      { op: 'replace', path: '/metadata/annotations/a~1b', value: '2' },
      { op: 'add', path: '/spec/template/spec/containers/0/env/-', value: { name: 'B', value: '2' } },
      { op: 'remove', path: '/spec/template/spec/containers/0/env/0' },
    ])
    expect([after.status, numberAt(after.body, 'spec', 'replicas'), textAt(after.body, 'metadata', 'annotations', 'a/b')]).toEqual([200, 3, '2'])
    expect(listAt(after.body, 'spec', 'template', 'spec', 'containers', 0, 'env')).toEqual([{ name: 'B', value: '2' }])
  })

  it.each<[string, Json]>([
    ['a failing test', [{ op: 'test', path: '/spec/replicas', value: 9 }, { op: 'replace', path: '/spec/replicas', value: 3 }]],
    ['a path that is not there', [{ op: 'remove', path: '/spec/colour' }]],
    ['an operation nobody knows', [{ op: 'paint', path: '/spec/replicas' }]],
  ])('of JSON operations is refused whole for %s', async (_, operations) => {
    const after = await patch('json', operations)
    expect([after.status, after.message]).toEqual([422, 'the server rejected our request due to an error in our request'])
    expect(numberAt(client.cluster.get('deployments.apps', 'demo', 'web'), 'spec', 'replicas')).toBe(2)
  })

  it('that merges replaces lists whole and removes with null', async () => {
    const after = await patch('merge', { spec: { minReadySeconds: null, template: { spec: { containers: [{ name: 'other', image: 'x' }] } } } })
    expect(mapsAt(after.body, 'spec', 'template', 'spec', 'containers').map((item) => item['name'])).toEqual(['other'])
  })

  it('that merges strategically joins lists by key and deletes on demand', async () => {
    const after = await patch('strategic-merge', { spec: { template: { spec: { containers: [{ name: 'main', env: [{ name: 'B', value: '2' }, { name: 'A', $patch: 'delete' }] }, { name: 'side', image: 'y' }] } } } })
    expect(mapsAt(after.body, 'spec', 'template', 'spec', 'containers').map((item) => item['name'])).toEqual(['main', 'side'])
    expect(listAt(after.body, 'spec', 'template', 'spec', 'containers', 0, 'env')).toEqual([{ name: 'B', value: '2' }])
  })

  it('meets a conflict when it names an older version', async () => {
    const after = await patch('merge', { metadata: { resourceVersion: '2' }, spec: { replicas: 3 } })
    expect(after.status).toBe(409)
  })

  it('may not be forced, nor come in an unknown form', async () => {
    const forced = await client.call('PATCH', `${path}?force=true`, {}, { 'content-type': 'application/merge-patch+json' })
    expect([forced.status, forced.message]).toEqual([422, 'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch'])
    expect((await client.call('PATCH', path, {}, { 'content-type': 'application/json' })).status).toBe(415)
  })

  it('of the status leaves the spec alone, and the other way round', async () => {
    const status = await client.call('PATCH', `${path}/status`, { spec: { replicas: 9 }, status: { observedGeneration: 7 } })
    expect([numberAt(status.body, 'spec', 'replicas'), numberAt(status.body, 'status', 'observedGeneration'), numberAt(status.body, 'metadata', 'generation')]).toEqual([2, 7, 1])
    const main = await client.call('PATCH', path, { spec: { replicas: 9 }, status: { observedGeneration: 99 } })
    expect([numberAt(main.body, 'spec', 'replicas'), numberAt(main.body, 'metadata', 'generation')]).toEqual([9, 2])
    expect(numberAt(main.body, 'status', 'observedGeneration')).not.toBe(99)
  })

  it('of the scale changes the number and nothing else', async () => {
    const scale = await client.call('PATCH', `${path}/scale`, { spec: { replicas: 6 } })
    expect([textAt(scale.body, 'kind'), numberAt(scale.body, 'spec', 'replicas'), textAt(scale.body, 'status', 'selector')]).toEqual(['Scale', 6, 'app=web'])
    expect(numberAt(client.cluster.get('deployments.apps', 'demo', 'web'), 'spec', 'replicas')).toBe(6)
  })

  it('cannot change what the server owns', async () => {
    const before = client.cluster.get('deployments.apps', 'demo', 'web')
    const after = await patch('merge', { metadata: { creationTimestamp: '2001-01-01T00:00:00Z', generation: 77, deletionTimestamp: '2001-01-01T00:00:00Z' } })
    const kept = (field: string) => [at(after.body, 'metadata', field), at(before, 'metadata', field)]
    for (const field of ['creationTimestamp', 'generation', 'deletionTimestamp', 'uid']) expect(kept(field)[0]).toEqual(kept(field)[1])
  })
})

describe('A Secret', () => {
  it('takes stringData into data', async () => {
    const made = await client.call('POST', '/api/v1/namespaces/demo/secrets', { metadata: { name: 'env' }, data: { A: 'MQ==' }, stringData: { B: 'zwei' } })
    expect(mapAt(made.body, 'data')).toEqual({ A: 'MQ==', B: Buffer.from('zwei').toString('base64') })
    expect(made.body).not.toHaveProperty('stringData')
    expect(textAt(made.body, 'type')).toBe('Opaque')
  })
})
