import type { Clock } from './clock.ts'
import type { WirePod, WireStatus } from './wire-pod.ts'

/** An event as a kubelet reports it about a pod. `container` gives the field path. */
export interface PodEvent {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
  container?: { name: string; init: boolean }
}

/** The answer of an image's registry to a pull. `cause` is the container runtime's text. */
export type Pull = { outcome: 'pulled'; took: number; bytes: number } | { outcome: 'failed'; cause: string }

/** The pod's life on this kubelet is over: it is gone from the API server, or the kubelet stops. */
export class PodGone extends Error {}

/** What a pod's life needs of its node: the API server, the images and the time. Tests put a recorder here. */
export interface Host {
  clock: Clock
  hostIP: string
  /** An address for a new pod. */
  podIP(): string
  /** Writes the pod's status; `build` is called with the newest pod known, again after a conflict. Throws PodGone once the pod is gone. */
  writeStatus(uid: string, build: (pod: WirePod) => WireStatus): Promise<void>
  event(pod: WirePod, event: PodEvent): void
  /** Takes the pod out of the API server once all its containers have ended. */
  remove(pod: WirePod): Promise<void>
  /** The decoded data of a Secret or ConfigMap, or undefined when it does not exist. */
  data(kind: 'secret' | 'configmap', namespace: string, name: string): Promise<Record<string, string> | undefined>
  hasImage(image: string): boolean
  pull(image: string): Promise<Pull>
}
