import { afterEach, describe, expect, it } from 'vitest'
import { memoryJournal } from '../../../../sandbox/journal.ts'
import { startCluster, type SimulatedCluster } from '../../../../sandbox/cluster/start.ts'
import { facts, readRecording, replay } from './replay.ts'

const clusters: SimulatedCluster[] = []

const begin = async (namespace: string): Promise<SimulatedCluster> => {
  const cluster = await startCluster({ journal: memoryJournal() })
  clusters.push(cluster)
  cluster.put('namespaces', '', { metadata: { name: namespace } })
  const amounts = { cpu: '2', memory: '8Gi', pods: '110' }
  cluster.put('nodes', '', { metadata: { name: 'node-1' }, status: { conditions: [{ type: 'Ready', status: 'True' }], capacity: amounts, allocatable: amounts } })
  await cluster.settled()
  return cluster
}

afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster.close()
})

describe('The controllers and a real cluster', () => {
  it('say the same about a good rollout', async () => {
    const cluster = await begin('rec-good')
    const rows = readRecording('good')
    const ours = facts(await replay(cluster, rows, 'rec-good'), 'rec-good')
    expect(ours).toEqual(facts(rows, 'rec-good'))
  })
})
