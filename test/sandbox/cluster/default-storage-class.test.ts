import { afterEach, describe, expect, it } from 'vitest'
import { textAt } from '../../../sandbox/cluster/json.ts'
import { closeCluster, openCluster, type Client } from './client.ts'

let client: Client
afterEach(() => closeCluster(client))

describe('A cluster with a default StorageClass', () => {
  it.each<[string, { storageClassName?: string }, string, string]>([
    ['that names none', {}, 'standard', 'Bound'],
    ['that names another', { storageClassName: 'slow' }, 'slow', 'Pending'],
    ['that wants none', { storageClassName: '' }, '', 'Pending'],
  ])('treats a claim %s', async (_what, more, name, phase) => {
    client = await openCluster({ defaultStorageClass: 'standard' })
    client.cluster.put('persistentvolumeclaims', 'demo', { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...more } })
    await client.cluster.settled()
    const claim = client.cluster.get('persistentvolumeclaims', 'demo', 'data')
    expect([textAt(claim, 'spec', 'storageClassName'), textAt(claim, 'status', 'phase')]).toEqual([name, phase])
  })
})
