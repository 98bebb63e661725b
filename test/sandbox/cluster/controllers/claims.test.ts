import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { textAt, type JsonMap } from '../../../../sandbox/cluster/json.ts'
import { addNode, closeCluster, openCluster, type Client } from '../client.ts'
import { steppedClock, type SteppedClock } from '../stepped-clock.ts'

let client: Client
let clock: SteppedClock
beforeEach(async () => {
  clock = steppedClock()
  client = await openCluster({ clock, storageClasses: ['fast'] })
  addNode(client.cluster)
})
afterEach(() => closeCluster(client))

const claim = async (storageClassName?: string) => {
  const spec: JsonMap = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...(storageClassName !== undefined && { storageClassName }) }
  client.cluster.put('persistentvolumeclaims', 'demo', { metadata: { name: 'data' }, spec })
  await client.cluster.settled()
}
const mount = async () => {
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }]
  client.cluster.put('pods', 'demo', { metadata: { name: 'a' }, spec: { volumes, containers: [{ name: 'main', image: 'shop:1' }] } })
  await client.cluster.settled()
}
const phase = () => textAt(client.cluster.get('persistentvolumeclaims', 'demo', 'data'), 'status', 'phase')
const node = () => textAt(client.cluster.get('pods', 'demo', 'a'), 'spec', 'nodeName')
const messages = (reason: string) => client.cluster.list('events', 'demo').filter((event) => event['reason'] === reason).map((event) => textAt(event, 'message'))

describe('A claim', () => {
  it('of a class that there is gets its volume at once, and pods that wait for it their node', async () => {
    await mount()
    expect([node(), messages('FailedScheduling')[0]]).toEqual(['', expect.stringContaining('persistentvolumeclaim "data" not found')])
    await claim('fast')
    await clock.reach(clock.now() + 1_000, client.cluster.settled)
    expect([phase(), node()]).toEqual(['Bound', 'node-1'])
  })

  it.each<[string | undefined, string, string]>([
    ['slow', 'ProvisioningFailed', 'storageclass.storage.k8s.io "slow" not found'],
    [undefined, 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set'],
  ])('of the class %s waits for ever, and its pods with it', async (name, reason, message) => {
    await claim(name)
    await mount()
    expect([phase(), node(), messages(reason)]).toEqual(['Pending', '', [message]])
    expect(messages('FailedScheduling')[0]).toContain('pod has unbound immediate PersistentVolumeClaims')
  })

  it('outlives its deletion while a pod uses it', async () => {
    await claim('fast')
    await mount()
    await client.call('DELETE', '/api/v1/namespaces/demo/persistentvolumeclaims/data')
    await client.cluster.settled()
    expect(textAt(client.cluster.get('persistentvolumeclaims', 'demo', 'data'), 'metadata', 'deletionTimestamp')).not.toBe('')
    await client.call('DELETE', '/api/v1/namespaces/demo/pods/a', { gracePeriodSeconds: 0 })
    await client.cluster.settled()
    expect(client.cluster.get('persistentvolumeclaims', 'demo', 'data')).toBeUndefined()
  })

  it('keeps the size it asked for until it is bound', async () => {
    await claim()
    const answer = await client.call('PATCH', '/api/v1/namespaces/demo/persistentvolumeclaims/data', { spec: { resources: { requests: { storage: '2Gi' } } } })
    expect([answer.status, answer.message]).toEqual([422, expect.stringContaining('spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims')])
  })
})
