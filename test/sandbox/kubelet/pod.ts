import type { WirePod } from '../../../sandbox/kubelet/wire-pod.ts'
import { podSchema } from '../../../sandbox/kubelet/wire-pod.ts'

/** A pod of one container `main` with that image tag, as the scheduler leaves it. */
export const podOf = (tag: string, container: object = {}, spec: object = {}): WirePod =>
  podSchema.parse({
    metadata: { name: 'web-1', namespace: 'shop', uid: 'uid-1', resourceVersion: '1', generation: 1 },
    spec: {
      nodeName: 'node-1',
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      containers: [
        { name: 'main', image: `registry.test/shop:${tag}`, readinessProbe: { httpGet: { path: '/', port: 3000 }, periodSeconds: 2 }, ...container },
      ],
      ...spec,
    },
    status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-11-21T01:46:05Z' }] },
  })
