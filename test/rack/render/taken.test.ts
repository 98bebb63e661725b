import { describe } from 'vitest'
import { startCluster } from '../../../sandbox/cluster/start.ts'
import { memoryJournal } from '../../../sandbox/journal.ts'
import { tellTaken } from './taken.ts'

/** test/cluster/objects.test.ts tells the same on a real control plane. */
describe('a rendered release with every field, on the simulated cluster', () => {
  tellTaken(async () => {
    const cluster = await startCluster({ journal: memoryJournal() })
    return { kubeconfig: cluster.kubeconfig, stop: cluster.close }
  })
})
