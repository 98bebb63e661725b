import { afterEach, describe, expect, it } from 'vitest'
import { listAt, mapAt, mapsAt, type JsonMap } from '../../../sandbox/cluster/json.ts'
import type { ClusterOptions } from '../../../sandbox/cluster/start.ts'
import { closeCluster, openCluster, type Client } from './client.ts'

let client: Client | undefined
afterEach(async () => {
  if (client) await closeCluster(client)
})

const path = (plural: string) => `/apis/authorization.k8s.io/v1/${plural}`
const ask = async (denied: ClusterOptions['denied'], plural: string, spec: JsonMap) => {
  client = await openCluster(denied ? { denied } : {})
  return client.call('POST', path(plural), { spec })
}
const noSecrets: ClusterOptions['denied'] = ({ resource, verb, namespace }) => resource === 'secrets' || (resource === 'pods' && verb === 'delete') || namespace === 'other'

describe('A review of one right', () => {
  it.each<[string, JsonMap, boolean]>([
    ['what is allowed', { verb: 'list', resource: 'pods' }, true],
    ['what is denied', { verb: 'get', resource: 'secrets', namespace: 'demo' }, false],
    ['one verb of many', { verb: 'delete', resource: 'pods', namespace: 'demo' }, false],
    ['another namespace', { verb: 'get', resource: 'pods', namespace: 'other' }, false],
  ])('answers for %s', async (_, resourceAttributes, allowed) => {
    const answer = await ask(noSecrets, 'selfsubjectaccessreviews', { resourceAttributes })
    expect([answer.status, mapAt(answer.body, 'status')['allowed']]).toEqual([201, allowed])
  })

  it('allows a path that is no resource', async () => {
    const answer = await ask(noSecrets, 'selfsubjectaccessreviews', { nonResourceAttributes: { path: '/readyz', verb: 'get' } })
    expect(mapAt(answer.body, 'status')['allowed']).toBe(true)
  })

  it('has to ask for something', async () => {
    const answer = await ask(undefined, 'selfsubjectaccessreviews', {})
    expect([answer.status, answer.message]).toEqual([422, '.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified'])
  })
})

describe('A review of all rights in a namespace', () => {
  it('leaves out what is denied', async () => {
    const answer = await ask(noSecrets, 'selfsubjectrulesreviews', { namespace: 'demo' })
    const rules = mapsAt(answer.body, 'status', 'resourceRules')
    const verbs = (resource: string) => rules.filter((rule) => listAt(rule, 'resources').includes(resource)).flatMap((rule) => listAt(rule, 'verbs'))
    expect(verbs('secrets')).toEqual([])
    expect(verbs('pods')).toEqual(['create', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'])
    expect(verbs('pods/eviction')).toEqual(['create'])
    expect(verbs('deployments/scale')).toEqual(['get', 'patch', 'update'])
  })

  it('is one rule for everything where nothing is denied, and nothing without a namespace', async () => {
    const answer = await ask(undefined, 'selfsubjectrulesreviews', { namespace: 'demo' })
    expect(listAt(answer.body, 'status', 'resourceRules')).toEqual([{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }])
    const nowhere = await client?.call('POST', path('selfsubjectrulesreviews'), { spec: {} })
    expect([nowhere?.status, nowhere?.message]).toEqual([400, 'no namespace on request'])
  })
})
