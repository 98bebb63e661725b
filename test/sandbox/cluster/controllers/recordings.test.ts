import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { textAt } from '../../../../sandbox/cluster/json.ts'
import { startCluster, type SimulatedCluster } from '../../../../sandbox/cluster/start.ts'
import { memoryJournal } from '../../../../sandbox/journal.ts'
import { facts, readRecording, replay, type Hooks } from './replay.ts'

const begin = async (namespace: string): Promise<SimulatedCluster> => {
  const cluster = await startCluster({ journal: memoryJournal() })
  cluster.put('namespaces', '', { metadata: { name: namespace } })
  // The recordings ask for 1000 cores to be unschedulable; two are enough for the rest.
  const amounts = { cpu: '2', memory: '8Gi', pods: '110' }
  cluster.put('nodes', '', { metadata: { name: 'node-1' }, status: { conditions: [{ type: 'Ready', status: 'True' }], capacity: amounts, allocatable: amounts } })
  await cluster.settled()
  return cluster
}

const played = async (name: string, hooks: Hooks = {}) => {
  const namespace = `rec-${name}`
  const cluster = await begin(namespace)
  try {
    const rows = readRecording(name)
    return { ours: facts(await replay(cluster, rows, namespace, hooks), namespace), theirs: facts(rows, namespace) }
  } finally {
    await cluster.close()
  }
}

const withQuota: Hooks = {
  PROMOTE: async (cluster, namespace) => {
    cluster.put('resourcequotas', namespace, { metadata: { name: 'q' }, spec: { hard: { pods: '2' } } })
    await cluster.settled()
  },
  // The tenth similar event is the first combined one.
  ROLLBACK: async (cluster, namespace) => {
    const end = Date.now() + 15_000
    while (Date.now() < end && !cluster.list('events', namespace).some((event) => textAt(event, 'message').startsWith('(combined'))) await pause(20)
  },
}

describe('The controllers say what those of a real cluster said, object by object', () => {
  it.concurrent.each(['good', 'unschedulable', 'image-not-found', 'missing-secret', 'never-ready', 'evicted-during', 'init-fails', 'oom', 'slow-start', 'invalid-image-name'])(
    'in the recording "%s"',
    async (name) => {
      const { ours, theirs } = await played(name)
      expect(ours).toEqual(theirs)
    },
  )

  // In these the real Deployment controller once saw two changes as one, or ours does: its own steps differ, everything else and its end do not.
  it.concurrent.each(['crash', 'exit-after-ready', 'missing-configmap-volume', 'quota'])('in the recording "%s", but for one race', async (name) => {
    const { ours, theirs } = await played(name, name === 'quota' ? withQuota : {})
    expect({ ...ours, deployment: [] }).toEqual({ ...theirs, deployment: [] })
    expect(ours['deployment']?.slice(-1)).toEqual(theirs['deployment']?.slice(-1))
  })
})
