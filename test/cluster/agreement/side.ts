import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCluster } from '../../../sandbox/cluster/start.ts'
import { memoryJournal } from '../../../sandbox/journal.ts'
import { connectApi, type Api } from '../../../sandbox/kubelet/api.ts'
import { startKubelet } from '../../../sandbox/kubelet/start.ts'
import { startControlPlane } from '../control-plane/start.ts'

/** A cluster with one scripted node, and an administrator's hands on it. */
export interface Side {
  readonly api: Api
  close(): Promise<void>
}

/** How many times as fast as recorded containers live on both sides: faster, and a busy machine mixes up what follows closely. */
const speed = 5
const nodeName = 'node-1'

const withNode = async (kubeconfig: string, close: () => Promise<void>): Promise<Side> => {
  try {
    const kubelet = await startKubelet({ kubeconfig, nodeName, speed, images: ['registry.test/shop:ok'] })
    const api = connectApi(kubeconfig)
    return {
      api,
      close: async () => {
        await kubelet.stop()
        await api.close()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** etcd, API server, controllers and scheduler of Kubernetes. */
export const realSide = async (): Promise<Side> => {
  const plane = await startControlPlane()
  return withNode(plane.kubeconfig, plane.stop)
}

/** The cluster of the sandbox. */
export const simulatedSide = async (): Promise<Side> => {
  const cluster = await startCluster({ journal: memoryJournal() })
  const folder = mkdtempSync(join(tmpdir(), 'slipway-agreement-'))
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, cluster.kubeconfig, { mode: 0o600 })
  return withNode(kubeconfig, async () => {
    await cluster.close()
    rmSync(folder, { recursive: true, force: true })
  })
}
