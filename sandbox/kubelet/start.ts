import { z } from 'zod'
import { ApiFailure, connectApi } from './api.ts'
import { scenarios as allScenarios } from './catalogue.ts'
import { realClock } from './clock.ts'
import { eventRecorder } from './event-recorder.ts'
import type { Host } from './host.ts'
import { PodGone } from './host.ts'
import { serveLogs } from './log-server.ts'
import type { RegistryAnswer } from './node-images.ts'
import { nodeImages } from './node-images.ts'
import { heartbeats, registerNode } from './node-registration.ts'
import { persist } from './persist.ts'
import type { PodLife } from './pod-life.ts'
import { livePod } from './pod-life.ts'
import { watchPods } from './pod-watch.ts'
import type { Scenario } from './scenario.ts'
import type { WirePod, WireStatus } from './wire-pod.ts'
import { podSchema } from './wire-pod.ts'

/** How a scripted kubelet is started. */
export interface KubeletOptions {
  /** A kubeconfig file with rights on nodes, pods, events, Secrets and ConfigMaps of the whole cluster. */
  kubeconfig: string
  nodeName: string
  /** Asked at each pull, unless the tag's scenario answers. Default: every image is there. */
  registry?: (reference: string) => Promise<RegistryAnswer>
  /** 10 plays run times, probes, back-offs and terminations ten times as fast. Default 1: the recorded times. */
  speed?: number
  /** Default: the whole catalogue. */
  scenarios?: readonly Scenario[]
  /** Images that the node has from the beginning. */
  images?: readonly string[]
  /** Told of trouble that the kubelet goes on after. */
  log?: (line: string) => void
}

/** A running one. */
export interface Kubelet {
  /** Takes images from the node, by the beginning of their reference; what runs goes on. */
  evict(reference: string): void
  /** Runs short of memory and evicts that pod. False when it has no such pod. */
  evictPod(namespace: string, name: string): boolean
  stop(): Promise<void>
}

const dataSchema = z.looseObject({ data: z.record(z.string(), z.string()).nullish() })

const newer = (a: WirePod, b: WirePod | undefined): WirePod => {
  if (b === undefined) return a
  const [x, y] = [Number(a.metadata.resourceVersion), Number(b.metadata.resourceVersion)]
  return x >= y ? a : b
}

/**
 * Starts a kubelet that plays a node of that cluster: it registers the node and lives every pod bound to it by the
 * scenario that its image's tag names. It goes on through anything the API server does, and picks up what it finds.
 * Throws when the kubeconfig is none. `stop` leaves all pods as they are.
 */
