import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { mapAt, mapsAt, textAt } from '../../sandbox/cluster/json.ts'
import { connectApi } from '../../sandbox/kubelet/api.ts'
import { startTestWorld } from '../support/world.ts'
import { corpusImages, corpusSpeed } from './images.ts'
import { untilTooOld, type Stage } from './scene.ts'

const refused = z.looseObject({ kind: z.string(), metadata: z.looseObject({ namespace: z.string().optional() }) })

/** The whole product beside the simulated cluster, in this process. */
export const simulatedStage = async (): Promise<Stage> => {
  const [noPods, noDeployments, sidecars] = [new Set<string>(), new Set<string>(), new Map<string, string>()]
  const installation = await startTestWorld({
    speed: corpusSpeed, scenarios: corpusImages,
    cluster: {
      refuse: (object) => {
        const { kind, metadata: { namespace = '' } } = refused.parse(object)
        if (kind === 'Pod' && noPods.has(namespace)) return 'violates PodSecurity "restricted:latest": runAsNonRoot != true'
        return kind === 'Deployment' && noDeployments.has(namespace) ? 'images of this kind are not allowed here' : undefined
      },
      amend: (object) => {
        const image = sidecars.get(textAt(object, 'metadata', 'namespace'))
        if (image === undefined || textAt(object, 'kind') !== 'Pod') return
        object['spec'] = { ...mapAt(object, 'spec'), containers: [...mapsAt(object, 'spec', 'containers'), { name: 'agent', image }] }
      },
    },
  })
  const { cluster } = installation
  const kube = connectApi(installation.settings['KUBECONFIG'] ?? '')
  return {
    kind: 'simulated', installation, kube,
    outage: async (ms) => {
      cluster.pause()
      cluster.dropConnections()
      await pause(ms)
      cluster.resume()
    },
    readyToCompact: async () => {},
    compact: () => untilTooOld(installation, async () => {
      cluster.compact()
      cluster.endWatches()
    }),
    evictPod: (namespace, pod) => installation.node.evictPod(namespace, pod),
    refusePods: async (namespace) => void noPods.add(namespace),
    refuseDeployments: async (namespace) => void noDeployments.add(namespace),
    addSidecar: async (namespace, image) => void sidecars.set(namespace, image),
    close: async () => {
      await kube.close()
      await installation.close()
    },
  }
}
