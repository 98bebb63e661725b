import type { Host } from './host.ts'
import type { WireContainer, WirePod } from './wire-pod.ts'

type Data = Pick<Host, 'data'>

/** The environment of a container, or the first thing it lacks in the kubelet's words (CreateContainerConfigError). */
export type Environment = { values: Map<string, string> } | { lacks: string }

const missing = (kind: 'secret' | 'configmap', name: string) => `${kind} "${name}" not found`

/** Resolves `envFrom` and `env` in the kubelet's order, reading Secrets and ConfigMaps through the API as a kubelet does. */
export const environmentOf = async (pod: WirePod, container: WireContainer, host: Data): Promise<Environment> => {
  const { namespace } = pod.metadata
  const values = new Map<string, string>()
  for (const from of container.envFrom ?? []) {
    for (const [kind, reference] of [
      ['configmap', from.configMapRef],
      ['secret', from.secretRef],
    ] as const) {
      if (reference?.name === undefined) continue
      const data = await host.data(kind, namespace, reference.name)
      if (data === undefined && reference.optional !== true) return { lacks: missing(kind, reference.name) }
      for (const [key, value] of Object.entries(data ?? {})) values.set(`${from.prefix ?? ''}${key}`, value)
    }
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (value !== undefined) values.set(name, value)
    for (const [kind, label, reference] of [
      ['configmap', 'ConfigMap', valueFrom?.configMapKeyRef],
      ['secret', 'Secret', valueFrom?.secretKeyRef],
    ] as const) {
      if (reference?.name === undefined) continue
      const data = await host.data(kind, namespace, reference.name)
      const found = data?.[reference.key]
      if (found !== undefined) values.set(name, found)
      else if (reference.optional === true) continue
      else
        return { lacks: data === undefined ? missing(kind, reference.name) : `couldn't find key ${reference.key} in ${label} ${namespace}/${reference.name}` }
    }
  }
  return { values }
}

/**
 * The first volume that cannot be set up, as the message of the FailedMount event, or undefined.
 * `kube-root-ca.crt` counts as there: every namespace of a whole cluster has it.
 */
export const failedMount = async (pod: WirePod, host: Data): Promise<string | undefined> => {
  const { namespace } = pod.metadata
  for (const volume of pod.spec.volumes ?? []) {
    const wanted = [
      { kind: 'secret', name: volume.secret?.secretName, optional: volume.secret?.optional },
      { kind: 'configmap', name: volume.configMap?.name, optional: volume.configMap?.optional },
      ...(volume.projected?.sources ?? []).flatMap((source) => [
        { kind: 'secret', name: source.secret?.name, optional: source.secret?.optional } as const,
        { kind: 'configmap', name: source.configMap?.name, optional: source.configMap?.optional } as const,
      ]),
    ] as const
    for (const { kind, name, optional } of wanted) {
      if (name === undefined || optional === true || name === 'kube-root-ca.crt') continue
      if ((await host.data(kind, namespace, name)) === undefined) return mountFailure(volume.name, missing(kind, name))
    }
  }
  return undefined
}

/** The text of a FailedMount event. */
export const mountFailure = (volume: string, cause: string): string => `MountVolume.SetUp failed for volume "${volume}" : ${cause}`
