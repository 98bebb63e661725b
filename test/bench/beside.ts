import { z } from 'zod'
import { connectApi } from '../../sandbox/kubelet/api.ts'
import { startKubelet } from '../../sandbox/kubelet/start.ts'
import { corpusImages } from '../corpus/images.ts'
import { startRecorder } from '../corpus/record.ts'

/*
 * A process beside the one that is measured, started by processes.ts: `node` plays a scripted kubelet, `observer` watches the cluster for itself and tells what
 * it saw, and when. Neither shares an event loop with Slipway.
 */
const [role = '', kubeconfig = ''] = process.argv.slice(2)
const order = z.object({ begin: z.string() }).or(z.object({ end: z.string() }))
const tell = (message: object): void => void process.send?.(message)

const beNode = async (): Promise<void> => {
  const kubelets = await Promise.all(['node-1', 'node-2', 'node-3'].map((nodeName) => startKubelet({ kubeconfig, nodeName, scenarios: corpusImages })))
  process.once('disconnect', () => void Promise.all(kubelets.map((kubelet) => kubelet.stop())).then(() => process.exit(0)))
  tell({ ready: true })
}

const beObserver = async (): Promise<void> => {
  const kube = connectApi(kubeconfig)
  const recorder = await startRecorder(kube)
  process.on('message', (raw) => {
    const message = order.parse(raw)
    if ('begin' in message) {
      recorder.begin(message.begin)
      tell({ begun: message.begin })
    } else tell({ ended: message.end, frames: recorder.end(message.end) })
  })
  process.once('disconnect', () => process.exit(0))
  tell({ ready: true })
}

await (role === 'node' ? beNode() : beObserver())