export const startKubelet = async (options: KubeletOptions): Promise<Kubelet> => {
  const { nodeName, speed = 1, scenarios = allScenarios, log = () => undefined } = options
  const stopping = new AbortController()
  const { signal } = stopping
  const api = connectApi(options.kubeconfig)
  const clock = realClock(speed)
  const images = nodeImages(clock, scenarios, options.registry ?? (async () => 'present'))
  for (const image of options.images ?? []) images.add(image)
  const recorder = eventRecorder(api, nodeName, () => clock.now(), signal, log)
  const lives = new Map<string, { life: PodLife; newest: WirePod }>()
  const ips = new Set<string>()
  const since = Date.now()
  let lastIp = 1

  const podPath = ({ namespace, name }: WirePod['metadata']) => `/api/v1/namespaces/${namespace}/pods/${name}`

  const learn = (uid: string, pod: WirePod): WirePod => {
    const entry = lives.get(uid)
    if (entry === undefined || pod.metadata.uid !== uid) throw new PodGone(`pod ${pod.metadata.name} is another one now`)
    entry.newest = newer(pod, entry.newest)
    entry.life.update(entry.newest)
    return entry.newest
  }

  /** Runs work on a pod; "not found" means that its life is over. */
  const onPod = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await persist(work, signal)
    } catch (error) {
      if (error instanceof ApiFailure && error.code === 404) throw new PodGone('the pod is gone', { cause: error })
      throw error
    }
  }

  const writeStatus = async (uid: string, build: (pod: WirePod) => WireStatus): Promise<void> => {
    for (;;) {
      const entry = lives.get(uid)
      if (entry === undefined) throw new PodGone('the pod is gone')
      const { newest } = entry
      const { resourceVersion } = newest.metadata
      const body = { metadata: { uid, resourceVersion }, status: build(newest) }
      try {
        learn(uid, podSchema.parse(await onPod(() => api.patch(`${podPath(newest.metadata)}/status`, body))))
        return
      } catch (error) {
        if (!(error instanceof ApiFailure) || error.code !== 409) throw error
        // Somebody else wrote the pod (a deletion, an eviction): take theirs and say ours again.
        learn(uid, podSchema.parse(await onPod(() => api.get(podPath(newest.metadata)))))
      }
    }
  }

  const host: Host = {
    clock,
    hostIP: '127.0.0.1',
    podIP: () => {
      for (;;) {
        lastIp += 1
        const ip = `198.18.${Math.floor(lastIp / 254) % 254}.${(lastIp % 254) + 1}`
        if (!ips.has(ip)) return ip
      }
    },
    writeStatus,
    event: (pod, event) => recorder.record(pod, event),
    remove: async (pod) => {
      const preconditions = { uid: pod.metadata.uid }
      await onPod(() => api.delete(podPath(pod.metadata), { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, preconditions }))
    },
    data: async (kind, namespace, name) => {
      const kinds = { secret: 'secrets', configmap: 'configmaps' } as const
      try {
        const found = dataSchema.parse(await persist(() => api.get(`/api/v1/namespaces/${namespace}/${kinds[kind]}/${name}`), signal))
        const decode = (value: string) => (kind === 'secret' ? Buffer.from(value, 'base64').toString() : value)
        return Object.fromEntries(Object.entries(found.data ?? {}).map(([key, value]) => [key, decode(value)]))
      } catch (error) {
        if (error instanceof ApiFailure && error.code === 404) return undefined
        throw error
      }
    },
    hasImage: (image) => images.has(image),
    pull: (image) => images.pull(image),
  }

  const begin = (uid: string, pod: WirePod): void => {
    if (typeof pod.status.podIP === 'string') ips.add(pod.status.podIP)
    for (const status of [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])]) {
      if (status.imageID !== '') images.add(status.image)
    }
    const life = livePod(pod, host, scenarios)
    lives.set(uid, { life, newest: pod })
    life.done.catch((error: unknown) => {
      if (!signal.aborted) log(`pod ${pod.metadata.namespace}/${pod.metadata.name}: ${error instanceof Error ? error.message : String(error)}`)
    })
  }

  const server = await serveLogs(() => [...lives.values()].map(({ life }) => life), speed)
  const node = { name: nodeName, ip: '127.0.0.1', port: server.port }
  await registerNode(api, node, since, signal)
  const onPodSeen = (uid: string, pod: WirePod | undefined) => {
    if (pod === undefined) {
      lives.get(uid)?.life.stop()
      lives.delete(uid)
      recorder.forget(uid)
    } else if (lives.has(uid)) learn(uid, pod)
    else begin(uid, pod)
  }
  let watching = Promise.resolve()
  await new Promise<void>((resolve, reject) => {
    watching = watchPods(api, nodeName, { onPod: onPodSeen, onListed: resolve, log }, signal)
    watching.catch(reject)
  })
  const beating = heartbeats(api, node, since, signal, log)

  return {
    evict: images.evict,
    evictPod: (namespace, name) => {
      const found = [...lives.values()].find(({ newest: { metadata } }) => metadata.namespace === namespace && metadata.name === name)
      found?.life.evict('The node was low on resource: memory. Threshold quantity: 100Mi, available: 61440Ki. Container main was using 512Mi, request is 16Mi, has larger consumption of memory. ')
      return found !== undefined
    },
    stop: async () => {
      stopping.abort(new PodGone('the kubelet stops'))
      for (const { life } of lives.values()) life.stop()
      await Promise.all([watching, beating, server.close(), ...[...lives.values()].map(({ life }) => life.done)])
      await recorder.settled()
      await api.close()
    },
  }
}
