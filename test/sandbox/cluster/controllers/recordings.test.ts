import { describe, expect, it } from 'vitest'
import { startCluster } from '../../../../sandbox/cluster/start.ts'
import { memoryJournal } from '../../../../sandbox/journal.ts'
import { steppedClock } from '../stepped-clock.ts'
import { facts, readRecording, replay, zeroOf, type Row, type Stage } from './replay.ts'

const begin = async (rows: Row[], namespace: string): Promise<Stage> => {
  const clock = steppedClock(zeroOf(rows) - 1_000)
  const cluster = await startCluster({ journal: memoryJournal(), clock })
  cluster.put('namespaces', '', { metadata: { name: namespace } })
  // The recordings ask for 1000 cores to be unschedulable; two are enough for the rest.
  const amounts = { cpu: '2', memory: '8Gi', pods: '110' }
  cluster.put('nodes', '', { metadata: { name: 'node-1' }, status: { conditions: [{ type: 'Ready', status: 'True' }], capacity: amounts, allocatable: amounts } })
  await cluster.settled()
  return { cluster, clock }
}

const played = async (name: string) => {
  const namespace = `rec-${name}`
  const rows = readRecording(name)
  const stage = await begin(rows, namespace)
  const before = (): void => {
    if (name === 'quota') stage.cluster.put('resourcequotas', namespace, { metadata: { name: 'q' }, spec: { hard: { pods: '2' } } })
  }
  try {
    return { ours: facts(await replay(stage, rows, namespace, before), namespace), theirs: facts(rows, namespace) }
  } finally {
    await stage.cluster.close()
  }
}

describe('The controllers say what those of a real cluster said, object by object', () => {
  it.each(['good', 'unschedulable', 'image-not-found', 'missing-secret', 'never-ready', 'evicted-during', 'init-fails', 'oom', 'slow-start', 'invalid-image-name'])(
    'in the recording "%s"',
    async (name) => {
      const { ours, theirs } = await played(name)
      expect(ours).toEqual(theirs)
    },
  )

  // In these the real Deployment controller once saw two changes as one, or ours does: its own steps differ, everything else and its end do not.
  it.each(['crash', 'exit-after-ready', 'missing-configmap-volume', 'quota'])('in the recording "%s", but for one race', async (name) => {
    const { ours, theirs } = await played(name)
    expect({ ...ours, deployment: [] }).toEqual({ ...theirs, deployment: [] })
    expect(ours['deployment']?.slice(-1)).toEqual(theirs['deployment']?.slice(-1))
  })
})
