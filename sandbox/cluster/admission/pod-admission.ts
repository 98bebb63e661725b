import { isMap, listAt, mapAt, mapsAt, putDefault, textAt, textsAt, type JsonMap } from '../json.ts'
import { podAmounts } from './quota.ts'

const tolerated = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']

/** `Guaranteed`, `Burstable` or `BestEffort` (pkg/apis/core/helper/qos). */
export const qosClass = (spec: JsonMap): string => {
  const containers = [...mapsAt(spec, 'containers'), ...mapsAt(spec, 'initContainers')]
  const bounded = containers.every((container) =>
    ['cpu', 'memory'].every((name) => {
      const limit = textsAt(container, 'resources', 'limits')[name]
      return limit !== undefined && (textsAt(container, 'resources', 'requests')[name] ?? limit) === limit
    }),
  )
  if (bounded) return 'Guaranteed'
  const amounts = [...Object.values(podAmounts(spec, 'requests')), ...Object.values(podAmounts(spec, 'limits'))]
  return amounts.some((amount) => amount > 0) ? 'Burstable' : 'BestEffort'
}

/**
 * What the default admission plugins add to a new pod: service account and its token, tolerations, priority.
 * Returns the name of the service account that has to exist.
 */
export const admitPod = (pod: JsonMap, seed: string): string => {
  const spec = pod['spec']
  if (!isMap(spec)) return 'default'
  const account = textAt(spec, 'serviceAccountName') || 'default'
  spec['serviceAccountName'] = account
  spec['serviceAccount'] = account
  if (spec['automountServiceAccountToken'] !== false) {
    const name = `kube-api-access-${seed}`
    const path = '/var/run/secrets/kubernetes.io/serviceaccount'
    const mounted = mapsAt(spec, 'containers').every((container) => mapsAt(container, 'volumeMounts').some((mount) => mount['mountPath'] === path))
    if (!mounted) {
      const source: JsonMap = {
        name,
        projected: {
          sources: [
            { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
            { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
            { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
          ],
          defaultMode: 420,
        },
      }
      spec['volumes'] = [...listAt(spec, 'volumes'), source]
      for (const list of ['containers', 'initContainers']) {
        for (const container of mapsAt(spec, list)) container['volumeMounts'] = [...listAt(container, 'volumeMounts'), { name, readOnly: true, mountPath: path }]
      }
    }
  }
  const present = mapsAt(spec, 'tolerations')
  const added = tolerated.filter((key) => !present.some((toleration) => textAt(toleration, 'key') === key)).map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }))
  spec['tolerations'] = [...listAt(spec, 'tolerations'), ...added]
  putDefault(spec, 'priority', 0)
  putDefault(spec, 'preemptionPolicy', 'PreemptLowerPriority')
  pod['status'] = { phase: 'Pending', qosClass: qosClass(mapAt(pod, 'spec')) }
  return account
}
